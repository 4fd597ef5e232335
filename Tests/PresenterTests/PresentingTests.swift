import DNSWire
import Pipeline
import Presenter
import Synchronization
import TestSupport
import Testing

/// Blobs that know what was put.
private final class CountingBlobs: Blobs {
    let store: EmbeddedStore
    private let count = Mutex(0)

    init(_ store: EmbeddedStore) { self.store = store }

    func put(_ blobs: [[UInt8]]) async throws -> [Digest] {
        count.withLock { $0 += blobs.count }
        return try await store.put(blobs)
    }

    func get(_ digest: Digest) async throws -> [UInt8]? { try await store.get(digest) }

    /// How many were put since it was asked before.
    func taken() -> Int {
        count.withLock { count in
            defer { count = 0 }
            return count
        }
    }
}

/// Sources that change at random, as stored values.
struct World {
    var blobs: EmbeddedStore
    let sharding = Sharding(count: 8)
    var generations: [String: [RecordKey: RecordSet]] = ["pack/A": [:], "pack/B": [:]]
    var edits: [Edit] = []
    var registrations: [Edit] = []
    var number: UInt64 = 0

    mutating func change(_ random: inout Seeded) {
        number += 1
        func key(_ random: inout Seeded) -> RecordKey {
            RecordKey(owner: try! Name("\(random.pick(["a", "b", "c", "d", "e", "f"]))."), type: random.pick([.a, .a, .cname, .soa]))
        }
        func value(_ type: RRType, _ random: inout Seeded) -> RData {
            let name = try! Name("x\(random.below(2)).")
            return switch type {
            case .cname: .name(name)
            case .soa: .soa(primary: name, mailbox: name, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5)
            default: .a((192, 0, 2, UInt8(random.below(4))))
            }
        }
        let key = key(&random)
        switch random.below(5) {
        case 0, 1:
            let pack = random.pick(["pack/A", "pack/B"])
            let record = RecordSet(key: key, ttl: 60, rdata: [value(key.type, &random)], origin: Origin(source: pack, file: "R.swift", line: 1))
            generations[pack]![key] = generations[pack]![key] == nil ? record : nil
        case 2:
            registrations.removeAll { $0.key == key }
            if random.chance(2) {
                registrations.append(
                    Edit(action: .set, key: key, ttl: 30, rdata: [value(key.type, &random)], origin: Origin(source: Origin.registrations, person: "web1")))
            }
        case 3 where !edits.isEmpty: edits.remove(at: random.below(edits.count))
        default:
            let action = random.pick(Edit.Action.allCases)
            edits.append(
                Edit(
                    action: action, key: key, ttl: action.makesValues ? 30 : nil, rdata: action.makesValues ? [value(key.type, &random)] : [],
                    origin: Origin(source: Origin.edits, file: "edits/a.yaml", line: Int(number), person: "ada"),
                    overrides: random.chance(2) ? "pack/A" : nil,
                    expires: random.chance(3) ? Instant(milliseconds: Int64(number) * 10 + Int64(random.below(40))) : nil))
        }
    }

    private func store(_ source: String, _ shards: [Int: (blob: [UInt8], count: Int)]) async throws -> Manifest {
        var manifest = Manifest(source: source, number: number, sharding: sharding)
        for (index, shard) in shards {
            let digest = try await blobs.put([shard.blob])[0]
            manifest.shards[index] = ShardReference(digest: digest, size: shard.blob.count, count: shard.count, basis: digest)
        }
        return manifest
    }

    func stored() async throws -> (configuration: Configuration, registrations: Manifest, all: [Manifest]) {
        var sources: [Configuration.Source] = []
        var all: [Manifest] = []
        for (name, records) in generations {
            let shards = sharding.spread(records: Array(records.values), map: [])
            let manifest = try await store(name, shards.mapValues { ($0.encoded, $0.count) })
            let digest = try await blobs.put([manifest.encoded])[0]
            sources.append(.init(name: name, kind: .generation, manifest: digest, basis: digest))
            all.append(manifest)
        }
        let written = try await store(Origin.edits, sharding.spread(edits: edits).mapValues { (Edit.encode($0), $0.count) })
        let digest = try await blobs.put([written.encoded])[0]
        sources.append(.init(name: Origin.edits, kind: .edits, manifest: digest, basis: digest))
        let registered = try await store(Origin.registrations, sharding.spread(edits: registrations).mapValues { (Edit.encode($0), $0.count) })
        let configuration = Configuration(number: number, commit: nil, trace: Trace(cause: "\(number)"), sources: sources)
        return (configuration, registered, all.sorted { $0.source < $1.source } + [written, registered])
    }

