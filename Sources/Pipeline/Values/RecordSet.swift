public import DNSWire

/// Which clients see a record: a two-octet tinydns location, set by a map entry.
public struct Location: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let octets: (UInt8, UInt8)

    /// One or two ASCII letters or digits, as in a tinydns `%` line; `nil` otherwise.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...2).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
        octets = (bytes[0], bytes.count > 1 ? bytes[1] : 0)
    }

    /// Two octets as stored, the second zero if there is but one; `nil` for anything else.
    public init?(octets: some Collection<UInt8>) {
        let bytes = Array(octets)
        guard bytes.count == 2, Self.isAllowed(bytes[0]), bytes[1] == 0 || Self.isAllowed(bytes[1]) else { return nil }
        self.octets = (bytes[0], bytes[1])
    }

    /// tinydns-data reads locations without escapes, so that others could not be written.
    private static func isAllowed(_ c: UInt8) -> Bool {
        switch c {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    public var bytes: [UInt8] { [octets.0, octets.1] }
    public var description: String { String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self) }

    public static func == (a: Location, b: Location) -> Bool { a.octets == b.octets }
    public static func < (a: Location, b: Location) -> Bool { a.octets < b.octets }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(octets.0)
        hasher.combine(octets.1)
    }
}

/// What one RRset is known by: owner name, type, and the location that sees it.
public struct RecordKey: Hashable, Sendable, CustomStringConvertible {
    public var owner: Name
    public var type: RRType
    /// `nil`: every client.
    public var location: Location?

    public init(owner: Name, type: RRType, location: Location? = nil) {
        self.owner = owner
        self.type = type
        self.location = location
    }

    public var description: String {
        "\(owner) \(type)\(location.map { " @\($0)" } ?? "")"
    }
}

/// Where a value comes from: rule and source line, or edit and person.
public struct Origin: Hashable, Sendable, CustomStringConvertible {
    /// `pack/Rule`, ``edits``, ``registrations`` or ``emergency``.
    public var source: String
    /// Relative to the site's tree; empty if unknown.
    public var file: String
    /// 1-based; 0 if unknown.
    public var line: Int
    /// Who answers for an edit or a registration; empty for a rule.
    public var person: String
    public var reason: String

    public static let edits = "edits"
    public static let registrations = "registrations"
    /// Edits that a person signed and nobody reviewed.
    public static let emergency = "emergency"

    public init(source: String, file: String = "", line: Int = 0, person: String = "", reason: String = "") {
        self.source = source
        self.file = file
        self.line = line
        self.person = person
        self.reason = reason
    }

    /// Whether a rule made it.
    public var isRule: Bool { ![Self.edits, Self.registrations, Self.emergency].contains(source) }

    public var description: String {
        var text = source
        if !file.isEmpty { text += " \(file):\(line)" }
        if !person.isEmpty { text += " by \(person)" }
        return text
    }
}

/// An RRset with where it comes from. TTL in seconds, one for the set (RFC 2181 §5.2).
public struct RecordSet: Hashable, Sendable {
    public var key: RecordKey
    public var ttl: UInt32
    /// Sorted by octets, without duplicates, never empty.
    public private(set) var rdata: [RData]
    public var origin: Origin
    /// What this value took the place of; presentations only.
    public var overrode: [Origin]

    public init(key: RecordKey, ttl: UInt32, rdata: [RData], origin: Origin, overrode: [Origin] = []) {
        self.key = key
        self.ttl = ttl
        self.rdata = Self.canonical(rdata)
        self.origin = origin
        self.overrode = overrode
    }

    public mutating func setRData(_ rdata: [RData]) { self.rdata = Self.canonical(rdata) }

    /// Same answer to a client: origin apart.
    public func serves(sameAs other: RecordSet) -> Bool {
        key == other.key && ttl == other.ttl && rdata == other.rdata
    }

    private static func canonical(_ rdata: [RData]) -> [RData] {
        if rdata.count < 2 { return rdata }
        let sorted = rdata.sorted { $0.wire.lexicographicallyPrecedes($1.wire) }
        var unique: [RData] = []
        for data in sorted where unique.last != data { unique.append(data) }
        return unique
    }
}

/// A line of the location map: clients whose IPv4 address starts with `prefix`
/// are at `location`; the longest prefix wins (tinydns-data(8), `%`).
public struct MapEntry: Hashable, Sendable {
    /// 0 to 4 octets.
    public var prefix: [UInt8]
    public var location: Location
    /// What its clients ask for, in the unit of the site's measurements; 0 if unknown.
    /// Nobody serves it: it tells what a change of the map moves.
    public var demand: Double
    public var origin: Origin

    public init(prefix: [UInt8], location: Location, demand: Double = 0, origin: Origin) {
        precondition(prefix.count <= 4, "an IPv4 prefix has at most four octets")
        self.prefix = prefix
        self.location = location
        self.demand = demand
        self.origin = origin
    }

    public var prefixText: String { prefix.isEmpty ? "*" : prefix.map(String.init).joined(separator: ".") }
}
