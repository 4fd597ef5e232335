public import DNSWire

/// The presentations that led to the one that is live, as far back as they are kept.
public struct History: Sendable {
    /// How long presentations can be looked at. What is older is swept.
    public struct Retention: Hashable, Sendable {
        /// So many presentations at most, at least one.
        public var keep: Int
        /// Milliseconds.
        public var age: Int64

        public init(keep: Int = 1000, age: Int64 = 30 * 86_400_000) {
            self.keep = max(1, keep)
            self.age = age
        }
    }

    /// What is live.
    public let head: Manifest
    /// The newest first; `entries[0]` led to ``head``.
    public let entries: [HistoryEntry]
    /// The blobs of `entries`.
    public let digests: [Digest]

    init(head: Manifest, entries: [(digest: Digest, entry: HistoryEntry)]) {
        self.head = head
        self.entries = entries.map(\.entry)
        digests = entries.map(\.digest)
    }

    /// Reads back from `head` until `retention` ends, or where what came before is not there
    /// any more: it was swept, or this is a copy without history.
    public init(of head: Manifest, retention: Retention = Retention(), at now: Instant, in blobs: any Blobs) async throws {
        var entries: [(digest: Digest, entry: HistoryEntry)] = []
        var next = head.history
        while let digest = next, entries.count < retention.keep, let blob = try await blobs.get(digest) {
            let entry = try HistoryEntry(decoding: blob)
            // Numbers rise, so that no chain is a ring; the newest stays however old it is.
            if let last = entries.last, entry.number >= last.entry.number || now - entry.at > retention.age { break }
            entries.append((digest, entry))
            next = entry.previous
        }
        self.init(head: head, entries: entries)
    }

    /// The entry of what was live at `instant`; `nil` if that is not kept.
    public func entry(at instant: Instant) -> HistoryEntry? { entries.first { $0.at <= instant } }

    /// The presentation `number` with its shards' digests; `nil` if it is not kept. Of its
    /// shards only ``ShardReference/digest`` means something.
    public func presentation(_ number: UInt64) -> Manifest? {
        guard let place = entries.firstIndex(where: { $0.number == number }) else { return nil }
        var manifest = Manifest(source: head.source, number: number, sharding: head.sharding, trace: Trace(cause: entries[place].cause))
        manifest.shards = head.shards
        manifest.history = digests[place]
        for entry in entries[..<place] {
            for (index, change) in entry.changes {
                manifest.shards[index] = change.before.map { ShardReference(digest: $0, size: 0, count: 0, basis: $0) }
            }
        }
        return manifest
    }

    /// The manifests of the sources that presentation `number` was made from, by name.
    public func sources(of number: UInt64) -> [String: Digest] {
        entries.first { $0.number <= number && !$0.sources.isEmpty }?.sources ?? [:]
    }

    /// One presentation's change of an RRset.
    public struct Event: Hashable, Sendable {
        public var entry: HistoryEntry
        public var change: RecordDiff.Change
    }

    /// What became of the RRsets of a name, the newest first.
    ///
    /// - Parameter type: only RRsets of this type.
    public func events(of owner: Name, type: RRType? = nil, in blobs: any Blobs) async throws -> [Event] {
        let index = head.sharding.index(of: owner)
        let changes = entries.compactMap { $0.changes[index] }
        let digests = Array(Set(changes.flatMap { [$0.before, $0.after] }.compactMap(\.self)))
        let records = try await concurrentMap(digests) { digest in
            try Shard(decoding: try await blobs.require(digest)).records
                .filter { $0.key.owner == owner && (type == nil || $0.key.type == type) }
        }
        return Self.events(entries, index, Dictionary(uniqueKeysWithValues: zip(digests, records)))
    }

    private static func events(_ entries: [HistoryEntry], _ index: Int, _ records: [Digest: [RecordSet]]) -> [Event] {
        entries.flatMap { entry -> [Event] in
            guard let change = entry.changes[index] else { return [] }
            let before = change.before.flatMap { records[$0] } ?? [], after = change.after.flatMap { records[$0] } ?? []
            return RecordDiff(from: before, to: after).records.map { Event(entry: entry, change: $0) }
        }
    }
}
