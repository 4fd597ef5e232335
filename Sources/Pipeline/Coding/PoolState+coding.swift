internal import DNSWire
internal import Foundation
internal import SwiftProtobuf

extension PoolState {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_PoolState.with {
                $0.spread = UInt32(spread.count)
                $0.shards = shards.sorted { $0.key < $1.key }.map { index, digest in
                    .with {
                        $0.index = UInt32(index)
                        $0.digest = .init(digest.bytes)
                    }
                }
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_PoolState.self, octets)
        guard 1...4096 ~= proto.spread else { throw DecodingFault("statuses are spread over \(proto.spread) blobs") }
        var shards: [Int: Digest] = [:]
        for reference in proto.shards {
            guard let digest = Digest(bytes: Array(reference.digest)), reference.index < proto.spread else {
                throw DecodingFault("a reference to statuses is none")
            }
            shards[Int(reference.index)] = digest
        }
        self.init(spread: Sharding(count: Int(proto.spread)), shards: shards)
    }
}

extension PoolRecord {
    /// The blob of some zones' records: the same for the same.
    public static func encode(_ records: [PoolZone: PoolRecord]) -> [UInt8] {
        let sorted = records.sorted { a, b in
            a.key.zone == b.key.zone ? a.key.pool < b.key.pool : a.key.zone.precedes(b.key.zone)
        }
        return Pipeline.encode(Freshet_V1_PoolShard.with { $0.records = sorted.map { $1.proto($0) } })
    }

    public static func decode(_ octets: [UInt8]) throws(DecodingFault) -> [PoolZone: PoolRecord] {
        var records: [PoolZone: PoolRecord] = [:]
        for proto in try Pipeline.decode(Freshet_V1_PoolShard.self, octets).records {
            records[PoolZone(pool: proto.pool, zone: try name(proto.zone))] = try PoolRecord(proto)
        }
        return records
    }

    private static func name(_ wire: Data) throws(DecodingFault) -> Name {
        guard let name = try? Name(wire: Array(wire)) else { throw DecodingFault("a name in a pool's record is none") }
        return name
    }

    private func proto(_ key: PoolZone) -> Freshet_V1_PoolRecord {
        .with {
            $0.pool = key.pool
            $0.zone = .init(key.zone.wire)
            switch change {
            case .present(let serial): $0.serial = serial.rawValue
            case .absent: $0.absent = true
            }
            $0.status =
                switch status {
                case .pending: .pending
                case .active: .active
                case .error: .error
                }
            $0.begun = begun.milliseconds
            $0.servers = servers.sorted { ($0.key.host, $0.key.port) < ($1.key.host, $1.key.port) }.map { $1.proto($0) }
            $0.missing = missing.map { .init($0.wire) }
            $0.foreign = foreign.map { .init($0.wire) }
        }
    }

    private init(_ proto: Freshet_V1_PoolRecord) throws(DecodingFault) {
        let change: PoolChange
        switch proto.change {
        case .serial(let serial): change = .present(Serial(serial))
        case .absent: change = .absent
        case nil: throw DecodingFault("a pool's record without a change")
        }
        let status: PoolStatus
        switch proto.status {
        case .pending: status = .pending
        case .active: status = .active
        case .error: status = .error
        case .UNRECOGNIZED(let number): throw DecodingFault("status \(number) is none")
        }
        var servers: [Server: Heard] = [:]
        for server in proto.servers {
            servers[Server(host: server.host, port: Int(server.port))] = Heard(server)
        }
        var missing: [Name] = [], foreign: [Name] = []
        for wire in proto.missing { missing.append(try Self.name(wire)) }
        for wire in proto.foreign { foreign.append(try Self.name(wire)) }
        self.init(
            change: change, status: status, begun: Instant(milliseconds: proto.begun), servers: servers, missing: missing, foreign: foreign)
    }
}

extension PoolRecord.Heard {
    fileprivate func proto(_ server: PoolRecord.Server) -> Freshet_V1_PoolServer {
        .with {
            $0.host = server.host
            $0.port = UInt32(clamping: server.port)
            $0.attempts = UInt32(clamping: attempts)
            switch answer {
            case .serves(let serial): $0.serial = serial.rawValue
            case .absent: $0.absent = true
            case .disowns(let code): $0.disowns = UInt32(code.rawValue)
            case .unsure(let code): $0.unsure = UInt32(code.rawValue)
            case .unanswered: break
            }
        }
    }

    fileprivate init(_ proto: Freshet_V1_PoolServer) {
        let answer: SerialAnswer =
            switch proto.answer {
            case .serial(let serial): .serves(Serial(serial))
            case .absent: .absent
            case .disowns(let code): .disowns(ResponseCode(rawValue: UInt16(clamping: code)))
            case .unsure(let code): .unsure(ResponseCode(rawValue: UInt16(clamping: code)))
            case nil: .unanswered
            }
        self.init(answer: answer, attempts: Int(clamping: proto.attempts))
    }
}
