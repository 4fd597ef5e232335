/// Some of the proxies: who gets a release before others do.
public struct Ring: Hashable, Sendable {
    public var name: String
    /// Those that bear all of these labels; none: every proxy.
    public var labels: [String: String]
    /// Of them so many in a hundred, chosen by host name, the same each time; `nil`: all.
    public var percent: Int?

    public init(name: String, labels: [String: String] = [:], percent: Int? = nil) {
        self.name = name
        self.labels = labels
        self.percent = percent
    }

    public func contains(host: String, labels own: [String: String]) -> Bool {
        guard labels.allSatisfy({ own[$0] == $1 }) else { return false }
        return percent.map { Int(SpreadHash.of(host) % 100) < $0 } ?? true
    }
}

/// How releases go from ring to ring, as far as it has come.
public struct Rollout: Hashable, Sendable {
    /// A content on its way through the fleet.
    public struct Flight: Hashable, Sendable {
        public var content: Digest
        /// The presentation that it shows, and the one that the rest of the fleet shows.
        public var presentation: UInt64
        public var stable: UInt64
        /// The outermost ring that has it, by its place in the configuration.
        public var ring: Int
        /// When that ring got it.
        public var since: Instant
        /// Since when all of that ring and those before are good; or one is bad.
        public var goodSince: Instant?
        public var badSince: Instant?
        /// What is bad, or awaited.
        public var trouble: String
        public var isPaused = false
        /// Who was seen good with it: whoever vanishes is missed.
        public var hosts: Set<String> = []

        public init(content: Digest, presentation: UInt64, stable: UInt64, ring: Int = 0, since: Instant, trouble: String = "") {
            self.content = content
            self.presentation = presentation
            self.stable = stable
            self.ring = ring
            self.since = since
            self.trouble = trouble
        }
    }

    public struct Event: Hashable, Sendable {
        public var at: Instant
        public var text: String
        /// Who wanted it; empty: nobody, it follows from what proxies report.
        public var person: String

        public init(at: Instant, text: String, person: String = "") {
            self.at = at
            self.text = text
            self.person = person
        }
    }

    /// A person's wish, for the Publisher to carry out.
    public struct Order: Hashable, Sendable {
        public enum Kind: String, Sendable, CaseIterable { case pause, resume, promote, abort }
        public var kind: Kind
        public var person: String
        public var reason: String
        public var at: Instant

        public init(_ kind: Kind, person: String, reason: String, at: Instant) {
            self.kind = kind
            self.person = person
            self.reason = reason
            self.at = at
        }
    }

    public var flight: Flight?
    /// The latest last; at most ``kept``.
    public private(set) var events: [Event]
    public var order: Order?
    /// Version of the emergency edits that the whole fleet has; `nil`: there were none.
    public var emergency: String?

    static let kept = 100

    public init(flight: Flight? = nil, events: [Event] = [], order: Order? = nil, emergency: String? = nil) {
        self.flight = flight
        self.events = events
        self.order = order
        self.emergency = emergency
    }

    public mutating func note(_ text: String, at instant: Instant, person: String = "") {
        events.append(Event(at: instant, text: text, person: person))
        if events.count > Self.kept { events.removeFirst(events.count - Self.kept) }
    }
}

/// While it is in the store nothing but emergency edits goes live.
public struct Halt: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A person wants what is live to stay.
        case freeze
        /// A person wants what was live before.
        case rollback
        /// A ring did not bear what was on its way.
        case rollout
        /// Emergency edits go to the whole fleet first; ends by itself.
        case emergency
    }

    public var kind: Kind
    /// The presentation that is shown meanwhile; `nil`: what was live.
    public var presentation: UInt64?
    /// Empty: nobody, it came by itself.
    public var person: String
    public var reason: String
    public var since: Instant

    public init(_ kind: Kind, presentation: UInt64? = nil, person: String = "", reason: String, since: Instant) {
        self.kind = kind
        self.presentation = presentation
        self.person = person
        self.reason = reason
        self.since = since
    }

    /// In the basis of what is presented under it.
    public var basis: String { "\(Self.basisPrefix)\(since.milliseconds)" }
    public static let basisPrefix = "halt@"
}
