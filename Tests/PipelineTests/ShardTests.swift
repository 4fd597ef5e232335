import DNSWire
import TestSupport
import Testing

@testable import Pipeline

@Suite struct ShardTests {
    /// FNV-1a worked out elsewhere: a change here would move every name of a running pipeline.
    @Test(arguments: [
        ("example.net.", 108, 2156, 2), (".", 223, 2015, 3), ("www.Example.net.", 148, 404, 2), ("*.example.net.", 69, 69, 5),
    ])
    func knownAnswers(_ name: String, _ of256: Int, _ of4096: Int, _ of7: Int) throws {
        let name = try Name(name)
        #expect(Sharding(count: 256).index(of: name) == of256)
        #expect(Sharding(count: 4096).index(of: name) == of4096)
        #expect(Sharding(count: 7).index(of: name) == of7)
        #expect(Sharding(count: 1).index(of: name) == 0)
    }

    @Test func prefixes() {
        #expect(Sharding(count: 256).index(ofPrefix: []) == 206)
        #expect(Sharding(count: 256).index(ofPrefix: [10, 1]) == 23)
    }

    @Test func caseDoesNotMove() throws {
        var random = Seeded(1)
        for _ in 0..<500 {
            let name = random.name()
            let upper = try Name(wire: name.wire.map { $0 >= 97 && $0 <= 122 ? $0 - 32 : $0 })
            #expect(Sharding(count: 4096).index(of: name) == Sharding(count: 4096).index(of: upper))
        }
    }

    @Test(arguments: [1, 2, 16, 256])
    func spreadKeepsAll(_ count: Int) {
        var random = Seeded(UInt64(count))
        let sharding = Sharding(count: count)
        let records = (0..<300).map { _ in random.recordSet() }, map = (0..<60).map { _ in random.mapEntry() }
        let shards = sharding.spread(records: records, map: map)
        #expect(Multiset(shards.values.flatMap(\.records)) == Multiset(records))
        #expect(Multiset(shards.values.flatMap(\.map)) == Multiset(map))
        for (index, shard) in shards {
            #expect(!shard.isEmpty)
            #expect(shard.records.allSatisfy { sharding.index(of: $0.key.owner) == index })
            #expect(shard.map.allSatisfy { sharding.index(ofPrefix: $0.prefix) == index })
        }
    }

    /// The octets that shards are sorted by say the same as the definition of the order.
    @Test func orderKeys() {
        var random = Seeded(2)
        let parents = (0..<10).map { _ in random.name() }
        let keys = (0..<250).map { _ in
            RecordKey(
                owner: random.name(below: random.pick(parents)), type: random.pick([.a, .txt, .caa]),
                location: random.chance(2) ? random.location() : nil)
        }
        func precedes(_ a: RecordKey, _ b: RecordKey) -> Bool {
            if a.owner != b.owner { return a.owner.precedes(b.owner) }
            if a.type != b.type { return a.type < b.type }
            return (a.location?.bytes ?? [0, 0]).lexicographicallyPrecedes(b.location?.bytes ?? [0, 0])
        }
        for a in keys {
            for b in keys where Shard.orderKey(a).lexicographicallyPrecedes(Shard.orderKey(b)) != precedes(a, b) {
                Issue.record("\(a) and \(b)")
            }
        }
    }

    @Test func encodingIsCanonical() throws {
        var random = Seeded(3)
        for _ in 0..<50 {
            let shard = random.shard()
            var shuffled = Shard(
                records: shard.records.shuffled(using: &random), map: shard.map.shuffled(using: &random), conflicts: shard.conflicts)
            shuffled.sort()
            #expect(shuffled.encoded == shard.encoded)
            #expect(try Shard(decoding: shard.encoded) == shard)
        }
    }

    @Test func valuesAreSortedAndUnique() throws {
        let key = RecordKey(owner: try Name("a."), type: .a)
        let set = RecordSet(key: key, ttl: 1, rdata: [.a((9, 0, 0, 0)), .a((1, 0, 0, 0)), .a((9, 0, 0, 0))], origin: Origin(source: "x"))
        #expect(set.rdata == [.a((1, 0, 0, 0)), .a((9, 0, 0, 0))])
    }

    @Test(arguments: ["", "abc", ":", "a:", " ", "a b", "é", "-a", "\\1", "a.", "\n"])
    func noLocation(_ text: String) { #expect(Location(text) == nil) }

    @Test func locations() {
        #expect(Location("a")?.bytes == [97, 0])
        #expect(Location("Z9")?.description == "Z9")
        #expect(Location(octets: [0, 0]) == nil)
        #expect(Location(octets: [0, 97]) == nil)
        #expect(Location(octets: [97]) == nil)
        #expect(Location(octets: [97, 0]) == Location("a"))
    }
}

/// What is in a list, whatever its order.
struct Multiset<Element: Hashable>: Equatable {
    private var counts: [Element: Int] = [:]
    init(_ elements: [Element]) { for element in elements { counts[element, default: 0] += 1 } }
}
