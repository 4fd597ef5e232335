import Validation

extension FaultCase {
    private static let hash = String(repeating: "ab", count: 32)
    private static func texts(_ count: Int) -> String {
        (0..<count).map { _ in "\"\(String(repeating: "x", count: 250))\"" }.joined(separator: " ")
    }
    private static func addresses(_ count: Int) -> String {
        (1...count).map { "www A 45.0.0.\($0)" }.joined(separator: "\n")
    }
    private static func includes(_ count: Int) -> String { (0..<count).map { "include:s\($0).org.org " }.joined() }

    static let hosts: [FaultCase] = [
        .init(.hostUnderscore, "my_host A 45.0.0.1", near: "_dmarc TXT \"v=DMARC1; p=none\"\n_a CNAME ns1"),
        .init(.hostUnderscore, "a._b A 45.0.0.1", near: "*.b A 45.0.0.1"),
        .init(.hostUnderscore, "@ MX 10 my_mail.org.", near: "@ MX 10 my-mail.org."),
        .init(.hostCharacters, "a\\032b A 45.0.0.1", near: "a\\032b TXT x"),
        .init(.hostCharacters, "-a AAAA 2600::1", near: "a-a AAAA 2600::1"),
        .init(.hostCharacters, "_x._tcp SRV 0 0 1 a-.org.", near: "_x._tcp SRV 0 0 1 a-b.org."),
        .init(.privateAddress, "www A 172.31.0.1", near: "www A 172.32.0.1\nwww A 172.15.0.1"),
        .init(.privateAddress, "www AAAA fd00::1", near: "zone a.home.arpa.\nwww.a.home.arpa. AAAA fd00::1\nx.a.home.arpa. A 10.0.0.1"),
        .init(.loopbackAddress, "www A 127.0.0.1", near: "www A 128.0.0.1"),
        .init(.loopbackAddress, "www AAAA ::1", near: "zone a.test.\nwww.a.test. AAAA ::1"),
        .init(.linkLocalAddress, "www A 169.254.1.1", near: "www A 169.253.1.1"),
        .init(.linkLocalAddress, "www AAAA fe80::1", near: "www AAAA 2600::1"),
        .init(.documentationAddress, "www AAAA 2001:db8::1", near: "www AAAA 2001:db9::1"),
        .init(.documentationAddress, "www A 203.0.113.1", near: "www A 203.0.114.1"),
        .init(.bogonAddress, "www A 224.0.0.1", near: "www A 223.255.255.255"),
        .init(.bogonAddress, "www AAAA 4000::1", near: "www AAAA 3000::1\nwww AAAA 64:ff9b::2d00:1"),
        .init(.bogonAddress, "www AAAA ::ffff:45.0.0.1", near: "www AAAA 2600::ffff:45.0.0.1"),
        .init(.ptrMismatch, "zone 0.45.in-addr.arpa.\n5.0.0.45.in-addr.arpa. PTR ns1", near: "zone 0.45.in-addr.arpa.\n1.0.0.45.in-addr.arpa. PTR ns1"),
        .init(
            .ptrMismatch, "h AAAA 2600::1\nzone 6.2.ip6.arpa.\n2.\(String(repeating: "0.", count: 27))0.0.6.2.ip6.arpa. PTR h",
            near: "h AAAA 2600::1\nzone 6.2.ip6.arpa.\n1.\(String(repeating: "0.", count: 27))0.0.6.2.ip6.arpa. PTR h"),
        .init(.ptrMissing, "zone 0.45.in-addr.arpa.\n1.0.0.45.in-addr.arpa. PTR ns1\n2.0.0.45.in-addr.arpa. PTR ns2\nwww A 45.0.0.9",
            near: "zone 0.45.in-addr.arpa.\n1.0.0.45.in-addr.arpa. PTR ns1\n2.0.0.45.in-addr.arpa. PTR ns2\nwww A 46.0.0.9"),
    ]

