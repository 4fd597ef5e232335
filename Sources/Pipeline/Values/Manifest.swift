public import DNSWire

/// The shards of one source or stage: the only thing that changes, and all that is watched.
public struct Manifest: Hashable, Sendable {
    /// `pack/Rule`, `edits`, `registrations` or `presentation`.
    public var source: String
    /// Rises by one with each change.
    public var number: UInt64
    public var sharding: Sharding
    /// By shard index; empty shards are left out.
    public var shards: [Int: ShardReference]
    /// `name@number` of what this was made from.
    public var basis: [String]
    public var trace: Trace
    /// Presentations: when an edit starts or expires next.
    public var next: Instant?
    /// Presentations: what lies beneath the emergency edits, of the shards that have some.
    public var beneath: [Int: ShardReference] = [:]
    /// Presentations: the blob with the ``HistoryEntry`` that tells how it came to be.
    public var history: Digest?

    public init(
        source: String, number: UInt64, sharding: Sharding, shards: [Int: ShardReference] = [:], basis: [String] = [],
        trace: Trace = Trace(cause: ""), next: Instant? = nil
    ) {
        self.source = source
        self.number = number
        self.sharding = sharding
        self.shards = shards
        self.basis = basis
        self.trace = trace
        self.next = next
    }

    /// What this would be without emergency edits: all of it was reviewed.
    public var reviewed: Manifest {
        if beneath.isEmpty { return self }
        var reviewed = self
        reviewed.shards.merge(beneath) { $1 }
        reviewed.beneath = [:]
        return reviewed
    }

    /// RRsets and map entries, or edits, in all shards.
    public var count: Int { shards.values.reduce(0) { $0 + $1.count } }

    /// Presentations: how many conflicts the shards report.
    public var conflicts: Int { shards.values.reduce(0) { $0 + $1.conflicts } }

    /// Presentations: the apexes (owner names of SOA RRsets) in canonical order.
    public var zones: [Name] { shards.values.flatMap(\.zones).sorted { $0.precedes($1) } }

    /// Presentations: the apexes at or above `owner`; looks at the shards of these names only.
    public func zones(above owner: Name) -> [Name] {
        var zones: [Name] = []
        var name: Name? = owner
        while let candidate = name {
            if shards[sharding.index(of: candidate)]?.zones.contains(candidate) ?? false { zones.append(candidate) }
            name = candidate.parent
        }
        return zones
    }

    /// Indices of shards whose content is not that of `other`, in order.
    ///
    /// - Parameter indices: where to look; `nil`: everywhere.
    public func changes(since other: Manifest?, among indices: Set<Int>? = nil) -> [Int] {
        let places = indices.map { $0.sorted() } ?? Array(0..<max(sharding.count, other?.sharding.count ?? 0))
        return places.filter { shards[$0]?.digest != other?.shards[$0]?.digest }
    }

    /// The digest of the content alone: equal content, equal digest, whatever the number.
    public var contentDigest: Digest {
        Digest(of: shards.sorted { $0.key < $1.key }.flatMap { [UInt8($0.key >> 8), UInt8($0.key & 0xFF)] + $0.value.digest.bytes })
    }
}

/// One shard's blob, and what it was computed from.
public struct ShardReference: Hashable, Sendable {
    public var digest: Digest
    /// Octets.
    public var size: Int
    /// RRsets and map entries, or edits.
    public var count: Int
    /// Digest of all inputs of the computation: unchanged, so is the shard.
    public var basis: Digest
    /// Presentations: how many conflicts the shard reports.
    public var conflicts: Int
    /// Presentations: owner names of its SOA RRsets.
    public var zones: [Name]

    public init(digest: Digest, size: Int, count: Int, basis: Digest, conflicts: Int = 0, zones: [Name] = []) {
        self.digest = digest
        self.size = size
        self.count = count
        self.basis = basis
        self.conflicts = conflicts
        self.zones = zones
    }
}

/// A change's way through the pipeline, with the time of each step.
public struct Trace: Hashable, Sendable {
    /// A commit id, or what else set it off (`input NAME`, `registration`, `heartbeat`).
    public var cause: String
    public var milestones: [Milestone]

    public init(cause: String, milestones: [Milestone] = []) {
        self.cause = cause
        self.milestones = milestones
    }

    /// The cause of a presentation to which nothing but emergency edits came.
    public static let emergency = "emergency edit"
    public var isEmergency: Bool { cause == Self.emergency }

    public func adding(_ stage: Milestone.Stage, at instant: Instant) -> Trace {
        Trace(cause: cause, milestones: milestones + [Milestone(stage: stage, at: instant)])
    }

    public func time(of stage: Milestone.Stage) -> Instant? { milestones.last { $0.stage == stage }?.at }
}

public struct Milestone: Hashable, Sendable {
    public enum Stage: String, Sendable, CaseIterable {
        /// The Configurator noticed the commit, input or registration.
        case seen
        /// The pack was built from the commit's sources.
        case packBuilt
        /// The rules ran; their shards are stored.
        case rulesRun
        case presented
        case published
        /// All files of the release are here and verified.
        case fetched
        /// tinydns reads the new database.
        case deployed
        /// The stamp was read back by DNS.
        case seenThroughTinydns, seenThroughUnbound
    }

    public var stage: Stage
    public var at: Instant

    public init(stage: Stage, at: Instant) {
        self.stage = stage
        self.at = at
    }
}

/// A commit of the site's repository.
public struct Commit: Hashable, Sendable {
    public var id: String
    public var author: String
    public var subject: String

    public init(id: String, author: String, subject: String) {
        self.id = id
        self.author = author
        self.subject = subject
    }
}

/// All reviewed sources as of one commit: a commit takes effect as one.
public struct Configuration: Hashable, Sendable {
    public struct Source: Hashable, Sendable {
        public enum Kind: Hashable, Sendable { case generation, edits }

        public var name: String
        public var kind: Kind
        /// The blob with this source's ``Manifest``.
        public var manifest: Digest
        /// What the rule read: file and digest.
        public var inputs: [String: Digest]
        /// Why the last run failed, while the last good generation stays live.
        public var failure: String?
        /// Digest of the pack and all inputs: unchanged, the rule need not run.
        public var basis: Digest

        public init(
            name: String, kind: Kind, manifest: Digest, inputs: [String: Digest] = [:], failure: String? = nil, basis: Digest
        ) {
            self.name = name
            self.kind = kind
            self.manifest = manifest
            self.inputs = inputs
            self.failure = failure
            self.basis = basis
        }
    }

    public var number: UInt64
    public var commit: Commit?
    public var trace: Trace
    /// Sorted by name.
    public var sources: [Source]

    public init(number: UInt64, commit: Commit?, trace: Trace, sources: [Source]) {
        self.number = number
        self.commit = commit
        self.trace = trace
        self.sources = sources.sorted { $0.name < $1.name }
    }
}
