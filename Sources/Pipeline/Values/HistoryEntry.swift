/// How one presentation came of the one before: a small blob, which names the entry before it.
///
/// Both sides of each change are named, so that from what is live every presentation
/// before can be put together again by going back.
public struct HistoryEntry: Hashable, Sendable {
    /// Digests of one shard; `nil`: there was, or is, none.
    public struct Change: Hashable, Sendable {
        public var before: Digest?
        public var after: Digest?

        public init(before: Digest?, after: Digest?) {
            self.before = before
            self.after = after
        }
    }

    /// Of the presentation that it led to.
    public var number: UInt64
    public var at: Instant
    public var cause: String
    /// The commit whose configuration it presents; `nil` if none, or that waited for an approval.
    public var commit: Commit?
    /// By shard.
    public var changes: [Int: Change]
    /// Manifests of the sources by name, `pack/Rule` or `edits`; none: as in the entry before.
    public var sources: [String: Digest]
    /// The blob with the entry before; `nil`: there is none.
    public var previous: Digest?

    public init(
        number: UInt64, at: Instant, cause: String, commit: Commit? = nil, changes: [Int: Change] = [:],
        sources: [String: Digest] = [:], previous: Digest? = nil
    ) {
        self.number = number
        self.at = at
        self.cause = cause
        self.commit = commit
        self.changes = changes
        self.sources = sources
        self.previous = previous
    }

    /// What leads from `old` to `new` in the shards `indices`.
    public init(
        from old: Manifest?, to new: Manifest, among indices: [Int], at: Instant, commit: Commit?, sources: [String: Digest]
    ) {
        // Of another sharding nothing can be undone: history begins anew.
        let previous = old?.sharding == new.sharding ? old : nil
        let changes = indices.map { ($0, Change(before: previous?.shards[$0]?.digest, after: new.shards[$0]?.digest)) }
        self.init(
            number: new.number, at: at, cause: new.trace.cause, commit: commit, changes: Dictionary(uniqueKeysWithValues: changes),
            sources: sources, previous: previous?.history)
    }
}
