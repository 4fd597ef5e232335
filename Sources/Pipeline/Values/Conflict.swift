public import DNSWire

/// Two sources that want one RRset (or one prefix), and how that was settled; or
/// something in force that nobody should forget (``isNotice``).
public struct Conflict: Hashable, Sendable {
    public struct Party: Hashable, Sendable {
        public var origin: Origin
        public var ttl: UInt32
        public var rdata: [RData]
        /// Wants the RRset gone.
        public var removes: Bool

        public init(origin: Origin, ttl: UInt32 = 0, rdata: [RData] = [], removes: Bool = false) {
            self.origin = origin
            self.ttl = ttl
            self.rdata = rdata
            self.removes = removes
        }
    }

    public var key: RecordKey
    public var parties: [Party]
    /// Index into `parties`; `nil` if nobody's value is served.
    public var winner: Int?
    /// The policy that settled it, as written in the configuration, or the rule that did.
    public var policy: String
    public var explanation: String
    /// When it was presented first; kept for as long as its ``identity`` stays.
    public var since: Instant?

    public init(
        key: RecordKey, parties: [Party], winner: Int?, policy: String, explanation: String, since: Instant? = nil
    ) {
        self.key = key
        self.parties = parties
        self.winner = winner
        self.policy = policy
        self.explanation = explanation
        self.since = since
    }
}

extension Conflict {
    /// What is reported under these names is in force as somebody wrote it.
    public static let pin = "pin", emergency = "emergency", replacesEmergency = "replaces emergency"

    /// In force as a person wrote it, and listed so that it is not forgotten: nothing had to be settled.
    public var isNotice: Bool { [Self.pin, Self.emergency, Self.replacesEmergency].contains(policy) && winner != nil }

    /// What makes two reports one conflict: RRset, policy, and whose wishes meet. Not the
    /// line that a wish is on, nor its values, which may change while the conflict stays; but
    /// other values in place of an emergency edit are another review's.
    public struct Identity: Hashable, Sendable {
        private let key: RecordKey
        private let policy: String
        private let parties: [[String]]
        private let values: [RData]

        fileprivate init(_ conflict: Conflict) {
            key = conflict.key
            policy = conflict.policy
            parties = conflict.parties.map { [$0.origin.source, $0.origin.file, $0.origin.person] }
            values = conflict.policy == Conflict.replacesEmergency ? conflict.parties.flatMap(\.rdata) : []
        }
    }

    public var identity: Identity { Identity(self) }

    /// Numbers of conflicts by policy, for a metric; notices among them.
    public static func counts(_ conflicts: some Sequence<Conflict>) -> [String: Int] {
        conflicts.reduce(into: [:]) { $0[$1.policy, default: 0] += 1 }
    }
}

extension [Conflict] {
    /// Those that are not among `known`, each of which stands for one.
    public func new(since known: [Conflict]) -> [Conflict] {
        var left = known.reduce(into: [Conflict.Identity: Int]()) { $0[$1.identity, default: 0] += 1 }
        return filter { conflict in
            guard let count = left[conflict.identity], count > 0 else { return true }
            left[conflict.identity] = count - 1
            return false
        }
    }

    /// Says of each since when it is there: as `known` has it, else `instant`.
    public func dated(by known: [Conflict], at instant: Instant) -> [Conflict] {
        var first: [Conflict.Identity: Instant] = [:]
        for conflict in known {
            guard let since = conflict.since else { continue }
            first[conflict.identity] = Swift.min(first[conflict.identity] ?? since, since)
        }
        return map { conflict in
            var conflict = conflict
            conflict.since = conflict.since ?? first[conflict.identity] ?? instant
            return conflict
        }
    }
}