    static let texts: [FaultCase] = [
        .init(.txtLong, "t TXT \(texts(17))", near: "t TXT \(texts(16))"),
        .init(.txtQuoting, #"t TXT "\"v=spf1 -all\"""#, near: #"t TXT "a \"b\" c""#),
        .init(.txtQuoting, #"t TXT "it is 5\" long""#, near: #"t TXT "it is 5 long""#),
        .init(.txtUnprintable, #"t TXT "a\200""#, near: #"t TXT "a~ ""#),
    ]

    static let mail: [FaultCase] = [
        .init(.spfSeveral, "@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 ~all\"", near: "@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf10 ~all\""),
        .init(.spfSeveral, "@ TXT \"v=spf1 -all\"\n@ @aa TXT \"v=spf1 ~all\"", near: "@ @bb TXT \"v=spf1 -all\"\n@ @aa TXT \"v=spf1 ~all\""),
        .init(.spfSyntax, "@ TXT \"v=spf1 ipv4:45.0.0.1 -all\"", near: "@ TXT \"v=spf1 ip4:45.0.0.1/24 -ALL\""),
        .init(.spfSyntax, "@ TXT \"v=spf1 ip4:45.0.0.256 -all\"", near: "@ TXT \"v=spf1 ip6:2600::/48 a/24//64 mx:x.org/28 ?all\""),
        .init(.spfSyntax, "@ TXT \"v=spf1 include: -all\"", near: "@ TXT \"v=spf1 exists:%{ir}.%{d2}.x.org x-y=z -all\""),
        .init(.spfSyntax, "@ TXT \"v=spf1 a/33 -all\"", near: "@ TXT \"v=spf1 a/32 -all\""),
        .init(.spfSyntax, "@ TXT \"v=spf1 redirect=x.org redirect=y.org\"", near: "@ TXT \"v=spf1 redirect=x.org\""),
        .init(.spfLookups, "@ TXT \"v=spf1 \(includes(11))-all\"", near: "@ TXT \"v=spf1 \(includes(10))-all\""),
        .init(.spfLookups, "@ TXT \"v=spf1 include:a.site.net -all\"\na TXT \"v=spf1 \(includes(10))-all\"",
            near: "@ TXT \"v=spf1 include:a.site.net -all\"\na TXT \"v=spf1 \(includes(9))-all\""),
        .init(.spfLookups, "@ TXT \"v=spf1 \(includes(10))redirect=x.org\"", near: "@ TXT \"v=spf1 \(includes(10))-all redirect=x.org\""),
        .init(.spfVoidLookups, "@ TXT \"v=spf1 a:x.site.net a:y.site.net mx:ns1.site.net -all\"", near: "@ TXT \"v=spf1 a:x.site.net a:ns1.site.net mx:ns1.site.net -all\""),
        .init(.spfLoop, "@ TXT \"v=spf1 include:a.site.net -all\"\na TXT \"v=spf1 redirect=site.net\"", near: "@ TXT \"v=spf1 include:a.site.net include:a.site.net -all\"\na TXT \"v=spf1 -all\""),
        .init(.spfPassAll, "@ TXT \"v=spf1 all\"", near: "@ TXT \"v=spf1 ~all\""),
        .init(.spfWithoutAll, "@ TXT \"v=spf1 mx\"", near: "@ TXT \"v=spf1 redirect=x.org\""),
        .init(.spfType, "@ SPF \"v=spf1 -all\"", near: "@ TXT \"v=spf1 -all\""),
        .init(.dmarcSeveral, "_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc TXT \"v=DMARC1; p=reject\"", near: "_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc TXT \"other\""),
        .init(.dmarcSyntax, "_dmarc TXT \"v=DMARC1; rua=mailto:a@x.org\"", near: "_dmarc TXT \"v=DMARC1; p=reject; pct=50; rua=mailto:a@x.org;\""),
        .init(.dmarcSyntax, "_dmarc.a TXT \"p=none; v=DMARC1\"", near: "dmarc TXT \"p=none; v=DMARC1\""),
        .init(.dmarcSyntax, "_dmarc TXT \"v=DMARC1; p=block\"", near: "_dmarc TXT \"v=DMARC1; p=Quarantine; sp=none\""),
        .init(.dmarcSyntax, "_dmarc TXT \"v=DMARC1; p=none; rua=a@x.org\"", near: "_dmarc TXT \"v=DMARC1; p=none\""),
        .init(.dkimSyntax, "k._domainkey TXT \"v=DKIM1; k=rsa\"", near: "k._domainkey TXT \"v=DKIM1; k=rsa; p=\""),
        .init(.dkimSyntax, "k._domainkey TXT \"v=DKIM1; p=AAA\"", near: "k._domainkey TXT \"v=DKIM1; p=AAA=\""),
        .init(.dkimSyntax, "k._domainkey TXT \"k=ed25519; p=AAAA\"", near: "k._domainkey TXT \"k=ed25519; p=\(String(repeating: "A", count: 43))=\""),
        .init(.mtaSTSSyntax, "_mta-sts TXT \"v=STSv1; id=2026-01-01;\"", near: "_mta-sts TXT \"v=STSv1; id=20260101;\""),
        .init(.tlsRPTSyntax, "_smtp._tls TXT \"v=TLSRPTv1; rua=a@x.org\"", near: "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:a@x.org,https://x.org\""),
        .init(.nullMX, "@ MX 0 .\n@ MX 10 ns1", near: "@ MX 0 ."),
        .init(.nullMX, "@ MX 10 .", near: "@ MX 0 ."),
        .init(.nullMX, "@ MX 0 .\n@ @aa MX 10 ns1", near: "@ @bb MX 0 .\n@ @aa MX 10 ns1"),
    ]

    static let keys: [FaultCase] = [
        .init(.caaTag, "@ CAA 0 isue \"ca.org\"", near: "@ CAA 0 issue \"ca.org\""),
        .init(.caaValue, "@ CAA 0 issue \"https://ca.org\"", near: "@ CAA 0 issue \"ca.org; accounturi=x\""),
        .init(.caaValue, "@ CAA 0 iodef \"a@x.org\"", near: "@ CAA 0 iodef \"mailto:a@x.org\""),
        .init(.caaValue, "@ CAA 1 issue \";\"", near: "@ CAA 128 issue \";\""),
        .init(.caaMissing, "@ A 45.0.0.1", near: "@ A 45.0.0.1\n@ CAA 0 issue \"ca.org\""),
        .init(.caaMissing, "www A 45.0.0.1", near: "web A 45.0.0.1"),
        .init(.caaMissing, "@ CAA 0 issue \";\"\nzone x.org.\nx.org. MX 10 ns1", near: "@ CAA 0 issue \";\"\nzone sub\nsub MX 10 ns1"),
        .init(.digestLength, "sub NS ns1\nsub DS 1 13 4 \(hash)", near: "sub NS ns1\nsub DS 1 13 200 \(hash)"),
        .init(.digestLength, "www SSHFP 4 1 \(hash)", near: "www SSHFP 4 2 \(hash)"),
        .init(.digestLength, "_443._tcp TLSA 3 1 2 \(hash)", near: "_443._tcp TLSA 3 1 0 abcd"),
        .init(.svcbMandatory, "@ TYPE65 \\# 7 0001 00 0002 0000", near: "@ HTTPS 1 . alpn=h2 no-default-alpn"),
        .init(.svcbMandatory, "@ TYPE65 \\# 9 0001 00 0000 0002 0003", near: "@ HTTPS 1 . mandatory=port port=8443"),
        .init(.svcbAlias, "@ HTTPS 0 x.org.\n@ HTTPS 1 y.org.", near: "@ HTTPS 0 x.org."),
        .init(.svcbAlias, "@ TYPE65 \\# 15 0000 017803 6f7267 00 0003 0002 01bb", near: "@ HTTPS 1 x.org. port=443"),
        .init(.svcbHints, "@ A 45.0.0.1\n@ HTTPS 1 . ipv4hint=45.0.0.2", near: "@ A 45.0.0.1\n@ HTTPS 1 . ipv4hint=45.0.0.1"),
        .init(.svcbHints, "@ HTTPS 1 h ipv6hint=2600::2\nh AAAA 2600::1", near: "@ HTTPS 1 h.org. ipv6hint=2600::2"),
    ]

    static let tinydns: [FaultCase] = [
        .init(.wildcardInside, "a.*.b A 45.0.0.1", near: "*.b A 45.0.0.1"),
        .init(.wildcardBlocked, "*.b MX 10 ns1\nh.b A 45.0.0.1", near: "*.b MX 10 ns1\nh.b MX 10 ns2"),
        .init(.wildcardDeep, "*.b A 45.0.0.1\nh.b A 45.0.0.1", near: "*.b A 45.0.0.1\nh.c A 45.0.0.1"),
        .init(.wildcardDeep, "*.b A 45.0.0.1\nh.b A 45.0.0.1", near: "*.b A 45.0.0.1\nh.b A 45.0.0.1\n*.h.b A 45.0.0.1"),
        .init(.emptyNonTerminal, "a.b A 45.0.0.1", near: "a.b A 45.0.0.1\nb TXT x"),
        .init(.manyAddresses, addresses(9), near: addresses(8)),
        .init(.manyAddresses, addresses(8) + "\nwww @aa A 45.0.1.1", near: addresses(8) + "\nwwx @aa A 45.0.1.1"),
        .init(.responseLarge, "t TXT \(texts(2))", near: "t TXT \"\(String(repeating: "x", count: 200))\" \"\(String(repeating: "x", count: 200))\""),
        .init(.responseTooLarge, "t TXT \(texts(17))", near: "t TXT \(texts(16))"),
        .init(.locationHidesZone, "b.org. SOA ns1 host 1 7200 900 604800 3600\nb.org. @aa NS ns1", near: "b.org. SOA ns1 host 1 7200 900 604800 3600\nb.org. NS ns1\nb.org. @aa NS ns2"),
        .init(.locationFallsThrough, "*.b A 45.0.0.1\nh.b @aa A 45.0.0.2", near: "*.b A 45.0.0.1\nh.b A 45.0.0.2\nh.b @aa A 45.0.0.3"),
    ]
}
