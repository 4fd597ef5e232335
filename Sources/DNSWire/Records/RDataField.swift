/// What the RDATA of a type is made of: one table drives wire, text and messages.
enum RDataField: Equatable, Sendable {
    case u8, u16, u32, u48
    /// 32 bits: a span of time in seconds, that people may write with units (`1h30m`).
    case seconds
    case ipv4, ipv6
    case name(NameCompression)
    /// One `<character-string>` (RFC 1035 §3.3).
    case string
    /// One or more character-strings, to the end.
    case strings
    /// A length octet and a tag of letters and digits (RFC 8659 §4.1).
    case tag
    /// Text without a length octet, to the end (CAA's value); if `mayBeEmpty` is false,
    /// at least one octet (RFC 7553 §4.4).
    case textToEnd(mayBeEmpty: Bool)
    /// Octets in hexadecimal, to the end.
    case hexToEnd
    /// Octets in base64, to the end.
    case base64ToEnd
    /// So many octets in hexadecimal with dashes between them (RFC 7043).
    case dashedHex(Int)
    /// 16 bits: a record type's number.
    case type
    /// 8 bits: a DNSSEC algorithm (RFC 4034 appendix A.1).
    case algorithm
    /// 16 bits: a certificate's kind (RFC 4398 §2.1).
    case certificateKind
    /// 32 bits: a time of RRSIG (RFC 4034 §3.2).
    case time
    /// A length octet and a salt in hexadecimal, `-` for none (RFC 5155 §3.3).
    case salt
    /// A length octet and a hash in base32hex, not empty (RFC 5155 §3.3).
    case hash
    /// A set of types, to the end (RFC 4034 §4.1.2).
    case typeBitmap
    /// Service parameters, to the end (RFC 9460 §2).
    case serviceParameters
    /// All of LOC (RFC 1876 §2).
    case location
    /// A 16-bit length and octets, of types that have no presentation format.
    case counted
    /// Octets to the end, of types that have no presentation format.
    case octetsToEnd
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
