public import DNSWire

/// What a person (reviewed edit) or a server (registration) wants of one RRset.
public struct Edit: Hashable, Sendable {
    public enum Action: String, Sendable, CaseIterable {
        /// The RRset is exactly these values.
        case set
        /// These values too.
        case add
        /// These values not; without values, the RRset not at all.
        case remove
        /// The RRset is exactly these values, whatever any source comes to want.
        case pin
        /// The RRset is another writer's: neither made nor removed here. Of the type
        /// ``everyType``: all RRsets of the name. Of an owner `*.x`: all below x.
        case external

        /// Whether it comes with values and a TTL; a removal may have values.
        public var makesValues: Bool { self != .remove && self != .external }
    }

    /// What stands for every type in an ``Action/external`` edit: no record has it (QTYPE `*`, RFC 1035 §3.2.3).
    public static let everyType = RRType(rawValue: 255)

    public var action: Action
    public var key: RecordKey
    /// Seconds; `nil` where the action needs none.
    public var ttl: UInt32?
    public var rdata: [RData]
    public var origin: Origin
    /// The source it means to override, `pack/Rule`; `nil` if it names none.
    public var overrides: String?
    public var starts: Instant?
    public var expires: Instant?

    public init(
        action: Action, key: RecordKey, ttl: UInt32? = nil, rdata: [RData] = [], origin: Origin,
        overrides: String? = nil, starts: Instant? = nil, expires: Instant? = nil
    ) {
        self.action = action
        self.key = key
        self.ttl = ttl
        self.rdata = rdata
        self.origin = origin
        self.overrides = overrides
        self.starts = starts
        self.expires = expires
    }

    /// Whether it hands over what is at `key`.
    public func handsOver(_ key: RecordKey) -> Bool {
        guard action == .external, self.key.type == Self.everyType || self.key.type == key.type,
            self.key.location == nil || self.key.location == key.location
        else { return false }
        if let top = subtree { return key.owner != top && key.owner.isWithin(top) }
        return key.owner == self.key.owner
    }

    /// The name below which everything is another writer's.
    public var subtree: Name? { action == .external && key.owner.isWildcard ? key.owner.parent : nil }

    /// Those that are in force, or will be, and end within `within` milliseconds (a week
    /// by default), the next first.
    public static func expiring(_ edits: [Edit], within: Int64 = 7 * 86_400_000, at instant: Instant) -> [Edit] {
        edits.compactMap { edit in edit.expires.map { (edit, $0) } }
            .filter { $0.1 > instant && $0.1.isWithin(within, of: instant) }
            .sorted { ($0.1, $0.0.key.description, $0.0.origin.line) < ($1.1, $1.0.key.description, $1.0.origin.line) }
            .map(\.0)
    }

    public func isActive(at instant: Instant) -> Bool {
        starts.map { $0 <= instant } ?? true && expires.map { instant < $0 } ?? true
    }
}

/// Milliseconds of Unix time: what clocks say at the edge, a value inside.
public struct Instant: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var milliseconds: Int64
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
    /// Milliseconds from `b` to `a`; the nearest that there is where an instant read from elsewhere is absurd.
    public static func - (a: Instant, b: Instant) -> Int64 {
        let (distance, overflow) = a.milliseconds.subtractingReportingOverflow(b.milliseconds)
        return overflow ? (a.milliseconds < b.milliseconds ? -Int64.max : Int64.max) : distance
    }

    /// Whether it is at most `n` milliseconds after `b`; also where the distance is over 2⁶³.
    func isWithin(_ n: Int64, of b: Instant) -> Bool {
        let (distance, overflow) = milliseconds.subtractingReportingOverflow(b.milliseconds)
        return overflow ? milliseconds < b.milliseconds : distance <= n
    }

    /// The first or the last instant there is where it would be beyond.
    public func advanced(byMilliseconds n: Int64) -> Instant {
        let (sum, overflow) = milliseconds.addingReportingOverflow(n)
        return Instant(milliseconds: overflow ? (n < 0 ? .min : .max) : sum)
    }

    /// ISO 8601 in UTC with milliseconds.
    public var description: String { InstantText.format(self) }
}
