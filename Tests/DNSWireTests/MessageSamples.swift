import TestSupport

@testable import DNSWire

/// Messages made from a seed.
extension Seeded {
    /// A message of any shape; names in it meet, so that there is something to compress.
    mutating func message(records: Int = 12, lowerCase: Bool = false, types: [RRType] = knownTypes) -> Message {
        var message = Message(
            id: UInt16(below(65_536)), opcode: pick([.query, .query, .notify, .update, Opcode(rawValue: UInt8(below(16)))]),
            flags: Message.Flags(rawValue: UInt16(below(65_536)) & Message.Flags.mask),
            responseCode: ResponseCode(rawValue: UInt16(below(16))))
        let zone = familyName(lowerCase)
        for _ in 0..<below(3) { message.questions.append(Question(name: familyName(lowerCase, zone), type: pick(types))) }
        for _ in 0..<below(records) { message.answers.append(record(zone, lowerCase, types)) }
        for _ in 0..<below(records) { message.authority.append(record(zone, lowerCase, types)) }
        for _ in 0..<below(records) { message.additional.append(record(zone, lowerCase, types)) }
        if chance(2) {
            message.edns = edns()
            message.responseCode = ResponseCode(rawValue: UInt16(below(4096)))
        }
        return message
    }

    /// Types whose values, and not only their format, dnspython does not judge.
    static let plainTypes: [RRType] = [
        .a, .aaaa, .ns, .cname, .ptr, .dname, .soa, .mx, .txt, .spf, .hinfo, .rp, .afsdb, .rt, .px, .srv, .naptr, .kx,
        .caa, .dnskey, .nsec,
    ]

    /// A record whose names are of a small family.
    mutating func record(_ zone: Name, _ lowerCase: Bool = false, _ types: [RRType] = knownTypes) -> ResourceRecord {
        let type = pick(types)
        let owner = familyName(lowerCase, zone), target = familyName(lowerCase, zone)
        let rdata: RData =
            switch type {
            case .ns, .cname, .ptr, .dname: .name(target)
            case .mx: .mx(preference: 5, exchange: target)
            case .srv: .srv(priority: 1, weight: 2, port: 3, target: target)
            case .rp: RData(opaque: target.wire + zone.wire)
            case .soa: .soa(primary: target, mailbox: target, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5)
            default: self.rdata(type)
            }
        return ResourceRecord(owner: owner, type: type, ttl: UInt32(truncatingIfNeeded: next()) >> 1, rdata: rdata)
    }

    mutating func familyName(_ lowerCase: Bool, _ parent: Name = try! Name("example.test.")) -> Name {
        guard lowerCase else { return chance(3) ? parent : name(below: parent) }
        var wire = parent.wire
        for _ in 0..<below(3) where wire.count < 250 { wire = [1, UInt8(0x61 + below(4))] + wire }
        return Name(unchecked: wire)
    }

    mutating func edns() -> EDNS {
        EDNS(
            udpSize: UInt16(below(65_536)), version: chance(4) ? UInt8(below(256)) : 0,
            flags: EDNS.Flags(rawValue: UInt16(below(65_536))), options: (0..<below(4)).map { _ in option() })
    }

    mutating func option() -> EDNS.Option {
        switch below(8) {
        case 0: return .nsid(octets(below(20)))
        case 1:
            let bits = chance(2) ? 4 : 16
            return .clientSubnet(
                EDNS.ClientSubnet(octets(bits), sourceLength: UInt8(below(bits * 8 + 1)), scopeLength: UInt8(below(bits * 8 + 1)))!)
        case 2: return .expire(chance(2) ? nil : UInt32(truncatingIfNeeded: next()))
        case 3: return .cookie(EDNS.Cookie(client: octets(8), server: chance(2) ? [] : octets(8 + below(25)))!)
        case 4: return .keepalive(chance(2) ? nil : UInt16(below(65_536)))
        case 5: return .padding(below(40))
        case 6: return .extendedError(.init(code: UInt16(below(30)), text: Array("reason \(below(9))".utf8)))
        default: return .other(UInt16(20_000 + below(100)), octets(below(30)))
        }
    }

    /// A TSIG record that signs nothing.
    mutating func tsig() -> TSIG {
        TSIG(
            keyName: name(), algorithm: name(), time: UInt64(next() >> 16), fudge: UInt16(below(65_536)),
            mac: octets(below(70)), originalID: UInt16(below(65_536)), error: ResponseCode(rawValue: UInt16(below(30))),
            other: chance(2) ? [] : octets(6))
    }
}

extension Message {
    /// Octets that the message would have without compression.
    var plainLength: Int {
        12 + questions.reduce(0) { $0 + $1.name.wire.count + 4 } + (edns?.length ?? 0) + (tsig?.length ?? 0)
            + (answers + authority + additional).reduce(0) { $0 + $1.owner.wire.count + 10 + $1.rdata.wire.count }
    }
}

/// What reading octets comes to.
func wireError(_ wire: [UInt8]) -> WireError? {
    do throws(WireError) { _ = try MessageView(wire) } catch { return error }
    return nil
}
