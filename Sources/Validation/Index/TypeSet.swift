internal import DNSWire

/// The types at a name, in one word: the common ones by a bit each, the rest by one.
struct TypeSet: OptionSet, Sendable {
    let rawValue: UInt32

    static let a = TypeSet(rawValue: 1 << 0), aaaa = TypeSet(rawValue: 1 << 1), ns = TypeSet(rawValue: 1 << 2)
    static let cname = TypeSet(rawValue: 1 << 3), soa = TypeSet(rawValue: 1 << 4), mx = TypeSet(rawValue: 1 << 5)
    static let txt = TypeSet(rawValue: 1 << 6), ptr = TypeSet(rawValue: 1 << 7), srv = TypeSet(rawValue: 1 << 8)
    static let dname = TypeSet(rawValue: 1 << 9), svcb = TypeSet(rawValue: 1 << 10), caa = TypeSet(rawValue: 1 << 11)
    static let digests = TypeSet(rawValue: 1 << 12), dnssec = TypeSet(rawValue: 1 << 13)
    static let spf = TypeSet(rawValue: 1 << 14), other = TypeSet(rawValue: 1 << 15)

    static let addresses: TypeSet = [.a, .aaaa]
    static let targets: TypeSet = [.cname, .mx, .ns, .srv, .ptr, .svcb, .dname]

    init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ type: RRType) {
        switch type {
        case .a: self = .a
        case .aaaa: self = .aaaa
        case .ns: self = .ns
        case .cname: self = .cname
        case .soa: self = .soa
        case .mx: self = .mx
        case .txt: self = .txt
        case .ptr: self = .ptr
        case .srv: self = .srv
        case .dname: self = .dname
        case .svcb, .https: self = .svcb
        case .caa: self = .caa
        case .tlsa, .smimea, .sshfp: self = .digests
        case .ds, .cds, .dlv, .ta: self = [.digests, .dnssec]
        case .rrsig, .nsec, .dnskey, .nsec3, .nsec3param, .cdnskey, .sig, .nxt: self = .dnssec
        case .spf: self = .spf
        default: self = .other
        }
    }
}
