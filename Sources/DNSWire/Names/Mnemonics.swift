/// Words that may stand for a number in RDATA; numbers are what comes out.
struct Mnemonics: Sendable {
    private let words: [(StaticString, UInt16)]

    /// The number of a word, in either case.
    func number(_ text: Span<UInt8>, _ field: TextField) -> UInt16? {
        for (word, number) in words where text.matches(field, word) { return number }
        return nil
    }

    /// RFC 4034 appendix A.1 and the IANA registry "DNS Security Algorithm Numbers".
    static let algorithms = Mnemonics(words: [
        ("DELETE", 0), ("RSAMD5", 1), ("DH", 2), ("DSA", 3), ("ECC", 4), ("RSASHA1", 5), ("DSA-NSEC3-SHA1", 6),
        ("RSASHA1-NSEC3-SHA1", 7), ("RSASHA256", 8), ("RSASHA512", 10), ("ECC-GOST", 12), ("ECDSAP256SHA256", 13),
        ("ECDSAP384SHA384", 14), ("ED25519", 15), ("ED448", 16), ("MLDSA44", 18), ("INDIRECT", 252),
        ("PRIVATEDNS", 253), ("PRIVATEOID", 254),
    ])

    /// RFC 4398 §2.1.
    static let certificateKinds = Mnemonics(words: [
        ("PKIX", 1), ("SPKI", 2), ("PGP", 3), ("IPKIX", 4), ("ISPKI", 5), ("IPGP", 6), ("ACPKIX", 7), ("IACPKIX", 8),
        ("URI", 253), ("OID", 254),
    ])
}
