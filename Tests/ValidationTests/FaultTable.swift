import Validation

/// A presentation with a fault, and one that is nearly the same without it.
struct FaultCase: Sendable, CustomStringConvertible {
    var fault: Fault
    var has: String
    var near: String
    var onBase = true

    init(_ fault: Fault, _ has: String, near: String, onBase: Bool = true) {
        (self.fault, self.has, self.near, self.onBase) = (fault, has, near, onBase)
    }

    var description: String { "\(fault.rawValue): \(has)" }

    private static func chain(_ count: Int) -> String {
        (0..<count).map { "c\($0) CNAME c\($0 + 1)\n" }.joined() + "c\(count) A 45.0.0.9"
    }
    private static let digest = String(repeating: "ab", count: 32)

    static let all: [FaultCase] =
        forms + aliases + targets + zones + sets + hosts + texts + mail + keys + tinydns

    static let forms: [FaultCase] = [
        // The builder of data refuses malformed text; see the tests of forms.
        .init(.valueTooLong, "www TYPE65280 \\# 32736 \(String(repeating: "00", count: 32_736))",
            near: "www TYPE65280 \\# 32735 \(String(repeating: "00", count: 32_735))"),
        .init(.notARecord, "www TYPE251 \\# 1 00", near: "www TYPE65280 \\# 1 00"),
        .init(.outsideZones, "www.other.org. A 45.0.0.1", near: "zone other.org.\nwww.other.org. A 45.0.0.1"),
    ]

    static let aliases: [FaultCase] = [
        .init(.cnameAtApex, "@ CNAME www.other.org.", near: "www CNAME www.other.org."),
        .init(.cnameBesideData, "www CNAME x.org.\nwww A 45.0.0.1", near: "www CNAME x.org.\nwwx A 45.0.0.1"),
        .init(.cnameBesideData, "www CNAME x.org.\nwww @aa A 45.0.0.1", near: "www @bb CNAME x.org.\nwww @aa A 45.0.0.1"),
        .init(.cnameBesideData, "www @aa CNAME x.org.\nwww TXT a", near: "www CNAME x.org.\nwww RRSIG A 8 2 3600 20300101000000 20200101000000 1 site.net. AAAA"),
        .init(.cnameBesideData, "@ CNAME x.org.\n@ MX 10 ns1", near: "@ CNAME x.org."),
        .init(.severalValues, "www CNAME x.org.\nwww @aa CNAME y.org.", near: "www @bb CNAME x.org.\nwww @aa CNAME y.org."),
        .init(.severalValues, "d DNAME x.org.\nd DNAME y.org.", near: "d DNAME x.org."),
        .init(.severalValues, "@ @aa SOA ns2 host 1 7200 900 1209600 3600", near: "www A 45.0.0.1"),
        .init(.cnameLoop, "a CNAME b\nb CNAME A", near: "a CNAME b\nb CNAME a.org."),
        .init(.cnameLoop, "a CNAME a", near: "a CNAME a.a.org."),
        .init(.cnameLoop, "*.w CNAME x.w", near: "*.w CNAME x"),
        .init(.cnameLoop, "a CNAME b.site.org.\nzone site.org.\nb.site.org. CNAME a", near: "a CNAME b.site.org.\nzone site.org.\nb.site.org. A 45.0.0.1"),
        .init(.cnameLoop, "a CNAME b\nb @aa CNAME a\nb @bb A 45.0.0.1", near: "a CNAME b\nb @aa CNAME c\nc A 45.0.0.1"),
        .init(.cnameChain, chain(2), near: chain(1)),
        .init(.cnameChain, chain(8), near: "a CNAME b.x.org."),
        .init(.cnameChain, "a CNAME b\nb @aa CNAME c\nb @bb A 45.0.0.1\nc A 45.0.0.1", near: "a @bb CNAME b\nb @aa CNAME c\nb @bb A 45.0.0.1\nc A 45.0.0.1"),
        .init(.cnameChainLong, chain(9), near: chain(8)),
        .init(.cnameChainLong, chain(40), near: chain(8)),
        .init(.dnameUnserved, "d DNAME x.org.", near: "d CNAME x.org."),
    ]

