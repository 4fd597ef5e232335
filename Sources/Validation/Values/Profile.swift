public import DNSWire
public import Pipeline

/// What a site wants judged, and how sternly.
public struct Profile: Sendable {
    /// Faults that are not looked for.
    public var off: Set<Code> = [.fault(.ptrMissing)]
    /// Levels other than the built-in ones. Faults that tinydns cannot serve stay errors.
    public var levels: [Code: Level] = [:]
    /// Zones (and what is below them) for inside use, where private addresses belong;
    /// beside those that are private by name, such as `home.arpa.`
    public var privateZones: [Name] = []
    /// Locations that the map gives to some client; `nil` if the map is not known.
    public var locations: Set<Location>?
    public var thresholds = Thresholds()

    public init() {}

    public struct Thresholds: Hashable, Sendable {
        /// Seconds; shorter TTLs are advised against.
        public var tinyTTL: UInt32 = 30
        /// Seconds; longer TTLs are advised against.
        public var hugeTTL: UInt32 = 7 * 86_400
        /// CNAMEs one after another; more are a warning.
        public var aliases = 1
        /// CNAMEs one after another; more are an error. At most 16 are followed.
        public var mostAliases = 8
        /// Octets of a TXT record's strings together.
        public var text = 4096
        /// Name servers of a zone.
        public var nameServers = 2
        /// Octets of a response; more are a warning (RFC 1035 §4.2.1).
        public var response = 512
        /// Octets of a response; more are an error.
        public var largestResponse = 4096
        /// DNS look-ups of an SPF record (RFC 7208 §4.6.4).
        public var spfLookups = 10
        /// Look-ups that find nothing (RFC 7208 §4.6.4).
        public var spfVoidLookups = 2
        /// Seconds; the largest negative TTL (RFC 2308 §5).
        public var negativeTTL: UInt32 = 86_400

        public init() {}
    }

    func level(of code: Code, _ proposed: Level) -> Level? {
        if case .fault(let fault) = code, !fault.explanation.isWaivable { return fault.explanation.level }
        return off.contains(code) ? nil : levels[code] ?? proposed
    }
}
