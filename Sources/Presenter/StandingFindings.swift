internal import Pipeline
public import Validation

/// What is wrong with what is presented, kept up to date at the cost of what changed.
///
/// It has no part in what goes live: it follows, and may be a presentation behind.
public actor StandingFindings {
    /// Findings by fault and level.
    public typealias Counts = [StandingValidation.Kind: Int]

    private let profile: Profile
    private var judged: Manifest?
    private var standing: StandingValidation?

    public init(profile: Profile) { self.profile = profile }

    /// The presentation that was judged last and what is wrong with it; `nil`: none was yet.
    public var counts: (presentation: UInt64, counts: Counts)? {
        guard let judged, let standing else { return nil }
        return (judged.number, standing.findings)
    }

    /// Judges a presentation: what differs from the one before.
    ///
    /// - Parameter known: shards that are decoded already.
    /// - Returns: What is new, with the shards that differ; `nil` if nothing was to be judged.
    func follow(
        _ presentation: Manifest, known: [Digest: Shard], in blobs: any Blobs
    ) async throws -> (update: StandingValidation.Update, shards: [Int: KeptShard])? {
        let before = judged?.sharding == presentation.sharding ? judged : nil
        let indices = presentation.changes(since: before)
        guard !indices.isEmpty || before == nil else {
            judged = presentation
            return nil
        }
        let shards = try await concurrentMap(indices) { index in
            guard let reference = presentation.shards[index] else { return Shard() }
            if let shard = known[reference.digest] { return shard }
            return try Shard(decoding: try await blobs.require(reference.digest))
        }
        // Taken out while it changes: a second reference would make it a copy. Who fails
        // halfway begins anew.
        judged = nil
        var standing = (before == nil ? nil : standing) ?? StandingValidation(sharding: presentation.sharding, profile: profile)
        self.standing = nil
        let update = standing.update(Dictionary(uniqueKeysWithValues: zip(indices, shards)))
        self.standing = standing
        judged = presentation
        var kept: [Int: KeptShard] = [:]
        for (index, shard) in zip(indices, shards) {
            kept[index] = presentation.shards[index].map { KeptShard(digest: $0.digest, shard: shard) }
        }
        return (update, kept)
    }
}
