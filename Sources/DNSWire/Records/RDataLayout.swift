/// Which fields the RDATA of each type has.
enum RDataLayout {
    /// The fields of a type; `nil` for types that are opaque (RFC 3597). Allocates nothing.
    static func fields(of type: RRType) -> [RDataField]? {
        let number = Int(type.rawValue)
        if number < table.count { return table[number] }
        return type == .dlv || type == .ta ? table[Int(RRType.ds.rawValue)] : nil
    }

    /// Where names are in the data of a type.
    enum Names: Sendable {
        case none
        /// The data is one name.
        case alone
        case among
    }

    /// Where names are in the data of a type that has fields.
    static func names(in type: RRType) -> Names {
        let number = Int(type.rawValue)
        return number < nameTable.count ? nameTable[number] : .none
    }

    private static let nameTable: [Names] = table.map { fields in
        guard let fields else { return .none }
        let names = fields.filter { if case .name = $0 { true } else { false } }
        return names.isEmpty ? .none : fields.count == 1 ? .alone : .among
    }

    /// Whether the canonical form has the names of this type's data in lower case:
    /// RFC 4034 §6.2 without NSEC, as RFC 6840 §5.1 has it. A6 (RFC 6563) stays opaque.
    static func lowersNames(of type: RRType) -> Bool {
        switch type {
        case .ns, .md, .mf, .cname, .soa, .mb, .mg, .mr, .ptr, .minfo, .mx, .rp, .afsdb, .rt, .sig, .px, .nxt,
            .naptr, .kx, .srv, .dname, .rrsig:
            true
        default: false
        }
    }

    private static let table: [[RDataField]?] = {
        var table: [[RDataField]?] = Array(repeating: nil, count: 512)
        for (types, fields) in layouts {
            for type in types { table[Int(type.rawValue)] = fields }
        }
        return table
    }()

    private static let signature: [RDataField] = [.type, .algorithm, .u8, .u32, .time, .time, .u16]

    /// OPT has none: its options are the message's business (RFC 6891 §6.1.2).
    private static let layouts: [([RRType], [RDataField])] = [
        // RFC 1035 §3.3 and §3.4.
        ([.a], [.ipv4]),
        ([.ns, .cname, .ptr, .md, .mf, .mb, .mg, .mr], [.name(.compressible)]),
        ([.soa], [.name(.compressible), .name(.compressible), .u32, .seconds, .seconds, .seconds, .seconds]),
        ([.minfo], [.name(.compressible), .name(.compressible)]),
        ([.mx], [.u16, .name(.compressible)]),
        ([.hinfo], [.string, .string]),
        ([.txt, .spf, .avc, .resinfo, .wallet, .ninfo], [.strings]),

        // Later types whose names RFC 3597 §4 has receivers decompress. DNAME is not
        // among them; but RFC 2672 §4.1 left room for it, and a pointer means nothing else.
        ([.rp], [.name(.decompressible), .name(.decompressible)]),
        ([.afsdb, .rt], [.u16, .name(.decompressible)]),
        ([.px], [.u16, .name(.decompressible), .name(.decompressible)]),
        ([.srv], [.u16, .u16, .u16, .name(.decompressible)]),
        ([.naptr], [.u16, .u16, .string, .string, .string, .name(.decompressible)]),
        ([.dname], [.name(.decompressible)]),
        ([.sig], signature + [.name(.decompressible), .base64ToEnd]),
        // Its bitmap is not that of NSEC, and nobody writes it (RFC 3755 §2.1).
        ([.nxt], [.name(.decompressible), .octetsToEnd]),

        // Names that are never compressed.
        ([.kx, .lp], [.u16, .name(.plain)]),
        ([.talink], [.name(.plain), .name(.plain)]),
        ([.svcb, .https], [.u16, .name(.plain), .serviceParameters]),
        ([.rrsig], signature + [.name(.plain), .base64ToEnd]),
        ([.nsec], [.name(.plain), .typeBitmap]),
        ([.tsig], [.name(.plain), .u48, .u16, .counted, .u16, .u16, .counted]),
        ([.tkey], [.name(.plain), .u32, .u32, .u16, .u16, .counted, .counted]),

        // No names.
        ([.aaaa], [.ipv6]),
        ([.l32], [.u16, .ipv4]),
        ([.x25], [.string]),
        ([.gpos], [.string, .string, .string]),
        ([.loc], [.location]),
        ([.eui48], [.dashedHex(6)]),
        ([.eui64], [.dashedHex(8)]),
        ([.uri], [.u16, .u16, .textToEnd(mayBeEmpty: false)]),
        ([.caa], [.u8, .tag, .textToEnd(mayBeEmpty: true)]),
        ([.sshfp], [.u8, .u8, .hexToEnd]),
        ([.tlsa, .smimea], [.u8, .u8, .u8, .hexToEnd]),
        ([.openpgpkey, .dhcid], [.base64ToEnd]),
        ([.cert], [.certificateKind, .u16, .algorithm, .base64ToEnd]),
        ([.ds, .cds], [.u16, .algorithm, .u8, .hexToEnd]),
        ([.dnskey, .cdnskey, .key, .rkey], [.u16, .u8, .algorithm, .base64ToEnd]),
        ([.nsec3], [.u8, .u8, .u16, .salt, .hash, .typeBitmap]),
        ([.nsec3param], [.u8, .u8, .u16, .salt]),
        ([.csync], [.u32, .u16, .typeBitmap]),
        ([.zonemd], [.u32, .u8, .u8, .hexToEnd]),
    ]
}
