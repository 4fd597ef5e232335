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

    public static let knownTypes: [RRType] = [
        .a, .aaaa, .ns, .cname, .ptr, .dname, .soa, .mx, .txt, .spf, .hinfo, .rp, .afsdb, .srv, .naptr, .sshfp, .tlsa, .caa,
    ]

    public mutating func string(_ most: Int = 255) -> [UInt8] {
        let length = chance(6) ? below(most + 1) : below(min(12, most + 1))
        return [UInt8(length)] + (chance(2) ? octets(length) : (0..<length).map { _ in UInt8(0x20 + below(0x5F)) })
    }

    /// Well-formed data of a type, as wire octets put together by hand.
    public mutating func rdata(_ type: RRType) -> RData {
        let wire: [UInt8]
        switch type {
        case .a: wire = octets(4)
        case .aaaa:
            var words = (0..<8).map { _ in chance(2) ? [0, 0] : octets(2) }
            if chance(10) { words = [[0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0xFF, 0xFF], octets(2), octets(2)] }
            wire = Array(words.joined())
        case .ns, .cname, .ptr, .dname: wire = name().wire
        case .soa: wire = name().wire + name().wire + octets(20)
        case .mx, .afsdb: wire = octets(2) + name().wire
        case .txt, .spf: wire = (0...below(3)).flatMap { _ in string() }
        case .hinfo: wire = string() + string()
        case .rp: wire = name().wire + name().wire
        case .srv: wire = octets(6) + name().wire
        case .naptr: wire = octets(4) + string() + string() + string() + name().wire
        case .sshfp: wire = octets(2) + octets(1 + below(32))
        case .tlsa: wire = octets(3) + octets(1 + below(64))
        case .caa:
            let tag: [UInt8] = Array(pick(["issue", "issuewild", "iodef", "x9"]).utf8)
            wire = octets(1) + [UInt8(tag.count)] + tag + string().dropFirst()
        default: wire = octets(below(40))
        }
        return RData(opaque: wire)
    }
}
