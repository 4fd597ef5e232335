internal import DNSWire
internal import Foundation
internal import SwiftProtobuf

extension TransferState {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_TransferState.with {
                $0.presentation = presentation
                $0.manifest = .init(manifest.bytes)
                $0.basis = .init(basis.bytes)
                $0.spread = UInt32(spread.count)
                $0.serials = serials.sorted { $0.key < $1.key }.map { index, digest in
                    .with {
                        $0.index = UInt32(index)
                        $0.digest = .init(digest.bytes)
                    }
                }
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_TransferState.self, octets)
        guard let manifest = Digest(bytes: Array(proto.manifest)), let basis = Digest(bytes: Array(proto.basis)) else {
            throw DecodingFault("a state of transfers without its digests")
        }
        guard 1...4096 ~= proto.spread else { throw DecodingFault("serials are spread over \(proto.spread) blobs") }
        var serials: [Int: Digest] = [:]
        for reference in proto.serials {
            guard let digest = Digest(bytes: Array(reference.digest)), reference.index < proto.spread else {
                throw DecodingFault("a reference to serials is none")
            }
            serials[Int(reference.index)] = digest
        }
        self.init(
            presentation: proto.presentation, manifest: manifest, spread: Sharding(count: Int(proto.spread)), serials: serials,
            basis: basis)
    }
}

extension ZoneSerials {
    /// The blob of some zones' serials: the same for the same.
    public static func encode(_ zones: [ZoneView: ZoneSerials]) -> [UInt8] {
        let sorted = zones.sorted { a, b in
            a.key.zone == b.key.zone ? a.key.view < b.key.view : a.key.zone.precedes(b.key.zone)
        }
        return Pipeline.encode(
            Freshet_V1_SerialShard.with {
                $0.zones = sorted.map { key, serials in
                    .with {
                        $0.zone = .init(key.zone.wire)
                        $0.view = key.view
                        $0.steps = serials.steps.map { step in
                            .with {
                                $0.serial = step.serial.rawValue
                                $0.presentation = step.presentation
                            }
                        }
                        $0.gone = serials.isGone
                    }
                }
            })
    }

    public static func decode(_ octets: [UInt8]) throws(DecodingFault) -> [ZoneView: ZoneSerials] {
        var zones: [ZoneView: ZoneSerials] = [:]
        for proto in try Pipeline.decode(Freshet_V1_SerialShard.self, octets).zones {
            guard let zone = try? Name(wire: Array(proto.zone)) else { throw DecodingFault("a zone's name is none") }
            let steps = proto.steps.map { Step(serial: Serial($0.serial), presentation: $0.presentation) }
            guard !steps.isEmpty else { throw DecodingFault("a zone without a serial") }
            zones[ZoneView(zone: zone, view: proto.view)] = ZoneSerials(steps: steps, isGone: proto.gone)
        }
        return zones
    }
}
