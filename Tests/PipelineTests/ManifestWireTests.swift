import DNSWire
import TestSupport
import Testing

@testable import Pipeline

/// Manifests are written and read by hand; the library says what they mean.
@Suite struct ManifestWireTests {
    private static func reference(_ random: inout Seeded) -> ShardReference {
        let zones = (0..<(random.chance(3) ? random.below(4) : 0)).map { _ in random.name() }
        let sizes = [0, 1, 127, 128, 70_000, Int(UInt32.max)]
        return ShardReference(
            digest: digest(&random), size: random.pick(sizes + [1 << 40]), count: random.pick(sizes), basis: digest(&random),
            conflicts: random.pick(sizes), zones: zones)
    }

    private static func digest(_ random: inout Seeded) -> Digest {
        Digest(bytes: (0..<32).map { _ in UInt8(random.below(256)) })!
    }

    static func manifest(_ random: inout Seeded) -> Manifest {
        let count = random.pick([1, 2, 17, 256, 4096])
        var manifest = Manifest(
            source: random.pick(["", "pack/Rule", "édits"]), number: random.pick([0, 1, 300, .max]), sharding: Sharding(count: count),
            basis: (0..<random.below(3)).map { random.pick(["", "configuration@\($0)"]) })
        for _ in 0..<random.below(20) { manifest.shards[random.below(count)] = reference(&random) }
        if random.chance(3) { manifest.beneath[random.below(count)] = reference(&random) }
        if random.chance(2) {
            manifest.trace = Trace(cause: random.pick(["", "ab12"])).adding(.seen, at: Instant(milliseconds: Int64(random.below(9)) - 4))
        }
        if random.chance(2) { manifest.next = Instant(milliseconds: random.pick([-1, 1, 1 << 41])) }
        if random.chance(2) { manifest.history = digest(&random) }
        return manifest
    }

    @Test func asTheLibraryWritesThem() throws {
        var random = Seeded(81)
        for _ in 0..<200 {
            let manifest = Self.manifest(&random)
            let octets = manifest.encoded
            let proto = try decode(Freshet_V1_Manifest.self, octets)
            #expect(encode(proto) == octets)
            #expect(proto.source == manifest.source && proto.number == manifest.number && proto.basis == manifest.basis)
            #expect(proto.shardCount == UInt32(manifest.sharding.count) && Trace(proto.trace) == manifest.trace)
            #expect(Array(proto.history) == manifest.history?.bytes ?? [])
            #expect(proto.nextMs == manifest.next?.milliseconds ?? 0)
            for (theirs, ours) in [(proto.shards, manifest.shards), (proto.beneath, manifest.beneath)] {
                #expect(theirs.map(\.index) == ours.keys.sorted().map(UInt32.init))
                for shard in theirs {
                    let own = try #require(ours[Int(shard.index)])
                    #expect(Array(shard.digest) == own.digest.bytes && Array(shard.basis) == own.basis.bytes)
                    #expect(shard.size == UInt64(own.size) && shard.count == UInt32(own.count))
                    #expect(shard.conflicts == UInt32(own.conflicts) && shard.zones.map { Array($0) } == own.zones.map(\.wire))
                }
            }
            #expect(try Manifest(decoding: octets) == manifest)
        }
    }

    /// Of what is damaged, ours reads nothing that the library does not, and never traps.
    @Test func damagedOctets() throws {
        var random = Seeded(82)
        var read = 0
        for _ in 0..<3000 {
            var octets = Self.manifest(&random).encoded
            for _ in 0...random.below(2) where !octets.isEmpty {
                switch random.below(3) {
                case 0: octets[random.below(octets.count)] = UInt8(random.below(256))
                case 1: octets.removeLast(random.below(octets.count))
                default: octets.insert(UInt8(random.below(256)), at: random.below(octets.count))
                }
            }
            guard let manifest = try? Manifest(decoding: octets) else { continue }
            read += 1
            guard let proto = try? decode(Freshet_V1_Manifest.self, octets) else {
                Issue.record("only ours reads \(octets)")
                continue
            }
            #expect(proto.number == manifest.number && Set(proto.shards.map(\.index)).count == manifest.shards.count)
            #expect(Set(proto.shards.map { Array($0.digest) }).isSuperset(of: manifest.shards.values.map(\.digest.bytes)))
        }
        #expect(read > 100)
    }

    @Test func digests() throws {
        var random = Seeded(83)
        for _ in 0..<100 {
            let octets = (0..<32).map { _ in UInt8(random.below(256)) }
            let digest = try #require(Digest(bytes: octets))
            #expect(digest.bytes == octets && Digest(hex: digest.hex) == digest)
            var other = octets
            other[random.below(32)] ^= 1 << UInt8(random.below(8))
            #expect(Digest(bytes: other) != digest)
        }
        #expect(Digest(bytes: [1]) == nil && Digest(bytes: [UInt8](repeating: 0, count: 33)) == nil)
        #expect(Digest(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}
