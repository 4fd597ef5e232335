/// A resource record type (RFC 1035 §3.2.2, IANA registry "Resource Record TYPEs").
public struct RRType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    private init(_ number: UInt16) { rawValue = number }

    // RFC 1035 §3.2.2, with those of RFC 1183.
    /// `a`: an IPv4 address. `ns`: a server of the zone. `md`, `mf`: mail hosts, obsolete since
    /// there is MX. `cname`: the name that the owner is an alias of.
    public static let a = RRType(1), ns = RRType(2), md = RRType(3), mf = RRType(4), cname = RRType(5)
    /// `soa`: the start of a zone. `mb`, `mg`, `mr`: a mailbox's host, a mail group's member, a
    /// mailbox's new name, experiments all of them. `null`: any octets.
    public static let soa = RRType(6), mb = RRType(7), mg = RRType(8), mr = RRType(9), null = RRType(10)
    /// `wks`: the well-known services of a host. `ptr`: a name, such as that of an address. `hinfo`: a
    /// host's processor and system. `minfo`: the mailboxes behind a list. `mx`: a mail exchange.
    public static let wks = RRType(11), ptr = RRType(12), hinfo = RRType(13), minfo = RRType(14), mx = RRType(15)
    /// `txt`: character-strings. And of RFC 1183: `rp`, who is responsible; `afsdb`, a cell's database
    /// server; `x25`, an address of X.25; `rt`, a host that passes things on.
    public static let txt = RRType(16), rp = RRType(17), afsdb = RRType(18), x25 = RRType(19), rt = RRType(21)

    // Addresses and services.
    /// `aaaa`: an IPv6 address (RFC 3596). `loc`: a place on earth (RFC 1876). `srv`: where a service
    /// is (RFC 2782). `naptr`: a rule that rewrites a name (RFC 3403). `kx`: a key exchanger
    /// (RFC 2230).
    public static let aaaa = RRType(28), loc = RRType(29), srv = RRType(33), naptr = RRType(35), kx = RRType(36)
    /// `dname`: an alias of all below a name (RFC 6672). `apl`: address prefixes (RFC 3123). `dhcid`:
    /// whose name it is by DHCP (RFC 4701). `hip`: a host identity (RFC 8005). `spf`: now in TXT
    /// (RFC 7208 §3.1).
    public static let dname = RRType(39), apl = RRType(42), dhcid = RRType(49), hip = RRType(55), spf = RRType(99)
    /// `px`: mail to X.400 (RFC 2163). `gpos`: a place on earth, older than LOC (RFC 1712). `svcb`,
    /// `https`: where and how a service is reached (RFC 9460). `uri`: a URI for a service (RFC 7553).
    public static let px = RRType(26), gpos = RRType(27), svcb = RRType(64), https = RRType(65), uri = RRType(256)
    /// `l32`, `lp`: locators of ILNP (RFC 6742). `eui48`, `eui64`: hardware addresses (RFC 7043).
    public static let l32 = RRType(105), lp = RRType(107), eui48 = RRType(108), eui64 = RRType(109)
    /// `resinfo`: what a resolver can do (RFC 9606). Without an RFC: `avc`, application visibility;
    /// `wallet`, a public address of a wallet; `ninfo`, the state of a zone.
    public static let avc = RRType(258), resinfo = RRType(261), wallet = RRType(262), ninfo = RRType(56)
    /// Links of a chain of trust anchors; without an RFC.
    public static let talink = RRType(58)

    // Keys and certificates.
    /// `sig`, `key`, `nxt`: DNSSEC until RFC 3755; SIG and KEY go on for signed messages (RFC 2931).
    /// `cert`: a certificate (RFC 4398). `sshfp`: the fingerprint of an SSH key (RFC 4255).
    public static let sig = RRType(24), key = RRType(25), nxt = RRType(30), cert = RRType(37), sshfp = RRType(44)
    /// `ipseckey`: a key for IPsec (RFC 4025). `tlsa`, `smimea`: certificates of TLS servers (RFC 6698)
    /// and of mail users (RFC 8162). `openpgpkey`: a key of OpenPGP (RFC 7929).
    public static let ipseckey = RRType(45), tlsa = RRType(52), smimea = RRType(53), openpgpkey = RRType(61)
    /// `caa`: who may issue certificates (RFC 8659). `rkey`: a key that encrypts NAPTR; without an RFC.
    public static let caa = RRType(257), rkey = RRType(57)

    // DNSSEC (RFC 4034, RFC 5155, RFC 7344) and what keeps zones in step.
    /// `ds`: the digest of a child's key. `rrsig`: a signature. `nsec`: the next name. `dnskey`: a
    /// key of the zone (all RFC 4034).
    public static let ds = RRType(43), rrsig = RRType(46), nsec = RRType(47), dnskey = RRType(48)
    /// `nsec3`, `nsec3param`: the next hashed name, and how names are hashed (RFC 5155). `cds`,
    /// `cdnskey`: the DS and DNSKEY that a child wants its parent to take (RFC 7344).
    public static let nsec3 = RRType(50), nsec3param = RRType(51), cds = RRType(59), cdnskey = RRType(60)
    /// `csync`: what a parent should copy (RFC 7477). `zonemd`: the digest of a zone (RFC 8976).
    /// `ta`: a trust anchor; without an RFC. `dlv`: DS records elsewhere (RFC 4431), given up by
    /// RFC 8749.
    public static let csync = RRType(62), zonemd = RRType(63), ta = RRType(32768), dlv = RRType(32769)

    // In messages and questions only (RFC 6895 §3.1).
    /// `opt`: EDNS (RFC 6891). `tkey`: agrees on a key (RFC 2930). `tsig`: signs a message (RFC 8945).
    /// `ixfr`: asks for what changed in a zone (RFC 1995).
    public static let opt = RRType(41), tkey = RRType(249), tsig = RRType(250), ixfr = RRType(251)
    /// `axfr`: asks for a whole zone (RFC 5936). `mailb`, `maila`: ask for mail records as they once
    /// were (RFC 1035 §3.2.3). `any`: asks for all types, and need not get them (RFC 8482).
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
