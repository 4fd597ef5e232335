public import DNSWire
internal import Foundation
internal import SwiftProtobuf

/// Octets that are not the value they should be: damaged, or of a later format.
public struct DecodingFault: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// `decode`, with the library's errors turned into ours.
func decode<M: SwiftProtobuf.Message>(_ type: M.Type, _ octets: [UInt8]) throws(DecodingFault) -> M {
    do {
        return try M(serializedBytes: octets)
    } catch {
        throw DecodingFault("not a \(M.protoMessageName): \(error)")
    }
}

func encode(_ message: some SwiftProtobuf.Message) -> [UInt8] {
    do {
        return try message.serializedBytes()
    } catch {
        // Only required fields, Any, and 2 GiB can fail here; proto3 has none of the first.
        preconditionFailure("a message over 2 GiB: \(error)")
    }
}

extension Origin {
    var proto: Freshet_V1_Origin {
        .with {
            $0.source = source
            $0.file = file
            $0.line = UInt32(clamping: line)
            $0.person = person
            $0.reason = reason
        }
    }

    init(_ proto: Freshet_V1_Origin) {
        self.init(
            source: proto.source, file: proto.file, line: Int(proto.line), person: proto.person, reason: proto.reason)
    }
}

extension Shard {
    /// The blob of this shard: canonical order gives canonical octets.
    public var encoded: [UInt8] {
        var origins = OriginTable()
        var content = ProtobufWriter()
        content.reserve(records.count * 48)
        Contents(records: records, map: map).write(to: &content, records: 2, map: 3, &origins)
        for conflict in conflicts { content.field(4, encode(conflict.proto(&origins))) }
        var writer = ProtobufWriter()
        writer.reserve(content.octets.count + origins.list.count * 64)
        for origin in origins.list { origin.write(1, to: &writer) }
        writer.append(content)
        return writer.octets
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        var conflicts: [Conflict] = []
        let contents = try Contents(ProtobufReader(octets), origins: 1, records: 2, map: 3) {
            (number, reader, origins) throws(DecodingFault) in
            guard number == 4 else { return }
            conflicts.append(try Conflict(try decode(Freshet_V1_Conflict.self, reader.octets), origins))
        }
        self.init(records: contents.records, map: contents.map, conflicts: conflicts)
    }
}

extension Shard {
    /// Only the RRsets of some names: the others are passed over, at a tenth of the cost.
    public init(decoding octets: [UInt8], of owners: Set<Name>) throws(DecodingFault) {
        var sizes = [Bool](repeating: false, count: 256)
        for owner in owners { sizes[owner.wire.count] = true }
        let isWanted = { (record: ProtobufReader) throws(DecodingFault) -> Bool in
            guard let owner = try RecordSet.owner(record), owner.count < sizes.count, sizes[owner.count] else { return false }
            guard let name = try? Name(wire: owner.octets) else { throw DecodingFault("an owner is not a name") }
            return owners.contains(name)
        }
        let contents = try Contents(ProtobufReader(octets), origins: 1, records: 2, map: 3, wanted: isWanted)
        self.init(records: contents.records)
    }
}

extension Shard {
    /// Only the RRsets of some types.
    public init(decoding octets: [UInt8], types: Set<RRType>) throws(DecodingFault) {
        let isWanted = { (record: ProtobufReader) throws(DecodingFault) -> Bool in types.contains(try RecordSet.type(record)) }
        let contents = try Contents(ProtobufReader(octets), origins: 1, records: 2, map: 3, wanted: isWanted)
        self.init(records: contents.records)
    }
}

extension Conflict {
    fileprivate func proto(_ origins: inout OriginTable) -> Freshet_V1_Conflict {
        var proto = Freshet_V1_Conflict()
        proto.owner = .init(key.owner.wire)
        proto.type = UInt32(key.type.rawValue)
        proto.location = .init(key.location?.bytes ?? [])
        proto.parties = parties.map { party in
            .with {
                $0.origin = origins.index(of: party.origin)
                $0.ttl = party.ttl
                $0.rdata = party.rdata.map { .init($0.wire) }
                $0.removes = party.removes
            }
        }
        proto.winner = winner.map { UInt32($0 + 1) } ?? 0
        proto.policy = policy
        proto.explanation = explanation
        proto.sinceMs = since?.milliseconds ?? 0
        return proto
    }

    fileprivate init(_ proto: Freshet_V1_Conflict, _ origins: [Origin]) throws(DecodingFault) {
        var parties: [Party] = []
        for party in proto.parties {
            parties.append(
                Party(
                    origin: try lookup(origins, party.origin), ttl: party.ttl,
                    rdata: party.rdata.map { RData(opaque: Array($0)) }, removes: party.removes))
        }
        guard proto.winner <= parties.count else { throw DecodingFault("a conflict's winner is out of range") }
        self.init(
            key: try makeKey(owner: proto.owner, type: proto.type, location: proto.location), parties: parties,
            winner: proto.winner == 0 ? nil : Int(proto.winner) - 1, policy: proto.policy, explanation: proto.explanation,
            since: proto.sinceMs == 0 ? nil : Instant(milliseconds: proto.sinceMs))
    }
}
