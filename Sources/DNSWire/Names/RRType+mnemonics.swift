/// The mnemonics of types, looked up as integers.
///
/// A mnemonic has at most ten characters out of 37, so six bits each make it one
/// 64-bit number: comparing, hashing and writing it need no string.
enum TypeMnemonics {
    /// The type that a field names, in either case.
    static func type(_ text: Span<UInt8>, _ field: TextField) -> RRType? {
        guard field.count <= 10 else { return nil }
        var packed: UInt64 = 0
        for i in field.start..<field.end {
            guard let symbol = symbol(text[i]) else { return nil }
            packed = packed << 6 | symbol
        }
        guard packed != 0 else { return nil }
        var slot = slot(packed)
        while byMnemonic[slot].packed != packed {
            guard byMnemonic[slot].packed != 0 else { return nil }
            slot = (slot + 1) % byMnemonic.count
        }
        return RRType(rawValue: byMnemonic[slot].number)
    }

    /// Appends the mnemonic of a type and returns whether it has one.
    static func append(_ type: RRType, to text: inout [UInt8]) -> Bool {
        let number = type.rawValue
        let packed = number < 0x8000 ? (Int(number) < byNumber.count ? byNumber[Int(number)] : 0) : obsolete(type)
        guard packed != 0 else { return false }
        var shift = (63 - packed.leadingZeroBitCount) / 6 * 6
        while shift >= 0 {
            let symbol = UInt8(packed >> UInt64(shift) & 63)
            text.append(symbol <= 26 ? 0x40 + symbol : symbol <= 36 ? 0x30 + symbol - 27 : UInt8(ascii: "-"))
            shift -= 6
        }
        return true
    }

    /// Six bits for a character; none is zero, so that lengths differ too.
    private static func symbol(_ c: UInt8) -> UInt64? {
        switch c {
        case 0x41...0x5A: UInt64(c - 0x40)
        case 0x61...0x7A: UInt64(c - 0x60)
        case 0x30...0x39: UInt64(c - 0x30 + 27)
        case UInt8(ascii: "-"): 37
        default: nil
        }
    }

    private static func pack(_ mnemonic: StaticString) -> UInt64 {
        mnemonic.withUTF8Buffer { $0.reduce(0) { $0 << 6 | symbol($1)! } }
    }

    private static func slot(_ packed: UInt64) -> Int { Int((packed &* 0x9E37_79B9_7F4A_7C15) >> 56) }

    private static func obsolete(_ type: RRType) -> UInt64 {
        switch type {
        case .ta: pack("TA")
        case .dlv: pack("DLV")
        default: 0
        }
    }

    private struct Entry {
        var packed: UInt64 = 0
        var number: UInt16 = 0
    }

    private static let byNumber: [UInt64] = {
        var table: [UInt64] = []
        for (first, names) in blocks {
            while table.count < first { table.append(0) }
            table += names.map(pack)
        }
        return table
    }()

    /// Open addressing; at most half full.
    private static let byMnemonic: [Entry] = {
        var table = Array(repeating: Entry(), count: 256)
        func insert(_ packed: UInt64, _ number: UInt16) {
            var at = slot(packed)
            while table[at].packed != 0 { at = (at + 1) % table.count }
            table[at] = Entry(packed: packed, number: number)
        }
        for (number, packed) in byNumber.enumerated() where packed != 0 { insert(packed, UInt16(number)) }
        for type in [RRType.ta, .dlv] { insert(obsolete(type), type.rawValue) }
        return table
    }()

    /// Runs of assigned numbers (IANA registry "Resource Record TYPEs").
    private static let blocks: [(Int, [StaticString])] = [
        (
            1,
            [
                "A", "NS", "MD", "MF", "CNAME", "SOA", "MB", "MG", "MR", "NULL", "WKS", "PTR", "HINFO", "MINFO", "MX",
                "TXT", "RP", "AFSDB", "X25", "ISDN", "RT", "NSAP", "NSAP-PTR", "SIG", "KEY", "PX", "GPOS", "AAAA",
                "LOC", "NXT", "EID", "NIMLOC", "SRV", "ATMA", "NAPTR", "KX", "CERT", "A6", "DNAME", "SINK", "OPT",
                "APL", "DS", "SSHFP", "IPSECKEY", "RRSIG", "NSEC", "DNSKEY", "DHCID", "NSEC3", "NSEC3PARAM", "TLSA",
                "SMIMEA",
            ]
        ),
        (
            55,
            [
                "HIP", "NINFO", "RKEY", "TALINK", "CDS", "CDNSKEY", "OPENPGPKEY", "CSYNC", "ZONEMD", "SVCB", "HTTPS",
                "DSYNC", "HHIT", "BRID",
            ]
        ),
        (99, ["SPF", "UINFO", "UID", "GID", "UNSPEC", "NID", "L32", "L64", "LP", "EUI48", "EUI64"]),
        (128, ["NXNAME"]),
        (249, ["TKEY", "TSIG", "IXFR", "AXFR", "MAILB", "MAILA", "ANY"]),
        (256, ["URI", "CAA", "AVC", "DOA", "AMTRELAY", "RESINFO", "WALLET", "CLA", "IPN"]),
    ]
}
