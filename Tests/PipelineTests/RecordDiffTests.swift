import DNSWire
import TestSupport
import Testing

@testable import Pipeline

@Suite struct RecordDiffTests {
    private let directory: TemporaryDirectory
    private let store: EmbeddedStore
    private let origin = Origin(source: "pack/A")

    init() throws {
        directory = try TemporaryDirectory("diff")
        store = try EmbeddedStore(directory: directory.path)
    }

    private func manifest(
        _ records: [RecordSet], _ map: [MapEntry] = [], conflicts: [Conflict] = [], shards: Int = 8
    ) async throws -> Manifest {
        let sharding = Sharding(count: shards)
        var manifest = Manifest(source: "presentation", number: 1, sharding: sharding)
        for (index, shard) in sharding.spread(records: records, map: map) {
            var shard = shard
            shard.conflicts = conflicts.filter { sharding.index(of: $0.key.owner) == index }
            let digest = try await store.put([shard.encoded])[0]
            manifest.shards[index] = ShardReference(digest: digest, size: 1, count: shard.count, basis: digest)
        }
        return manifest
    }

    private func set(_ name: String, _ last: UInt8, ttl: UInt32 = 60, origin: Origin? = nil) throws -> RecordSet {
        RecordSet(key: RecordKey(owner: try Name(name), type: .a), ttl: ttl, rdata: [.a((192, 0, 2, last))], origin: origin ?? self.origin)
    }

    @Test func kinds() async throws {
        let old = try await manifest(
            [set("b.", 1), set("a.", 1), set("same.", 1), set("ttl.", 1), set("gone.", 1), set("moved.", 1)],
            [MapEntry(prefix: [10], location: Location("aa")!, origin: origin), MapEntry(prefix: [11], location: Location("aa")!, origin: origin)])
        let conflict = Conflict(key: RecordKey(owner: try Name("a."), type: .a), parties: [], winner: nil, policy: "owner", explanation: "")
        let new = try await manifest(
            [
                set("b.", 2), set("a.", 1), set("same.", 1), set("ttl.", 1, ttl: 61), set("new.", 1),
                // Another origin alone is nothing that a client notices.
                set("moved.", 1, origin: Origin(source: "edits", line: 3)),
            ],
            [MapEntry(prefix: [10], location: Location("bb")!, origin: origin), MapEntry(prefix: [12], location: Location("aa")!, origin: origin)],
            conflicts: [conflict])
        let diff = try await RecordDiff(from: old, to: new, in: store)
        #expect(diff.records.map { "\($0.kind) \($0.key.owner)" } == ["change b.", "remove gone.", "add new.", "change ttl."])
        #expect(diff.map.map { "\($0.prefix) \($0.before?.location.description ?? "-") \($0.after?.location.description ?? "-")" }
            == ["[10] aa bb", "[11] aa -", "[12] - aa"])
        #expect(diff.newConflicts == [conflict])
        #expect(try await RecordDiff(from: new, to: new, in: store).isEmpty)
        #expect(try await RecordDiff(from: nil, to: old, in: store).records.count == 6)
    }

    /// In how many shards they are makes no difference.
    @Test func resharded() async throws {
        var random = Seeded(501)
        for _ in 0..<20 {
            func some(_ random: inout Seeded) throws -> (records: [RecordSet], map: [MapEntry], conflicts: [Conflict]) {
                let records = try (0..<30).filter { _ in random.chance(2) }.map { try set("n\($0).", UInt8(random.below(2))) }
                let map = (1..<9).filter { _ in random.chance(2) }
                    .map { MapEntry(prefix: [UInt8($0)], location: Location(random.chance(2) ? "aa" : "bb")!, origin: origin) }
                let conflicts = records.filter { _ in random.chance(3) }
                    .map { Conflict(key: $0.key, parties: [], winner: nil, policy: "owner", explanation: "") }
                return (records, map, conflicts)
            }
            let a = try some(&random), b = try some(&random)
            let old = try await manifest(a.records, a.map, conflicts: a.conflicts)
            let plain = try await RecordDiff(from: old, to: try await manifest(b.records, b.map, conflicts: b.conflicts), in: store)
            for shards in [1, 5, 64] {
                let new = try await manifest(b.records, b.map, conflicts: b.conflicts, shards: shards)
                let diff = try await RecordDiff(from: old, to: new, in: store)
                #expect(diff.records == plain.records && diff.map == plain.map && Set(diff.newConflicts) == Set(plain.newConflicts))
            }
        }
    }

    /// Backwards, every change is the other one.
    @Test func symmetric() async throws {
        var random = Seeded(500)
        for _ in 0..<20 {
            func some(_ random: inout Seeded) throws -> [RecordSet] {
                try (0..<12).filter { _ in random.chance(2) }.map { try set("n\($0).", UInt8(random.below(2))) }
            }
            let a = try await manifest(try some(&random)), b = try await manifest(try some(&random))
            let there = try await RecordDiff(from: a, to: b, in: store), back = try await RecordDiff(from: b, to: a, in: store)
            #expect(there.records.map(\.key) == back.records.map(\.key))
            #expect(there.records.map(\.before) == back.records.map(\.after))
        }
    }
}
