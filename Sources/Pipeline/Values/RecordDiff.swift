internal import DNSWire

/// What differs between two presentations, as a client would notice it.
public struct RecordDiff: Sendable {
    public struct Change: Hashable, Sendable {
        public enum Kind: String, Sendable { case add, change, remove }

        public var key: RecordKey
        public var before: RecordSet?
        public var after: RecordSet?

        public var kind: Kind { before == nil ? .add : after == nil ? .remove : .change }
    }

    /// Clients of a prefix that go elsewhere.
    public struct MapChange: Hashable, Sendable {
        public var prefix: [UInt8]
        public var before: MapEntry?
        public var after: MapEntry?
    }

    /// In canonical order within a shard; by zone it is for the reader to group.
    public var records: [Change] = []
    public var map: [MapChange] = []
    /// Conflicts that are in the second presentation and not in the first.
    public var newConflicts: [Conflict] = []

    public var isEmpty: Bool { records.isEmpty && map.isEmpty && newConflicts.isEmpty }

    public init(records: [Change] = [], map: [MapChange] = [], newConflicts: [Conflict] = []) {
        self.records = records
        self.map = map
        self.newConflicts = newConflicts
    }

    /// Reads only the shards whose digests differ. `old` may be missing: then all is new.
    ///
    /// - Parameters:
    ///   - indices: shards that may differ; `nil`: any.
    ///   - known: shards that are decoded already.
    public init(
        from old: Manifest?, to new: Manifest, among indices: Set<Int>? = nil, in blobs: any Blobs, known: [Digest: Shard] = [:]
    ) async throws {
        self.init()
        defer { sort() }
        if let old, old.sharding != new.sharding {
            try await compare(old, resharded: new, blobs, known)
            return
        }
        for index in new.changes(since: old, among: indices) {
            let before = try await Self.shard(old?.shards[index], blobs, known)
            compare(before, try await Self.shard(new.shards[index], blobs, known))
        }
    }

    /// Between presentations with other numbers of shards: every name may have another place.
    private mutating func compare(_ old: Manifest, resharded new: Manifest, _ blobs: any Blobs, _ known: [Digest: Shard]) async throws {
        var all = Shard()
        for (_, reference) in old.shards.sorted(by: { $0.key < $1.key }) {
            let shard = try await Self.shard(reference, blobs, known)
            all.records += shard.records
            all.map += shard.map
            all.conflicts += shard.conflicts
        }
        let before = new.sharding.spread(records: all.records, map: all.map)
        var found: [Conflict] = []
        for index in Set(before.keys).union(new.shards.keys).sorted() {
            let after = try await Self.shard(new.shards[index], blobs, known)
            compare(before[index] ?? Shard(), Shard(records: after.records, map: after.map))
            found += after.conflicts
        }
        newConflicts = found.new(since: all.conflicts)
    }

    private mutating func sort() {
        records = Shard.sorted(records, by: \.key)
        map.sort { $0.prefix.lexicographicallyPrecedes($1.prefix) }
    }

    private static func shard(_ reference: ShardReference?, _ blobs: any Blobs, _ known: [Digest: Shard]) async throws -> Shard {
        guard let reference else { return Shard() }
        if let shard = known[reference.digest] { return shard }
        return try Shard(decoding: try await blobs.require(reference.digest))
    }

    /// What differs between some RRsets and others, in canonical order.
    init(from before: [RecordSet], to after: [RecordSet]) {
        compare(Shard(records: before), Shard(records: after))
        records = Shard.sorted(records, by: \.key)
    }

    private mutating func compare(_ before: Shard, _ after: Shard) {
        // Both are in one order, and most of both is the same: what is equal at both ends
        // needs no looking up.
        var start = 0
        while start < min(before.records.count, after.records.count), before.records[start].serves(sameAs: after.records[start]) { start += 1 }
        var (i, j) = (before.records.count, after.records.count)
        while i > start, j > start, before.records[i - 1].serves(sameAs: after.records[j - 1]) { (i, j) = (i - 1, j - 1) }
        let old = Dictionary(before.records[start..<i].map { ($0.key, $0) }) { a, _ in a }
        let new = Dictionary(after.records[start..<j].map { ($0.key, $0) }) { a, _ in a }
        for key in Set(old.keys).union(new.keys) {
            if let a = old[key], let b = new[key], a.serves(sameAs: b) { continue }
            records.append(Change(key: key, before: old[key], after: new[key]))
        }
        if before.map != after.map {
            let oldMap = Dictionary(before.map.map { ($0.prefix, $0) }) { a, _ in a }
            let newMap = Dictionary(after.map.map { ($0.prefix, $0) }) { a, _ in a }
            for prefix in Set(oldMap.keys).union(newMap.keys) where oldMap[prefix]?.location != newMap[prefix]?.location {
                map.append(MapChange(prefix: prefix, before: oldMap[prefix], after: newMap[prefix]))
            }
        }
        newConflicts += after.conflicts.new(since: before.conflicts)
    }
}