    static let targets: [FaultCase] = [
        .init(.danglingTarget, "www CNAME web", near: "www CNAME web\nweb A 45.0.0.1"),
        .init(.danglingTarget, "www CNAME x.w", near: "www CNAME x.w\n*.w TXT a"),
        .init(.danglingTarget, "@ MX 10 mail.site.org.\nzone site.org.", near: "@ MX 10 mail.x.site.org.\nzone site.org.\nx.site.org. NS ns1.else.org."),
        .init(.danglingTarget, "_sip._tcp SRV 0 0 5060 sip", near: "_sip._tcp SRV 0 0 5060 ."),
        .init(.danglingTarget, "www CNAME web\nweb @aa A 45.0.0.1", near: "www @aa CNAME web\nweb @aa A 45.0.0.1"),
        .init(.danglingTarget, "svc HTTPS 1 web", near: "svc HTTPS 1 .\nsvc A 45.0.0.1"),
        .init(.danglingTarget, "@ NS ns3", near: "@ NS ns3\nns3 A 45.0.0.3"),
        .init(.danglingTarget, "d DNAME e", near: "d DNAME e\nx.e A 45.0.0.1"),
        .init(.danglingTarget, "www CNAME x.host\nhost A 45.0.0.1", near: "www CNAME x.d\nd DNAME other.org."),
        .init(.danglingPTR, "zone 0.45.in-addr.arpa.\n5.0.0.45.in-addr.arpa. PTR gone", near: "zone 0.45.in-addr.arpa.\n5.0.0.45.in-addr.arpa. PTR ns1"),
        .init(.targetWithoutAddress, "@ MX 10 mail\nmail TXT a", near: "@ MX 10 mail\nmail AAAA 2600::1"),
        .init(.targetWithoutAddress, "svc HTTPS 1 web\nweb TXT a", near: "www CNAME web\nweb TXT a"),
        .init(.targetIsAddress, "@ MX 10 45.0.0.1.", near: "@ MX 10 45.0.0.1.x.org."),
        .init(.targetIsAlias, "@ MX 10 mail\nmail CNAME ns1", near: "@ MX 10 mail\nmail A 45.0.0.1"),
        .init(.targetIsAlias, "@ MX 10 mail\nmail @aa CNAME ns1\nmail A 45.0.0.1", near: "@ @bb MX 10 mail\nmail @aa CNAME ns1\nmail @bb A 45.0.0.1"),
        .init(.targetIsAlias, "_x._tcp SRV 0 0 1 h\nh CNAME ns1", near: "www CNAME h\nh CNAME ns1"),
        .init(.repeatedDomain, "www.Site.net A 45.0.0.1", near: "www.site A 45.0.0.1\nxsite.net A 45.0.0.1"),
        .init(.missingDot, "www CNAME web.site.net", near: "www CNAME web.net"),
        .init(.missingDot, "@ MX 10 45.0.0.1", near: "@ MX 10 45.0.0.1.a"),
        .init(.missingDot, "@ MX 10 mail.", near: "@ MX 10 mail.x."),
        .init(.missingDot, "zone 0.45.in-addr.arpa.\n5.0.0.45.in-addr.arpa. PTR ns1.0.45.in-addr.arpa.", near: "zone 0.45.in-addr.arpa.\n5.0.0.45.in-addr.arpa. CNAME 5.x.0.45.in-addr.arpa."),
    ]

    static let zones: [FaultCase] = [
        .init(.apexWithoutNS, "@ SOA ns1 host 1 7200 900 1209600 3600", near: "@ SOA ns1 host 1 7200 900 1209600 3600\n@ NS ns1", onBase: false),
        .init(.apexWithoutNS, "@ @aa SOA ns1 host 1 7200 900 1209600 3600\n@ @bb NS ns1", near: "@ @aa SOA ns1 host 1 7200 900 1209600 3600\n@ @aa NS ns1", onBase: false),
        .init(.fewNameServers, "@ SOA ns1 host 1 7200 900 1209600 3600\n@ NS ns1", near: "@ SOA ns1 host 1 7200 900 1209600 3600\n@ NS ns1\n@ NS ns2", onBase: false),
        .init(.fewNameServers, "sub NS ns1", near: "sub NS ns1\nsub NS ns2"),
        .init(.glueMissing, "sub NS ns.sub", near: "sub NS ns.sub\nns.sub A 45.0.0.1"),
        .init(.glueMissing, "sub NS sub", near: "sub NS sub\nsub AAAA 2600::1"),
        .init(.glueMissing, "sub @aa NS ns.sub\nns.sub @bb A 45.0.0.1", near: "sub @aa NS ns.sub\nns.sub @aa A 45.0.0.1"),
        .init(.glueUnused, "sub NS ns1\nns.sub A 45.0.0.1", near: "sub NS ns.sub\nns.sub A 45.0.0.1"),
        .init(.delegationMismatch, "zone sub\nother sub NS ns3.org.", near: "sub NS ns1\nother sub NS ns3.org."),
        .init(.belowDelegation, "sub NS ns1\nwww.sub TXT a", near: "zone sub\nwww.sub TXT a"),
        .init(.belowDelegation, "sub NS ns1\nsub MX 10 ns1", near: "sub NS ns1\nsub DS 1 13 2 \(digest)"),
        .init(.belowDNAME, "d DNAME x.org.\na.b.d A 45.0.0.1", near: "d DNAME x.org.\nd A 45.0.0.1"),
        .init(.soaTimes, "zone a.org.\nb.org. SOA ns1 host 1 900 7200 1209600 3600", near: "zone a.org."),
        .init(.soaTimes, "b.org. SOA ns1 host 1 7200 900 10000 3600", near: "b.org. SOA ns1 host 1 7200 900 604800 3600"),
        .init(.soaTimes, "b.org. SOA ns1 host 1 7200 900 604800 86401", near: "b.org. SOA ns1 host 1 7200 900 604800 86400"),
        .init(.dnssecUnserved, "@ DNSKEY 257 3 13 AAAA", near: "@ CAA 0 issue ca.org"),
    ]

    static let sets: [FaultCase] = [
        .init(.duplicateSet, "www A 45.0.0.1\nother WWW A 45.0.0.1", near: "www A 45.0.0.1\nother www @aa A 45.0.0.1"),
        .init(.duplicateValue, "@ MX 10 NS1\n@ MX 10 ns1", near: "@ MX 10 ns1\n@ MX 42 ns1\n@ MX 74 ns1"),
        .init(.mixedTTL, "www 300 A 45.0.0.1\nwww @aa 600 A 45.0.0.2", near: "www @bb 300 A 45.0.0.1\nwww @aa 600 A 45.0.0.2"),
        .init(.ttlRange, "www 2147483648 A 45.0.0.1", near: "www 2147483647 A 45.0.0.1"),
        .init(.ttlZero, "www 0 A 45.0.0.1", near: "_freshet 0 TXT a"),
        .init(.ttlTiny, "www 29 A 45.0.0.1", near: "www 30 A 45.0.0.1\n_freshet 1 TXT a"),
        .init(.ttlHuge, "www 604801 A 45.0.0.1", near: "www 604800 A 45.0.0.1"),
    ]
}
