internal import DNSWire
public import Pipeline

/// Makes the presentation of sources: the Presenter's work without its loop, for
/// `freshet plan` too.
public struct Presenting: Sendable {
    private let blobs: any Blobs
    private let policy: ConflictPolicy
    private let now: @Sendable () -> Instant

    public init(blobs: any Blobs, policy: ConflictPolicy, now: @escaping @Sendable () -> Instant = Instant.now) {
        self.blobs = blobs
        self.policy = policy
        self.now = now
    }

    /// The presentation of these sources at `instant`, without emergency edits; stores its
    /// new shards, and nothing else.
    ///
    /// Shards whose inputs are those of `previous` are taken from there.
    public func presentation(
        of configuration: Configuration, registrations: Manifest?, previous: Manifest?, at instant: Instant
    ) async throws -> Manifest {
        var generations: [(name: String, manifest: Manifest)] = []
        var edits: [Manifest] = []
        for source in configuration.sources {
            let manifest = try Manifest(decoding: try await blobs.require(source.manifest))
            switch source.kind {
            case .generation: generations.append((source.name, manifest))
            case .edits: edits.append(manifest)
            }
        }
        let all = generations.map(\.manifest) + edits + [registrations].compactMap { $0 }
        guard let sharding = all.first?.sharding, all.allSatisfy({ $0.sharding == sharding }) else {
            throw StoreError(.corrupt, "the sources differ in their number of shards, or there are none")
        }
        let indices = Set(all.flatMap(\.shards.keys)).sorted()
        let job = ShardJob(
            blobs: blobs, policy: policy, generations: generations, edits: edits, registrations: registrations,
            previous: previous?.sharding == sharding ? previous?.reviewed : nil, instant: instant)
        let wanted = try await concurrentMap(indices) { try await job.read($0) }
        // A name hashes to one shard, and what is below it to any.
        let subtrees = wanted.flatMap(\.edits).filter { $0.subtree != nil && $0.isActive(at: instant) }
        let results = try await concurrentMap(Array(zip(indices, wanted))) { index, wanted in
            try await job.present(index, wanted, subtrees: subtrees)
        }
        try await blobs.put(results.compactMap(\.blob))

        var presentation = Manifest(
            source: "presentation", number: (previous?.number ?? 0) + 1, sharding: sharding,
            basis: ["configuration@\(configuration.number)", "registrations@\(registrations?.number ?? 0)"],
            trace: trace(configuration, registrations, since: previous))
        for (index, result) in zip(indices, results) { presentation.shards[index] = result.reference }
        presentation.next = results.compactMap(\.next).min()
        presentation.trace = presentation.trace.adding(.presented, at: now())
        return presentation
    }

    /// `settled` with emergency edits over it: reads and stores the shards that have some.
    ///
    /// - Parameter previous: the presentation before, which says since when they are there.
    public func overlaid(
        _ settled: Manifest, with emergencies: [Emergency], after previous: Manifest?, at instant: Instant
    ) async throws -> Manifest {
        var presentation = settled
        for (index, edits) in Dictionary(grouping: emergencies, by: { settled.sharding.index(of: $0.edit.key.owner) }) {
            var base = Shard()
            if let reference = settled.shards[index] {
                base = try Shard(decoding: try await blobs.require(reference.digest))
                presentation.beneath[index] = reference
            } else {
                let blob = base.encoded
                presentation.beneath[index] = ShardReference(to: base, blob, basis: Digest(of: []))
                try await blobs.put([blob])
            }
            var shard = overlay(edits, on: base)
            if let known = previous?.shards[index] {
                let before = try Shard(decoding: try await blobs.require(known.digest))
                shard.conflicts = shard.conflicts.dated(by: before.conflicts, at: instant)
            } else {
                shard.conflicts = shard.conflicts.dated(by: [], at: instant)
            }
            let blob = shard.encoded
            try await blobs.put([blob])
            presentation.shards[index] = ShardReference(to: shard, blob, basis: presentation.beneath[index]!.basis)
        }
        let times = emergencies.flatMap { [$0.edit.expires, $0.at] }.compactMap { $0 }.filter { $0 > instant }
        presentation.next = ([presentation.next].compactMap { $0 } + times).min()
        return presentation
    }

    /// The trace of what is new; of both, what was seen last.
    private func trace(_ configuration: Configuration, _ registrations: Manifest?, since previous: Manifest?) -> Trace {
        let known = Set(previous?.basis ?? [])
        var news: [Trace] = []
        if !known.contains("configuration@\(configuration.number)") { news.append(configuration.trace) }
        if let registrations, !known.contains("registrations@\(registrations.number)") { news.append(registrations.trace) }
        let latest = news.max { ($0.milestones.first?.at.milliseconds ?? 0) < ($1.milestones.first?.at.milliseconds ?? 0) }
        return latest ?? Trace(cause: "an edit started or expired").adding(.seen, at: now())
    }
}
