internal import Logging
internal import Pipeline

extension PresenterStage {
    /// What is shown while a halt is up, before emergency edits: what is live, or what a
    /// presentation before it showed; and the shards in which that differs from what is live.
    ///
    /// A presentation that history does not keep any more cannot come back: what is live stays.
    func shown(under halt: Halt, live: Manifest) async throws -> (manifest: Manifest, changed: [Int]) {
        var shown = live
        shown.basis = live.basis.filter { !$0.hasPrefix(Halt.basisPrefix) } + [halt.basis]
        guard let number = halt.presentation, !live.basis.contains(halt.basis) else { return (shown, []) }
        let history = try await History(of: live, at: .now(), in: store)
        guard let earlier = history.presentation(number) else {
            logger.error("presentation \(number) is not kept: what is live stays", metadata: ["halt": "\(halt.reason)"])
            return (shown, [])
        }
        let changed = live.changes(since: earlier)
        let references = try await concurrentMap(changed) { [store] index -> (Int, ShardReference?) in
            guard let digest = earlier.shards[index]?.digest else { return (index, nil) }
            let blob = try await store.require(digest), shard = try Shard(decoding: blob)
            return (
                index,
                ShardReference(
                    // No inputs make it: once the halt is over, it is made anew.
                    digest: digest, size: blob.count, count: shard.count, basis: digest, conflicts: shard.conflicts.count { !$0.isNotice },
                    zones: shard.zones)
            )
        }
        for (index, reference) in references { shown.shards[index] = reference }
        return (shown, changed)
    }
}
