import DNSWire
import TestSupport
import Testing

@testable import Pipeline

/// Shards and packs' replies are written and read by hand; the library says what they mean.
@Suite struct WireCodingTests {
    @Test func shardsAsTheLibraryWritesThem() throws {
        var random = Seeded(71)
        for _ in 0..<200 {
            let shard = random.shard()
            let octets = shard.encoded
            let proto = try decode(Freshet_V1_Shard.self, octets)
            #expect(encode(proto) == octets)
            #expect(proto.records.count == shard.records.count && proto.map.count == shard.map.count)
            for (theirs, ours) in zip(proto.records, shard.records) {
                #expect(Array(theirs.owner) == ours.key.owner.wire && theirs.type == UInt32(ours.key.type.rawValue))
                #expect(theirs.ttl == ours.ttl && Array(theirs.location) == ours.key.location?.bytes ?? [])
                #expect(theirs.rdata.map { Array($0) } == ours.rdata.map(\.wire))
                #expect(Origin(proto.origins[Int(theirs.origin)]) == ours.origin)
                #expect(theirs.overrode.map { Origin(proto.origins[Int($0)]) } == ours.overrode)
            }
            for (theirs, ours) in zip(proto.map, shard.map) {
                #expect(Array(theirs.prefix) == ours.prefix && Array(theirs.location) == ours.location.bytes)
                #expect(theirs.demand == ours.demand && Origin(proto.origins[Int(theirs.origin)]) == ours.origin)
            }
        }
    }

    @Test func repliesAsTheLibraryWritesThem() throws {
        var random = Seeded(72)
        for _ in 0..<100 {
            let shard = random.shard()
            let reply = PackReply.records(shard.records, map: shard.map)
            var stream = Delimited()
            stream.feed(reply.encoded)
            let octets = try #require(try stream.next())
            #expect(encode(try decode(Freshet_V1_PackReply.self, octets)) == octets)
            #expect(try PackReply(decoding: octets) == reply)
        }
    }

    /// A later version's fields, and lists that are not packed.
    @Test func otherWritersOfTheFormat() throws {
        var random = Seeded(73)
        let record = RecordSet(
            key: RecordKey(owner: random.name(), type: .a), ttl: 5, rdata: [.a((1, 2, 3, 4))], origin: Origin(source: "edits"),
            overrode: [Origin(source: "p/A"), Origin(source: "p/B")])
        var writer = ProtobufWriter()
        writer.field(1, record.key.owner.wire)
        writer.field(2, UInt32(1))
        writer.field(9, UInt64.max)
        writer.field(10, 0.5)
        writer.field(11, [1, 2, 3])
        for octet: UInt8 in [0b0110_0101, 1, 2, 3, 4] { writer.varint(UInt64(octet)) }  // field 12, fixed32
        writer.field(5, [1, 2, 3, 4])
        writer.field(3, UInt32(5))
        // An index of zero is there in a list that is not packed, and left out as a scalar.
        for index: UInt64 in [1, 2] {
            writer.varint(7 << 3)
            writer.varint(index)
        }
        let origins = [record.origin] + record.overrode
        #expect(try RecordSet(ProtobufReader(writer.octets), origins) == record)
    }

    /// What ours reads the library reads too, and to the same; what is damaged never traps.
    @Test func damagedOctets() throws {
        var random = Seeded(74)
        var read = 0
        for _ in 0..<3000 {
            var octets = random.shard().encoded
            for _ in 0...random.below(3) where !octets.isEmpty {
                switch random.below(3) {
                case 0: octets[random.below(octets.count)] = UInt8(random.below(256))
                case 1: octets.removeLast(random.below(octets.count))
                default: octets.insert(UInt8(random.below(256)), at: random.below(octets.count))
                }
            }
            guard let shard = try? Shard(decoding: octets) else { continue }
            read += 1
            guard let proto = try? decode(Freshet_V1_Shard.self, octets) else {
                Issue.record("only ours reads \(octets)")
                continue
            }
            #expect(proto.records.map { Array($0.owner) } == shard.records.map(\.key.owner.wire))
            #expect(proto.records.map(\.ttl) == shard.records.map(\.ttl))
        }
        #expect(read > 100)
    }

    @Test func numbersOfAllSizes() throws {
        for value: UInt64 in [0, 1, 127, 128, 16383, 16384, 1 << 35, .max] {
            var writer = ProtobufWriter()
            writer.varint(value)
            #expect(ProtobufWriter.size(varint: value) == writer.octets.count)
            var reader = ProtobufReader(writer.octets)
            #expect(try reader.varint() == value && reader.isAtEnd)
        }
    }
}
