/// What the RDATA of a type is made of: one table drives wire, text and messages.
enum RDataField: Sendable {
    case u8, u16, u32
    case ipv4, ipv6
    case name(NameCompression)
    /// One `<character-string>` (RFC 1035 §3.3).
    case string
    /// One or more character-strings, to the end.
    case strings
    /// A length octet and a tag of letters and digits (RFC 8659 §4.1).
    case tag
    /// Text without a length octet, to the end (CAA's value).
    case textToEnd
    /// Octets in hexadecimal, to the end.
    case hexToEnd
}

/// What compression (RFC 1035 §4.1.4) may do to a name inside RDATA.
enum NameCompression: Sendable {
    /// May arrive compressed and may be sent so: the types of RFC 1035 alone.
    case compressible
    /// May arrive compressed and is never sent so: later types that some senders
    /// compress all the same (RFC 3597 §4 lists them).
    case decompressible
    /// Neither; a pointer makes the data malformed.
    case plain
}

enum RDataLayout {
    /// The fields of a type; `nil` for types that are opaque (RFC 3597).
    static func fields(of type: RRType) -> [RDataField]? { table[type] }

    /// Whether a tag is of letters and digits alone.
    static func isTag(_ octets: some Sequence<UInt8>) -> Bool {
        octets.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains(ASCII.lower($0)) }
    }

    private static let table: [RRType: [RDataField]] = [
        .a: [.ipv4],
        .aaaa: [.ipv6],
        .ns: [.name(.compressible)], .cname: [.name(.compressible)], .ptr: [.name(.compressible)],
        .dname: [.name(.decompressible)],
        .soa: [.name(.compressible), .name(.compressible), .u32, .u32, .u32, .u32, .u32],
        .mx: [.u16, .name(.compressible)],
        .txt: [.strings], .spf: [.strings],
        .hinfo: [.string, .string],
        .rp: [.name(.decompressible), .name(.decompressible)],
        .afsdb: [.u16, .name(.decompressible)],
        .srv: [.u16, .u16, .u16, .name(.decompressible)],
        .naptr: [.u16, .u16, .string, .string, .string, .name(.decompressible)],
        .sshfp: [.u8, .u8, .hexToEnd],
        .tlsa: [.u8, .u8, .u8, .hexToEnd],
        .caa: [.u8, .tag, .textToEnd],
    ]
}
