public import DNSClient
public import DNSWire
public import Pipeline

/// What the timestamp TXT record says through one name server. Stale, missing and
/// invalid are three things: none is taken for another.
public enum StampCheck: Sendable, Equatable {
    case fresh(Stamp.Reading, age: Int64)
    /// Older than the bound; ages in milliseconds.
    case stale(Stamp.Reading, age: Int64)
    /// Published more than `tolerance` after now: a clock is wrong.
    case future(Stamp.Reading, ahead: Int64)
    /// The server answers, and has no stamp.
    case missing(ResponseCode)
    /// A TXT is there and is not a stamp of this pipeline.
    case invalid(String)
    case unreachable(String)

    /// Clock differences below this many milliseconds are no fault.
    public static let tolerance: Int64 = 2000

    public var reading: Stamp.Reading? {
        switch self {
        case .fresh(let reading, _), .stale(let reading, _), .future(let reading, _): reading
        case .missing, .invalid, .unreachable: nil
        }
    }

    /// Judges an answer to a TXT query for a stamp's name.
    public init(_ answer: Message, pipeline: String, bound: Duration, now: Instant) {
        let texts = answer.answers.filter { $0.type == .txt }.compactMap(\.rdata.joinedStrings)
        guard let octets = texts.first else {
            self = .missing(answer.responseCode)
            return
        }
        let text = String(decoding: octets, as: UTF8.self)
        guard texts.count == 1, let reading = Stamp.Reading(text) else {
            self = .invalid(text)
            return
        }
        guard reading.pipeline == pipeline else {
            self = .invalid("a stamp of pipeline '\(reading.pipeline)'")
            return
        }
        let age = now - reading.published
        if age < -Self.tolerance {
            self = .future(reading, ahead: -age)
        } else if age > bound.milliseconds {
            self = .stale(reading, age: age)
        } else {
            self = .fresh(reading, age: max(0, age))
        }
    }

    /// Reads a stamp through `server`.
    public static func read(
        _ owner: Name, at server: DNSClient.Server, recursionDesired: Bool, pipeline: String, bound: Duration,
        client: DNSClient
    ) async -> StampCheck {
        do {
            let answer = try await client.query(owner, .txt, at: server, recursionDesired: recursionDesired, timeout: .seconds(1))
            return StampCheck(answer, pipeline: pipeline, bound: bound, now: .now())
        } catch {
            return .unreachable("\(error)")
        }
    }

    /// What is wrong, for people; `nil` if it is fresh.
    public var fault: String? {
        switch self {
        case .fresh: nil
        case .stale(let reading, let age): "stale: release \(reading.release) is \(age) ms old"
        case .future(_, let ahead): "from the future by \(ahead) ms: check the clocks"
        case .missing(let code): "no stamp (\(code))"
        case .invalid(let text): "not a stamp of this pipeline: '\(text.prefix(100))'"
        case .unreachable(let why): "no answer: \(why)"
        }
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
