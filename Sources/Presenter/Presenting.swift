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
        try await present(configuration, registrations: registrations, previous: previous, at: instant, known: nil).manifest
    }

    /// As ``presentation(of:registrations:previous:at:)``; looks only at shards that are not as `known` says.
    ///
    /// - Parameters:
    ///   - known: the outcome of a call before, by the same policy. It changes how much work
    ///     this is, and nothing else.
    ///   - kept: presented shards that are decoded already; the same holds of them.
    func present(
        _ configuration: Configuration, registrations: Manifest?, previous: Manifest?, at instant: Instant, known: Presented?,
        kept: [Int: KeptShard] = [:]
    ) async throws -> Presented {
        let inputs = try await PresentingInputs(configuration, registrations, known: known?.inputs, in: blobs)
        let live = previous?.sharding == inputs.sharding ? previous?.reviewed : nil
        var job = ShardJob(blobs: blobs, policy: policy, inputs: inputs, previous: live, instant: instant)
        var wishes = Wishes()
        var touched = inputs.indices
        var stays: [Int: ShardReference] = [:]
        if let known, let live, known.instant <= instant, let changes = inputs.changes(since: known.inputs) {
            wishes = known.wishes
            let crossed = wishes.crossed(at: instant)
            try await wishes.read(changes.union(crossed), job)
            if wishes.subtrees(at: instant) == known.subtrees {
                // What was not let through, or has become other by somebody else's hand, is made anew.
                touched = changes.union(crossed).union(live.differences(of: known.manifest))
                stays = live.shards
                (job.known, job.kept) = (known, kept)
            }
        } else {
            try await wishes.read(touched, job)
        }
        let subtrees = wishes.subtrees(at: instant)
        let indices = touched.filter(inputs.has).sorted()
        let results = try await concurrentMap(indices) { [wishes, job] index in
            try await job.present(index, wishes[index], subtrees: subtrees)
        }
        try await blobs.put(results.compactMap(\.blob))

        var presentation = Manifest(
            source: "presentation", number: (previous?.number ?? 0) + 1, sharding: inputs.sharding, shards: stays,
            basis: ["configuration@\(configuration.number)", "registrations@\(registrations?.number ?? 0)"],
            trace: trace(configuration, registrations, since: previous))
        for index in touched { presentation.shards[index] = nil }
        var decoded: [Digest: Shard] = [:]
        for (index, result) in zip(indices, results) {
            presentation.shards[index] = result.reference
            if known != nil || results.count <= Presented.decodedAtMost { decoded[result.reference.digest] = result.shard }
        }
        presentation.next = wishes.next
        presentation.trace = presentation.trace.adding(.presented, at: now())
        return Presented(
            manifest: presentation, changed: presentation.changes(since: previous?.reviewed, among: stays.isEmpty ? nil : touched),
            decoded: decoded, inputs: inputs, wishes: wishes, subtrees: subtrees, instant: instant)
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
