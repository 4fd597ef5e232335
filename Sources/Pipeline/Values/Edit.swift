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
    }

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

    public func isActive(at instant: Instant) -> Bool {
        starts.map { $0 <= instant } ?? true && expires.map { instant < $0 } ?? true
    }
}

/// Milliseconds of Unix time: what clocks say at the edge, a value inside.
public struct Instant: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var milliseconds: Int64
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
    /// Milliseconds from `b` to `a`.
    public static func - (a: Instant, b: Instant) -> Int64 { a.milliseconds - b.milliseconds }
    public func advanced(byMilliseconds n: Int64) -> Instant { Instant(milliseconds: milliseconds + n) }

    /// ISO 8601 in UTC with milliseconds.
    public var description: String { InstantText.format(self) }
}
