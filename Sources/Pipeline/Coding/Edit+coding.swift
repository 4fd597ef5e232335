internal import DNSWire
internal import Foundation
internal import SwiftProtobuf

extension Edit {
    /// The blob of one shard's edits.
    public static func encode(_ edits: [Edit]) -> [UInt8] {
        Pipeline.encode(Freshet_V1_EditShard.with { $0.edits = edits.map(\.proto) })
    }

    public static func decode(_ octets: [UInt8]) throws(DecodingFault) -> [Edit] {
        var edits: [Edit] = []
        for proto in try Pipeline.decode(Freshet_V1_EditShard.self, octets).edits { edits.append(try Edit(proto)) }
        return edits
    }

    var proto: Freshet_V1_Edit {
        .with {
            $0.action =
                switch action {
                case .set: .set
                case .add: .add
                case .remove: .remove
                case .pin: .pin
                case .external: .external
                }
            $0.owner = .init(key.owner.wire)
            $0.type = UInt32(key.type.rawValue)
            $0.location = .init(key.location?.bytes ?? [])
            $0.ttl = ttl ?? 0
            $0.rdata = rdata.map { .init($0.wire) }
            $0.origin = origin.proto
            $0.overrides = overrides ?? ""
            $0.startsMs = starts?.milliseconds ?? 0
            $0.expiresMs = expires?.milliseconds ?? 0
        }
    }

    init(_ proto: Freshet_V1_Edit) throws(DecodingFault) {
        let action: Action
        switch proto.action {
        case .set: action = .set
        case .add: action = .add
        case .remove: action = .remove
        case .pin: action = .pin
        case .external: action = .external
        case .unspecified, .UNRECOGNIZED: throw DecodingFault("an edit's action is unknown")
        }
        let key = try makeKey(owner: proto.owner, type: proto.type, location: proto.location)
        var rdata: [RData] = []
        for octets in proto.rdata {
            do { rdata.append(try RData(wire: Array(octets), type: key.type)) } catch { throw DecodingFault("\(error)") }
        }
        self.init(
            action: action, key: key, ttl: action.makesValues ? proto.ttl : nil, rdata: rdata, origin: Origin(proto.origin),
            overrides: proto.overrides.isEmpty ? nil : proto.overrides,
            starts: proto.startsMs == 0 ? nil : Instant(milliseconds: proto.startsMs),
            expires: proto.expiresMs == 0 ? nil : Instant(milliseconds: proto.expiresMs))
    }
}
