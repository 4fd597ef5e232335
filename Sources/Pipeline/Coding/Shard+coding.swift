internal import DNSWire
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

/// Origins of one message, each held once.
struct OriginTable {
    private(set) var list: [Origin] = []
    private var indices: [Origin: UInt32] = [:]

    mutating func index(of origin: Origin) -> UInt32 {
        if let known = indices[origin] { return known }
        let index = UInt32(list.count)
        list.append(origin)
        indices[origin] = index
        return index
    }
}

func lookup(_ origins: [Origin], _ index: UInt32) throws(DecodingFault) -> Origin {
    guard index < origins.count else { throw DecodingFault("an origin's index is out of range") }
    return origins[Int(index)]
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

func makeKey(owner: some Sequence<UInt8>, type: UInt32, location: some Collection<UInt8>) throws(DecodingFault) -> RecordKey {
    guard let name = try? Name(wire: Array(owner)) else { throw DecodingFault("an owner is not a name") }
    guard let number = UInt16(exactly: type) else { throw DecodingFault("a type is over 65535") }
    let where_ = Location(octets: location)
    guard where_ != nil || location.isEmpty else { throw DecodingFault("a location is not two octets") }
    return RecordKey(owner: name, type: RRType(rawValue: number), location: where_)
}

extension RecordSet {
    func proto(_ origins: inout OriginTable) -> Freshet_V1_RecordSet {
        var proto = Freshet_V1_RecordSet()
        proto.owner = .init(key.owner.wire)
        proto.type = UInt32(key.type.rawValue)
        proto.ttl = ttl
        if let location = key.location { proto.location = .init(location.bytes) }
        proto.rdata = rdata.map { .init($0.wire) }
        proto.origin = origins.index(of: origin)
        for overrode in overrode { proto.overrode.append(origins.index(of: overrode)) }
        return proto
    }

    init(_ proto: Freshet_V1_RecordSet, _ origins: [Origin]) throws(DecodingFault) {
        let key = try makeKey(owner: proto.owner, type: proto.type, location: proto.location)
        var rdata: [RData] = []
        for octets in proto.rdata {
            do {
                rdata.append(try RData(wire: Array(octets), type: key.type))
            } catch {
                throw DecodingFault("\(key): \(error)")
            }
        }
        var overrode: [Origin] = []
        for index in proto.overrode { overrode.append(try lookup(origins, index)) }
        self.init(key: key, ttl: proto.ttl, rdata: rdata, origin: try lookup(origins, proto.origin), overrode: overrode)
    }
}

extension MapEntry {
    func proto(_ origins: inout OriginTable) -> Freshet_V1_MapEntry {
        var proto = Freshet_V1_MapEntry()
        proto.prefix = .init(prefix)
        proto.location = .init(location.bytes)
        proto.demand = demand
        proto.origin = origins.index(of: origin)
        return proto
    }

    init(_ proto: Freshet_V1_MapEntry, _ origins: [Origin]) throws(DecodingFault) {
        guard proto.prefix.count <= 4, let location = Location(octets: proto.location) else {
            throw DecodingFault("a map entry's prefix or location has the wrong length")
        }
        guard proto.demand.isFinite, proto.demand >= 0 else { throw DecodingFault("a map entry's demand is no amount") }
        self.init(
            prefix: Array(proto.prefix), location: location, demand: proto.demand, origin: try lookup(origins, proto.origin))
    }
}

extension Shard {
    /// The blob of this shard: canonical order gives canonical octets.
    public var encoded: [UInt8] {
        var origins = OriginTable()
        var proto = Freshet_V1_Shard()
        proto.records = records.map { $0.proto(&origins) }
        proto.map = map.map { $0.proto(&origins) }
        proto.conflicts = conflicts.map { conflict in
            .with {
                $0.owner = .init(conflict.key.owner.wire)
                $0.type = UInt32(conflict.key.type.rawValue)
                $0.location = .init(conflict.key.location?.bytes ?? [])
                $0.parties = conflict.parties.map { party in
                    .with {
                        $0.origin = origins.index(of: party.origin)
                        $0.ttl = party.ttl
                        $0.rdata = party.rdata.map { .init($0.wire) }
                        $0.removes = party.removes
                    }
                }
                $0.winner = conflict.winner.map { UInt32($0 + 1) } ?? 0
                $0.policy = conflict.policy
                $0.explanation = conflict.explanation
                $0.sinceMs = conflict.since?.milliseconds ?? 0
            }
        }
        proto.origins = origins.list.map(\.proto)
        return encode(proto)
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_Shard.self, octets)
        let origins = proto.origins.map { Origin($0) }
        self.init()
        records.reserveCapacity(proto.records.count)
        for record in proto.records { records.append(try RecordSet(record, origins)) }
        for entry in proto.map { map.append(try MapEntry(entry, origins)) }
        for conflict in proto.conflicts { conflicts.append(try Conflict(conflict, origins)) }
    }
}

extension Conflict {
    init(_ proto: Freshet_V1_Conflict, _ origins: [Origin]) throws(DecodingFault) {
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
