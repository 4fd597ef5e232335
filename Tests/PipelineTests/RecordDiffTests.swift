import DNSWire
import TestSupport
import Testing

@testable import Pipeline

@Suite struct RecordDiffTests {
    private let directory: TemporaryDirectory
    private let store: EmbeddedStore
    private let sharding = Sharding(count: 8)
    private let origin = Origin(source: "pack/A")

    init() throws {
        directory = try TemporaryDirectory("diff")
        store = try EmbeddedStore(directory: directory.path)
    }

    private func manifest(_ records: [RecordSet], _ map: [MapEntry] = [], conflicts: [Conflict] = []) async throws -> Manifest {
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