    var instant: Instant { Instant(milliseconds: Int64(number) * 10) }
}

@Suite struct PresentingTests {
    /// But for `refuse`, what was presented before decides nothing.
    @Test(arguments: [1, 2, 3, 4] as [UInt64], ConflictPolicy.all.filter { !$0.remembers })
    func incrementalIsFromScratch(_ seed: UInt64, _ policy: ConflictPolicy) async throws {
        let directory = try TemporaryDirectory("presenting")
        let store = try EmbeddedStore(directory: directory.path)
        let counting = CountingBlobs(store)
        let presenting = Presenting(blobs: counting, policy: policy, now: { Instant(milliseconds: 1) })
        let fresh = Presenting(blobs: store, policy: policy, now: { Instant(milliseconds: 1) })
        var random = Seeded(seed)
        var world = World(blobs: store)
        var previous: Manifest?
        var before: [[Int: Digest]]?
        var conflicts = 0, zones = 0, reused = 0
        for _ in 0..<50 {
            world.change(&random)
            let (configuration, registrations, all) = try await world.stored()
            let next = try await presenting.presentation(of: configuration, registrations: registrations, previous: previous, at: world.instant)
            let scratch = try await fresh.presentation(of: configuration, registrations: registrations, previous: nil, at: world.instant)
            for index in 0..<8 {
                let ours = try await shard(next, index, store), theirs = try await shard(scratch, index, store)
                #expect(ours.undated == theirs.undated)
                #expect(next.shards[index]?.basis == scratch.shards[index]?.basis)
            }
            #expect(next.zones == scratch.zones)
            #expect(next.conflicts == scratch.conflicts)
            #expect(next.next == scratch.next)
            #expect(next.number == (previous?.number ?? 0) + 1)

            // Shards none of whose sources changed, and in which no edit expired, are left alone.
            let now = all.map { $0.shards.mapValues(\.digest) }
            let crossed = world.edits.filter { $0.expires.map { $0 <= world.instant && $0 > world.instant.advanced(byMilliseconds: -10) } ?? false }
            let touched = (0..<8).filter { index in
                before.map { zip($0, now).contains { $0[index] != $1[index] } } ?? true
                    || crossed.contains { world.sharding.index(of: $0.key.owner) == index }
            }
            #expect(counting.taken() <= touched.count)
            reused += 8 - touched.count
            (previous, before) = (next, now)
            conflicts = max(conflicts, next.conflicts)
            zones = max(zones, next.zones.count)
        }
        #expect(conflicts > 0 && zones > 0 && reused > 200, "the changes tried something")
    }

    private func shard(_ manifest: Manifest, _ index: Int, _ blobs: any Blobs) async throws -> Shard {
        guard let reference = manifest.shards[index] else { return Shard() }
        return try Shard(decoding: try await blobs.require(reference.digest))
    }

    @Test func unchangedIsNotComputed() async throws {
        let directory = try TemporaryDirectory("presenting")
        let store = try EmbeddedStore(directory: directory.path)
        let counting = CountingBlobs(store)
        var random = Seeded(9)
        var world = World(blobs: store)
        for _ in 0..<20 { world.change(&random) }
        world.edits.removeAll { $0.expires != nil }
        let (configuration, registrations, _) = try await world.stored()
        let owner = Presenting(blobs: counting, policy: .owner)
        let first = try await owner.presentation(of: configuration, registrations: registrations, previous: nil, at: world.instant)
        #expect(counting.taken() == first.shards.count)
        let second = try await owner.presentation(of: configuration, registrations: registrations, previous: first, at: world.instant)
        #expect(counting.taken() == 0)
        #expect(second.shards == first.shards)
        // The policy is an input too.
        let human = Presenting(blobs: counting, policy: .human)
        _ = try await human.presentation(of: configuration, registrations: registrations, previous: first, at: world.instant)
        #expect(counting.taken() == first.shards.count)
    }

    @Test func differentShardings() async throws {
        let directory = try TemporaryDirectory("presenting")
        let store = try EmbeddedStore(directory: directory.path)
        let world = World(blobs: store)
        let (configuration, _, _) = try await world.stored()
        let other = Manifest(source: Origin.registrations, number: 1, sharding: Sharding(count: 9))
        let error = await #expect(throws: StoreError.self) {
            _ = try await Presenting(blobs: store, policy: .owner).presentation(
                of: configuration, registrations: other, previous: nil, at: world.instant)
        }
        #expect(error?.code == .corrupt)
    }
}
