internal import Foundation
internal import SwiftProtobuf

extension Ring {
    var proto: Freshet_V1_Ring {
        .with {
            $0.name = name
            $0.labels = labels
            $0.percent = UInt32(clamping: percent ?? 0)
        }
    }

    init(_ proto: Freshet_V1_Ring) {
        self.init(name: proto.name, labels: proto.labels, percent: proto.percent == 0 ? nil : Int(proto.percent))
    }
}

extension Rollout {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_Rollout.with {
                if let flight { $0.flight = flight.proto }
                $0.events = events.map { event in
                    .with {
                        $0.atMs = event.at.milliseconds
                        $0.text = event.text
                        $0.person = event.person
                    }
                }
                if let order {
                    $0.order = .with {
                        $0.kind = order.kind.rawValue
                        $0.person = order.person
                        $0.reason = order.reason
                        $0.atMs = order.at.milliseconds
                    }
                }
                $0.emergency = emergency ?? ""
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_Rollout.self, octets)
        var order: Order?
        if proto.hasOrder {
            guard let kind = Order.Kind(rawValue: proto.order.kind) else { throw DecodingFault("an order of no known kind") }
            order = Order(kind, person: proto.order.person, reason: proto.order.reason, at: Instant(milliseconds: proto.order.atMs))
        }
        self.init(
            flight: proto.hasFlight ? try Flight(proto.flight) : nil,
            events: proto.events.map { Event(at: Instant(milliseconds: $0.atMs), text: $0.text, person: $0.person) },
            order: order, emergency: proto.emergency.isEmpty ? nil : proto.emergency)
    }
}

extension Rollout.Flight {
    fileprivate var proto: Freshet_V1_Flight {
        .with {
            $0.content = .init(content.bytes)
            $0.presentation = presentation
            $0.stable = stable
            $0.ring = UInt64(ring)
            $0.sinceMs = since.milliseconds
            $0.goodSinceMs = goodSince?.milliseconds ?? 0
            $0.badSinceMs = badSince?.milliseconds ?? 0
            $0.trouble = trouble
            $0.paused = isPaused
            $0.hosts = hosts.sorted()
        }
    }

    fileprivate init(_ proto: Freshet_V1_Flight) throws(DecodingFault) {
        guard let content = Digest(bytes: Array(proto.content)), let ring = Int(exactly: proto.ring) else {
            throw DecodingFault("a rollout without a content's digest")
        }
        self.init(
            content: content, presentation: proto.presentation, stable: proto.stable, ring: ring,
            since: Instant(milliseconds: proto.sinceMs), trouble: proto.trouble)
        goodSince = proto.goodSinceMs == 0 ? nil : Instant(milliseconds: proto.goodSinceMs)
        badSince = proto.badSinceMs == 0 ? nil : Instant(milliseconds: proto.badSinceMs)
        isPaused = proto.paused
        hosts = Set(proto.hosts)
    }
}

extension Halt {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_Halt.with {
                $0.kind = kind.rawValue
                $0.presentation = presentation ?? 0
                $0.person = person
                $0.reason = reason
                $0.sinceMs = since.milliseconds
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_Halt.self, octets)
        guard let kind = Kind(rawValue: proto.kind) else { throw DecodingFault("a halt of no known kind") }
        self.init(
            kind, presentation: proto.presentation == 0 ? nil : proto.presentation, person: proto.person, reason: proto.reason,
            since: Instant(milliseconds: proto.sinceMs))
    }
}
