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
    public init(from old: Manifest?, to new: Manifest, in blobs: any Blobs) async throws {
        let indices = Set(new.shards.keys).union(old?.shards.keys ?? [:].keys).sorted()
        for index in indices where old?.shards[index]?.digest != new.shards[index]?.digest {
            let before = try await Self.shard(old?.shards[index], blobs), after = try await Self.shard(new.shards[index], blobs)
            compare(before, after)
        }
        records = Shard.sorted(records, by: \.key)
        map.sort { $0.prefix.lexicographicallyPrecedes($1.prefix) }
    }

    private static func shard(_ reference: ShardReference?, _ blobs: any Blobs) async throws -> Shard {
        guard let reference else { return Shard() }
        return try Shard(decoding: try await blobs.require(reference.digest))
    }

    private mutating func compare(_ before: Shard, _ after: Shard) {
        let old = Dictionary(before.records.map { ($0.key, $0) }) { a, _ in a }
        let new = Dictionary(after.records.map { ($0.key, $0) }) { a, _ in a }
        for key in Set(old.keys).union(new.keys) {
            if let a = old[key], let b = new[key], a.serves(sameAs: b) { continue }
            records.append(Change(key: key, before: old[key], after: new[key]))
        }
        let oldMap = Dictionary(before.map.map { ($0.prefix, $0) }) { a, _ in a }
        let newMap = Dictionary(after.map.map { ($0.prefix, $0) }) { a, _ in a }
        for prefix in Set(oldMap.keys).union(newMap.keys) where oldMap[prefix]?.location != newMap[prefix]?.location {
            map.append(MapChange(prefix: prefix, before: oldMap[prefix], after: newMap[prefix]))
        }
        newConflicts += after.conflicts.new(since: before.conflicts)
    }
}
