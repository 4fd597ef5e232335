/// A resource record type (RFC 1035 §3.2.2, IANA registry "Resource Record TYPEs").
public struct RRType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    private init(_ number: UInt16) { rawValue = number }

    // RFC 1035 §3.2.2, with those of RFC 1183.
    public static let a = RRType(1), ns = RRType(2), md = RRType(3), mf = RRType(4), cname = RRType(5)
    public static let soa = RRType(6), mb = RRType(7), mg = RRType(8), mr = RRType(9), null = RRType(10)
    public static let wks = RRType(11), ptr = RRType(12), hinfo = RRType(13), minfo = RRType(14), mx = RRType(15)
    public static let txt = RRType(16), rp = RRType(17), afsdb = RRType(18), x25 = RRType(19), rt = RRType(21)

    // Addresses and services.
    public static let aaaa = RRType(28), loc = RRType(29), srv = RRType(33), naptr = RRType(35), kx = RRType(36)
    public static let dname = RRType(39), apl = RRType(42), dhcid = RRType(49), hip = RRType(55), spf = RRType(99)
    public static let px = RRType(26), gpos = RRType(27), svcb = RRType(64), https = RRType(65), uri = RRType(256)
    public static let l32 = RRType(105), lp = RRType(107), eui48 = RRType(108), eui64 = RRType(109)
    public static let avc = RRType(258), resinfo = RRType(261), wallet = RRType(262), ninfo = RRType(56)
    public static let talink = RRType(58)

    // Keys and certificates.
    public static let sig = RRType(24), key = RRType(25), nxt = RRType(30), cert = RRType(37), sshfp = RRType(44)
    public static let ipseckey = RRType(45), tlsa = RRType(52), smimea = RRType(53), openpgpkey = RRType(61)
    public static let caa = RRType(257), rkey = RRType(57)

    // DNSSEC (RFC 4034, RFC 5155, RFC 7344) and what keeps zones in step.
    public static let ds = RRType(43), rrsig = RRType(46), nsec = RRType(47), dnskey = RRType(48)
    public static let nsec3 = RRType(50), nsec3param = RRType(51), cds = RRType(59), cdnskey = RRType(60)
    public static let csync = RRType(62), zonemd = RRType(63), ta = RRType(32768), dlv = RRType(32769)

    // In messages and questions only (RFC 6895 §3.1).
    public static let opt = RRType(41), tkey = RRType(249), tsig = RRType(250), ixfr = RRType(251)
    public static let axfr = RRType(252), mailb = RRType(253), maila = RRType(254), any = RRType(255)

    /// Whether records of this type are no data of a zone: OPT, and the meta-types and
    /// question types 128 to 255 (RFC 6895 §3.1).
    public var isMeta: Bool { self == .opt || (128...255).contains(rawValue) }
}

extension RRType {
    /// Parses a mnemonic in either case, or `TYPE12345` (RFC 3597 §5).
    public init?(_ text: String) {
        let octets = Array(text.utf8)
        self.init(octets.span, TextField(start: 0, end: octets.count, isQuoted: false))
    }

    /// Parses one field of presentation format, without allocating.
    init?(_ text: Span<UInt8>, _ field: TextField) {
        if let known = TypeMnemonics.type(text, field) {
            self = known
            return
        }
        let prefix = TextField(start: field.start, end: field.start + 4, isQuoted: false)
        let digits = TextField(start: field.start + 4, end: field.end, isQuoted: false)
        guard field.count > 4, text.matches(prefix, "TYPE"), let number = text.decimal(digits, limit: 65_535) else {
            return nil
        }
        self.init(UInt16(number))
    }

    /// Appends the mnemonic, or `TYPE12345`.
    func appendText(to text: inout [UInt8]) {
        if TypeMnemonics.append(self, to: &text) { return }
        text.append(ascii: "TYPE")
        text.append(decimal: rawValue)
    }
}

extension RRType: CustomStringConvertible {
    /// The mnemonic, or `TYPE12345`.
    public var description: String {
        var text: [UInt8] = []
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension RRType: Comparable {
    public static func < (a: RRType, b: RRType) -> Bool { a.rawValue < b.rawValue }
}
