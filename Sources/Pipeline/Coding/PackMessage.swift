public import DNSWire
internal import Foundation
internal import SwiftProtobuf

/// What the Configurator asks a rule pack: run one rule, with its inputs found here.
public struct PackRequest: Hashable, Sendable {
    public var rule: String
    /// Where to read each declared input now.
    public var inputs: [String: String]

    public init(rule: String, inputs: [String: String]) {
        self.rule = rule
        self.inputs = inputs
    }

    /// Length-delimited, as on the pack's stdin.
    public var encoded: [UInt8] {
        Delimited.frame(
            encode(
                Freshet_V1_PackRequest.with {
                    $0.rule = rule
                    $0.inputs = inputs.sorted { $0.key < $1.key }.map { name, path in
                        .with {
                            $0.name = name
                            $0.path = path
                        }
                    }
                }))
    }

    public init(decoding message: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_PackRequest.self, message)
        self.init(rule: proto.rule, inputs: Dictionary(proto.inputs.map { ($0.name, $0.path) }) { $1 })
    }
}

/// What the pack's policies are asked to judge; the records follow as ``PackReply/records(_:map:)``.
public struct PolicyRequest: Hashable, Sendable {
    /// Apexes; empty: all zones.
    public var zones: [Name]
    public var privateZones: [Name]

    public init(zones: [Name], privateZones: [Name]) {
        self.zones = zones
        self.privateZones = privateZones
    }

    /// Length-delimited, as on the pack's stdin.
    public var encoded: [UInt8] {
        Delimited.frame(
            encode(
                Freshet_V1_PolicyRequest.with {
                    $0.zones = zones.map { .init($0.wire) }
                    $0.privateZones = privateZones.map { .init($0.wire) }
                }))
    }

    public init(decoding message: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_PolicyRequest.self, message)
        func names(_ wires: [Data]) throws(DecodingFault) -> [Name] {
            do { return try wires.map { try Name(wire: Array($0)) } } catch { throw DecodingFault("a zone's name: \(error)") }
        }
        self.init(zones: try names(proto.zones), privateZones: try names(proto.privateZones))
    }
}

/// What one of a site's policies found.
public struct PolicyFinding: Hashable, Sendable {
    public enum Level: Int, Sendable { case advice = 1, warning, error }

    public var level: Level
    public var policy: String
    public var key: RecordKey
    public var message: String
    public var origin: Origin

    public init(level: Level, policy: String, key: RecordKey, message: String, origin: Origin) {
        self.level = level
        self.policy = policy
        self.key = key
        self.message = message
        self.origin = origin
    }
}

/// A rule as its pack describes it.
public struct RuleDescription: Hashable, Sendable {
    public var name: String
    /// Names of the inputs it declares: all that it may read.
    public var inputs: [String]
    public var file: String
    public var line: Int

    public init(name: String, inputs: [String], file: String, line: Int) {
        self.name = name
        self.inputs = inputs
        self.file = file
        self.line = line
    }
}

/// What a pack answers on stdout: record batches, then done; or a fault.
public enum PackReply: Hashable, Sendable {
    case records([RecordSet], map: [MapEntry])
    /// The counts guard against a stream that was cut.
    case done(records: Int, map: Int)
    case fault(message: String, file: String, line: Int)
    case description([RuleDescription], policies: Int)
    case finding(PolicyFinding)

    /// Length-delimited.
    public var encoded: [UInt8] {
        var proto = Freshet_V1_PackReply()
        switch self {
        case .records(let records, let map):
            var origins = OriginTable()
            var content = ProtobufWriter()
            content.reserve(records.count * 48)
            Contents(records: records, map: map).write(to: &content, records: 1, map: 2, &origins)
            for origin in origins.list { origin.write(3, to: &content) }
            var writer = ProtobufWriter()
            writer.reserve(content.octets.count + 8)
            writer.header(1, count: content.octets.count)
            writer.append(content)
            return Delimited.frame(writer.octets)
        case .done(let records, let map):
            proto.done = .with {
                $0.records = UInt64(records)
                $0.map = UInt64(map)
            }
        case .fault(let message, let file, let line):
            proto.fault = .with {
                $0.message = message
                $0.file = file
                $0.line = UInt32(clamping: line)
            }
        case .finding(let finding):
            proto.finding = .with {
                $0.level = .init(rawValue: finding.level.rawValue) ?? .unspecified
                $0.policy = finding.policy
                $0.owner = .init(finding.key.owner.wire)
                $0.type = UInt32(finding.key.type.rawValue)
                $0.location = .init(finding.key.location?.bytes ?? [])
                $0.message = finding.message
                $0.origin = finding.origin.proto
            }
        case .description(let rules, let policies):
            proto.description_p = .with {
                $0.policies = UInt32(clamping: policies)
                $0.rules = rules.map { rule in
                    .with {
                        $0.name = rule.name
                        $0.inputs = rule.inputs
                        $0.file = rule.file
                        $0.line = UInt32(clamping: rule.line)
                    }
                }
            }
        }
        return Delimited.frame(encode(proto))
    }

