internal import DNSWire
public import Pipeline

/// How much a finding matters.
public enum Level: String, Sendable, CaseIterable, Comparable {
    /// Best practice.
    case advice
    /// Probably not meant; served all the same.
    case warning
    /// Wrong, or not served as it is written.
    case error

    public static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .advice: 0
        case .warning: 1
        case .error: 2
        }
    }
}

/// What a finding is about: a built-in ``Fault``, or a policy of the site's own.
public enum Code: Hashable, Sendable, Comparable, CustomStringConvertible {
    case fault(Fault)
    /// Written `site/NAME`.
    case site(String)

    /// Parses `cname-at-apex` or `site/NAME`; `nil` for anything else.
    public init?(_ text: String) {
        if let fault = Fault(rawValue: text) {
            self = .fault(fault)
        } else if text.hasPrefix("site/"), text.utf8.count > 5 {
            self = .site(String(text.dropFirst(5)))
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .fault(let fault): fault.rawValue
        case .site(let name): "site/" + name
        }
    }

    public static func < (a: Code, b: Code) -> Bool { a.description < b.description }
}

/// One fault of a presentation.
public struct Finding: Hashable, Sendable {
    public var level: Level
    public var code: Code
    /// The RRset at fault; of a name without records (an empty non-terminal, a waiver's
    /// place) the type is `ANY`.
    public var key: RecordKey
    /// For people; names the values at fault.
    public var message: String
    /// Where the RRset, or the waiver, is written.
    public var origin: Origin
    /// The waiver that covers it: still a finding, that nobody need act upon.
    public var waiver: Waiver?

    public init(level: Level, code: Code, key: RecordKey, message: String, origin: Origin, waiver: Waiver? = nil) {
        self.level = level
        self.code = code
        self.key = key
        self.message = message
        self.origin = origin
        self.waiver = waiver
    }

    public var isWaived: Bool { waiver != nil }
}

extension Finding: CustomStringConvertible {
    /// One line: level, code, place, message and where it is written.
    public var description: String {
        "\(level.rawValue) \(code) \(key): \(message) (\(origin))" + (waiver.map { " waived: \($0.reason)" } ?? "")
    }
}

extension Finding {
    /// Canonical order of owners (RFC 4034 §6.1), then type, location, code, message and
    /// origin: total, so that the order of the input cannot show.
    static func precedes(_ a: Finding, _ b: Finding) -> Bool {
        if a.key.owner != b.key.owner { return a.key.owner.precedes(b.key.owner) }
        if a.key.type != b.key.type { return a.key.type < b.key.type }
        if a.key.location != b.key.location {
            guard let x = a.key.location else { return true }
            guard let y = b.key.location else { return false }
            return x < y
        }
        if a.code != b.code { return a.code < b.code }
        if a.message != b.message { return a.message < b.message }
        if a.origin != b.origin { return a.origin.precedes(b.origin) }
        return a.key.owner.wire.lexicographicallyPrecedes(b.key.owner.wire)
    }
}

extension Origin {
    /// Any total order.
    func precedes(_ other: Origin) -> Bool {
        if source != other.source { return source < other.source }
        if file != other.file { return file < other.file }
        if line != other.line { return line < other.line }
        if person != other.person { return person < other.person }
        return reason < other.reason
    }
}
