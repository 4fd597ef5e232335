internal import Pipeline

/// A presentation, and what the next one needs to know of it to look at changes only.
struct Presented: Sendable {
    var manifest: Manifest
    /// Shards whose content is not that of the presentation before, in order.
    var changed: [Int]
    /// New shards; of a first presentation only if they are few.
    var decoded: [Digest: Shard]
    let inputs: PresentingInputs
    let wishes: Wishes
    /// Edits in force that hand over subtrees.
    let subtrees: [Edit]
    let instant: Instant

    static let decodedAtMost = 64
}

/// What people and servers want, by shard.
struct Wishes: Sendable {
    private var shards: [Int: ShardEdits] = [:]
    /// When one of a shard's edits starts or expires next.
    private var times: [Int: Instant] = [:]
    private var handingOver: Set<Int> = []

    subscript(index: Int) -> ShardEdits { shards[index] ?? ShardEdits() }

    /// Reads some shards' edits anew.
    mutating func read(_ indices: Set<Int>, _ job: ShardJob) async throws {
        let indices = Array(indices)
        let read = try await concurrentMap(indices) { try await job.read($0) }
        for (index, wanted) in zip(indices, read) {
            shards[index] = wanted.isEmpty ? nil : wanted
            times[index] = wanted.next(after: job.instant)
            if wanted.edits.contains(where: { $0.subtree != nil }) { handingOver.insert(index) } else { handingOver.remove(index) }
        }
    }

    /// Active edits that hand over subtrees, of all shards, in a fixed order: a name hashes
    /// to one shard, and what is below it to any.
    func subtrees(at instant: Instant) -> [Edit] {
        handingOver.sorted().flatMap { self[$0].edits }.filter { $0.subtree != nil && $0.isActive(at: instant) }
    }

    /// Shards with an edit that has started or expired since it was read.
    func crossed(at instant: Instant) -> [Int] { times.filter { $0.value <= instant }.map(\.key) }

    var next: Instant? { times.values.min() }
}

extension Manifest {
    /// Indices of shards that were not computed from the same, or are in one of both only.
    func differences(of other: Manifest) -> [Int] {
        if shards == other.shards { return [] }
        return (0..<sharding.count).filter { shards[$0]?.basis != other.shards[$0]?.basis }
    }
}