    public init(decoding message: [UInt8]) throws(DecodingFault) {
        if let records = try Self.records(in: message) {
            let contents = try Contents(records, origins: 3, records: 1, map: 2)
            self = .records(contents.records, map: contents.map)
            return
        }
        switch try decode(Freshet_V1_PackReply.self, message).kind {
        case .records: throw DecodingFault("a pack's message with records and more")
        case .done(let done): self = .done(records: Int(clamping: done.records), map: Int(clamping: done.map))
        case .fault(let fault): self = .fault(message: fault.message, file: fault.file, line: Int(fault.line))
        case .description_p(let proto):
            self = .description(
                proto.rules.map { RuleDescription(name: $0.name, inputs: $0.inputs, file: $0.file, line: Int($0.line)) },
                policies: Int(proto.policies))
        case .finding(let proto): self = .finding(try PolicyFinding(proto))
        case nil: throw DecodingFault("a pack's message of unknown kind")
        }
    }
}

extension PackReply {
    /// The records of a message that holds nothing else, by far the most of them.
    private static func records(in message: [UInt8]) throws(DecodingFault) -> ProtobufReader? {
        var reader = ProtobufReader(message)
        guard case (1, .octets(let records))? = try reader.next(), reader.isAtEnd else { return nil }
        return records
    }
}

extension PolicyFinding {
    fileprivate init(_ proto: Freshet_V1_PackReply.Finding) throws(DecodingFault) {
        let location = Location(octets: proto.location)
        guard let owner = try? Name(wire: Array(proto.owner)), let type = UInt16(exactly: proto.type), !proto.policy.isEmpty,
            let level = Level(rawValue: proto.level.rawValue), location != nil || proto.location.isEmpty
        else { throw DecodingFault("a finding without a policy, a level or an RRset") }
        self.init(
            level: level, policy: proto.policy, key: RecordKey(owner: owner, type: RRType(rawValue: type), location: location),
            message: proto.message, origin: Origin(proto.origin))
    }
}

/// Length-delimited framing: a base-128 varint, then that many octets.
public struct Delimited: Sendable {
    /// No message of a pack may be larger: a flood ends in an error, not in memory.
    public static let largestMessage = 16 << 20

    private var buffer: [UInt8] = []
    private var start = 0

    public init() {}

    /// Whether all that was fed has been taken as whole messages.
    public var isEmpty: Bool { start == buffer.count }

    public mutating func feed(_ octets: some Sequence<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: octets)
    }

    /// The next whole message, or `nil` until more is fed.
    public mutating func next() throws(DecodingFault) -> [UInt8]? {
        var length = 0
        var i = start
        var shift = 0
        while true {
            guard i < buffer.count else { return nil }
            guard shift <= 28 else { throw DecodingFault("a message's length is not a varint") }
            length |= Int(buffer[i] & 0x7F) << shift
            i += 1
            if buffer[i - 1] & 0x80 == 0 { break }
            shift += 7
        }
        guard length <= Self.largestMessage else { throw DecodingFault("a message of \(length) octets is over the limit") }
        guard buffer.count - i >= length else { return nil }
        defer { start = i + length }
        return Array(buffer[i..<i + length])
    }

    static func frame(_ message: [UInt8]) -> [UInt8] {
        var octets: [UInt8] = []
        var length = message.count
        repeat {
            octets.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
            length >>= 7
        } while length > 0
        return octets + message
    }
}
