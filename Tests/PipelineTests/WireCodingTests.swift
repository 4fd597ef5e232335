import DNSWire
import TestSupport
import Testing

@testable import Pipeline

/// Shards, edits and packs' replies are written and read by hand; the library says what they mean.
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

    @Test func editsAsTheLibraryWritesThem() throws {
        var random = Seeded(75)
        var actions: Set<Freshet_V1_Edit.Action> = []
        for _ in 0..<200 {
            var edits = (0..<random.below(8)).map { _ in random.edit() }
            // Before 1970, and without anything that can be left out.
            if random.chance(4) { edits.append(random.edit(starts: Instant(milliseconds: -1 - Int64(random.below(1 << 40))))) }
            if random.chance(4) {
                edits.append(Edit(action: .remove, key: RecordKey(owner: .root, type: RRType(rawValue: 0)), origin: Origin(source: "")))
            }
            let octets = Edit.encode(edits)
            let proto = try decode(Freshet_V1_EditShard.self, octets)
            #expect(encode(proto) == octets)
            #expect(proto.edits.count == edits.count)
            for (theirs, ours) in zip(proto.edits, edits) {
                #expect("\(theirs.action)" == "\(ours.action)" && Array(theirs.owner) == ours.key.owner.wire)
                #expect(theirs.type == UInt32(ours.key.type.rawValue) && Array(theirs.location) == ours.key.location?.bytes ?? [])
                #expect(theirs.ttl == ours.ttl ?? 0 && theirs.rdata.map { Array($0) } == ours.rdata.map(\.wire))
                #expect(theirs.hasOrigin && Origin(theirs.origin) == ours.origin && theirs.overrides == ours.overrides ?? "")
                #expect(theirs.startsMs == ours.starts?.milliseconds ?? 0 && theirs.expiresMs == ours.expires?.milliseconds ?? 0)
                actions.insert(theirs.action)
            }
            #expect(try Edit.decode(octets) == edits)
        }
        #expect(actions.count == Edit.Action.allCases.count)
    }

    @Test func emergencyEditsAsTheLibraryWritesThem() throws {
        var random = Seeded(76)
        for _ in 0..<50 {
            let edit = random.edit(), at = random.instant(), pipeline = random.word()
            let octets = EmergencyEdit.body(edit, at: at, pipeline: pipeline)
            let proto = try decode(Freshet_V1_EmergencyBody.self, octets)
            #expect(encode(proto) == octets)
            #expect(proto.pipeline == pipeline && proto.atMs == at.milliseconds)
            var shard = Freshet_V1_EditShard()
            shard.edits = [proto.edit]
            #expect(Edit.encode([edit]) == encode(shard))
            let read = try EmergencyEdit(body: octets, key: "k", signature: [])
            #expect(read.pipeline == pipeline && read.at == at && read.edit.key == edit.key && read.edit.expires == edit.expires)
            #expect(read.edit.origin == Origin(source: Origin.emergency, person: "k", reason: edit.origin.reason))
        }
        #expect(throws: DecodingFault.self) { try EmergencyEdit(body: [], key: "k", signature: []) }
    }

    /// An edit whose action no version of ours has, or none, is not guessed at.
    @Test(arguments: [0, 6, 1 << 32 | 1]) func unknownActions(_ action: UInt64) throws {
        var edit = ProtobufWriter()
        edit.field(1, action)
        edit.field(2, [0])
        var shard = ProtobufWriter()
        shard.field(1, edit.octets)
        #expect(throws: DecodingFault.self) { try Edit.decode(shard.octets) }
    }

    /// Edits that are damaged: what ours reads the library reads too.
    @Test func damagedEdits() throws {
        var random = Seeded(77)
        var read = 0
        for _ in 0..<3000 {
            var octets = Edit.encode((0..<1 + random.below(4)).map { _ in random.edit() })
            for _ in 0...random.below(3) where !octets.isEmpty {
                switch random.below(3) {
                case 0: octets[random.below(octets.count)] = UInt8(random.below(256))
                case 1: octets.removeLast(random.below(octets.count))
                default: octets.insert(UInt8(random.below(256)), at: random.below(octets.count))
                }
            }
            guard let edits = try? Edit.decode(octets) else { continue }
            read += 1
            guard let proto = try? decode(Freshet_V1_EditShard.self, octets) else {
                Issue.record("only ours reads \(octets)")
                continue
            }
            #expect(proto.edits.map { Array($0.owner) } == edits.map(\.key.owner.wire))
            #expect(proto.edits.map(\.overrides) == edits.map { $0.overrides ?? "" })
        }
        #expect(read > 100)
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
