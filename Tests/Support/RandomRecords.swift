public import DNSWire

extension Seeded {
    /// A name of at most 255 octets; labels of any octet, also odd ones.
    public mutating func name(below parent: Name = .root) -> Name {
        var wire = parent.wire
        for _ in 0..<below(4) {
            let length = chance(8) ? 1 + below(63) : 1 + below(8)
            let label = chance(3) ? octets(length) : (0..<length).map { _ in pick(Array("abcXYZ019-_*.".utf8)) }
            if wire.count + 1 + length <= 255 { wire = [UInt8(length)] + label + wire }
        }
        return try! Name(wire: wire)
    }

    /// A host name as people write them, of a small set, so that names meet.
    public mutating func plainName(in zone: String = "example.test.") -> Name {
        try! Name(pick(["a", "b", "c", "www", "*", "a.b", "@"]), relativeTo: Name(zone))
    }

    /// Types of zone data whose form is known and that have a text of their own.
    public static let knownTypes: [RRType] = [
        .a, .aaaa, .ns, .cname, .ptr, .md, .mf, .mb, .mg, .mr, .minfo, .dname, .soa, .mx, .txt, .spf, .avc, .resinfo,
        .wallet, .ninfo, .hinfo, .rp, .afsdb, .rt, .px, .kx, .lp, .l32, .talink, .x25, .gpos, .srv, .naptr, .uri, .sshfp,
        .tlsa, .smimea, .openpgpkey, .dhcid, .cert, .caa, .ds, .cds, .dlv, .ta, .dnskey, .cdnskey, .key, .rkey, .rrsig,
        .sig, .nsec, .nsec3, .nsec3param, .csync, .zonemd, .svcb, .https, .loc, .eui48, .eui64,
    ]

    /// Types whose form is known but that are written as `\#` (RFC 3597 §5).
    public static let textlessTypes: [RRType] = [.nxt, .tkey, .tsig]

    public mutating func string(_ most: Int = 255) -> [UInt8] {
        let length = chance(6) ? below(most + 1) : below(min(12, most + 1))
        return [UInt8(length)] + (chance(2) ? octets(length) : (0..<length).map { _ in UInt8(0x20 + below(0x5F)) })
    }

    /// Well-formed data of a type, as wire octets put together by hand.
    public mutating func rdata(_ type: RRType) -> RData {
        let wire: [UInt8]
        switch type {
        case .a: wire = octets(4)
        case .aaaa: wire = ipv6()
        case .ns, .cname, .ptr, .dname, .md, .mf, .mb, .mg, .mr: wire = name().wire
        case .soa: wire = name().wire + name().wire + octets(20)
        case .mx, .afsdb, .rt, .kx, .lp: wire = octets(2) + name().wire
        case .px: wire = octets(2) + name().wire + name().wire
        case .txt, .spf, .avc, .resinfo, .wallet, .ninfo: wire = (0...below(3)).flatMap { _ in string() }
        case .hinfo: wire = string() + string()
        case .x25: wire = string()
        case .gpos: wire = Array("\u{8}-32.6882\u{8}116.8652\u{4}10.0".utf8)
        case .rp, .minfo, .talink: wire = name().wire + name().wire
        case .srv: wire = octets(6) + name().wire
        case .naptr: wire = octets(4) + string() + string() + string() + name().wire
        case .uri: wire = octets(4) + [0x2F] + string().dropFirst()
        case .l32: wire = octets(6)
        case .sshfp: wire = octets(2) + octets(1 + below(32))
        case .tlsa, .smimea: wire = octets(3) + octets(1 + below(64))
        case .openpgpkey, .dhcid: wire = octets(1 + below(90))
        case .caa:
            let tag: [UInt8] = Array(pick(["issue", "issuewild", "iodef", "x9"]).utf8)
            wire = octets(1) + [UInt8(tag.count)] + tag + string().dropFirst()
        case .loc: wire = location()
        case .eui48: wire = octets(6)
        case .eui64: wire = octets(8)
        case .svcb, .https: wire = serviceBinding()
        case .tkey: wire = name().wire + octets(12) + counted16() + counted16()
        case .tsig: wire = name().wire + octets(8) + counted16() + octets(2) + [0, UInt8(below(24))] + counted16()
        default: wire = signing(type)
        }
        return RData(opaque: wire)
    }

    /// Data of the types that sign and hash; of unknown types, any octets.
    private mutating func signing(_ type: RRType) -> [UInt8] {
        switch type {
        case .cert: [0, UInt8(below(10))] + octets(2) + [pick([0, 1, 5, 8, 13, 15, 99])] + octets(1 + below(40))
        case .cds where chance(9): [0, 0, 0, 0, 0]
        case .ds, .cds, .dlv, .ta: octets(3) + digest(lengths: [1: 20, 2: 32, 3: 32, 4: 48])
        case .cdnskey where chance(9): [0, 0, 3, 0, 0]
        case .dnskey, .cdnskey, .rkey: octets(4) + octets(1 + below(70))
        // Two bits would say that there is no key (RFC 2535 §3.1.2).
        case .key: [UInt8(below(64))] + octets(3) + octets(1 + below(70))
        case .rrsig, .sig: octets(18) + name().wire + octets(1 + below(70))
        case .nsec: name().wire + typeBitmap()
        case .nxt: name().wire + octets(below(16))
        case .nsec3: octets(4) + counted(0) + counted(1) + typeBitmap()
        case .nsec3param: octets(4) + counted(0)
        case .csync: octets(6) + typeBitmap()
        case .zonemd: octets(4) + [UInt8(1 + below(255))] + digest(lengths: [1: 48, 2: 64])
        default: octets(below(40))
        }
    }

    /// A digest's kind and octets, as many as are right for known kinds.
    private mutating func digest(lengths: [UInt8: Int]) -> [UInt8] {
        let kind = chance(2) ? UInt8(1 + below(4)) : UInt8(5 + below(251))
        return [kind] + octets(lengths[kind] ?? 12 + below(50))
    }

    public mutating func ipv6() -> [UInt8] {
        if chance(10) { return Array(repeating: 0, count: 10) + [0xFF, 0xFF] + octets(4) }
        return (0..<8).flatMap { _ in chance(2) ? [0, 0] : chance(3) ? [0] + octets(1) : octets(2) }
    }

    private mutating func counted(_ least: Int) -> [UInt8] {
        let length = chance(8) ? 255 : least + below(32)
        return [UInt8(length)] + octets(length)
    }

    private mutating func counted16() -> [UInt8] {
        let length = below(300)
        return [UInt8(length >> 8), UInt8(length & 255)] + octets(length)
    }

    /// Windows that rise, none empty, none ending in a zero octet; type 0 left out.
    public mutating func typeBitmap() -> [UInt8] {
        var wire: [UInt8] = []
        var window = 0
        for _ in 0..<below(4) {
            window += chance(2) ? 0 : 1 + below(80)
            guard window < 256 else { break }
            var bits = octets(1 + below(chance(3) ? 32 : 6))
            if window == 0 { bits[0] &= 0x7F }
            if bits.last == 0 { bits[bits.count - 1] = 1 }
            wire += [UInt8(window), UInt8(bits.count)] + bits
            window += 1
        }
        return wire
    }

    private mutating func location() -> [UInt8] {
        func extent(_ random: inout Seeded) -> UInt8 {
            random.chance(9) ? 0 : UInt8(1 + random.below(9)) << 4 | UInt8(random.below(10))
        }
        func angle(_ limit: Int64, _ random: inout Seeded) -> [UInt8] {
            let angle = random.chance(8) ? random.pick([0, limit, -limit]) : Int64.random(in: -limit...limit, using: &random)
            return (0..<4).map { UInt8(truncatingIfNeeded: (1 << 31 + angle) >> Int64(24 - 8 * $0)) }
        }
        var wire: [UInt8] = [0]
        for _ in 0..<3 { wire.append(extent(&self)) }
        let height: [UInt8] = chance(2) ? octets(4) : [0, 0x98] + octets(2)
        return wire + angle(324_000_000, &self) + angle(648_000_000, &self) + height
    }

    /// Parameters that are consistent; in alias mode there are none.
    private mutating func serviceBinding() -> [UInt8] {
        if chance(6) { return [0, 0] + name().wire }
        var parameters: [Int: [UInt8]] = [:]
        if chance(2) { parameters[1] = (0...below(3)).flatMap { _ in [UInt8(3)] + octets(2) + [pick([44, 92, 34, 104])] } }
        if parameters[1] != nil, chance(3) { parameters[2] = [] }
        if chance(2) { parameters[3] = octets(2) }
        if chance(3) { parameters[4] = octets(4 * (1 + below(3))) }
        if chance(3) {
            let keys = octets(4 + below(30))
            parameters[5] = [0, UInt8(keys.count)] + keys
        }
        if chance(3) { parameters[6] = (0...below(2)).flatMap { _ in ipv6() } }
        if chance(4) { parameters[7] = Array("/dns-query{?dns}".utf8) }
        if chance(4) { parameters[8] = [] }
        if chance(3) { parameters[pick([667, 65_000, 65_534])] = Array(string().dropFirst()) }
        if !parameters.isEmpty, chance(3) {
            let listed = parameters.keys.sorted().filter { _ in chance(2) }
            if !listed.isEmpty { parameters[0] = listed.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } }
        }
        var wire = [0, UInt8(1 + below(255))] + name().wire
        for (key, value) in parameters.sorted(by: { $0.key < $1.key }) {
            wire += [UInt8(key >> 8), UInt8(key & 255), UInt8(value.count >> 8), UInt8(value.count & 255)] + value
        }
        return wire
    }
}
