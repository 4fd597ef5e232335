import DNSWire
import Pipeline
import Testing
import Validation

@Suite struct CleanZoneTests {
    /// What a small company has: web, mail with all its policies, a delegation, a reverse zone.
    private static let text = """
        zone 0.45.in-addr.arpa.
        1.0.0.45.in-addr.arpa. PTR ns1
        2.0.0.45.in-addr.arpa. PTR ns2
        10.0.0.45.in-addr.arpa. PTR web
        25.0.0.45.in-addr.arpa. PTR mail
        @ A 45.0.0.10
        @ AAAA 2600::10
        @ HTTPS 1 . alpn=h2,h3 ipv4hint=45.0.0.10
        @ MX 10 mail
        @ TXT "v=spf1 mx include:spf.mailer.org -all"
        @ TXT "site-verification=abc123"
        @ CAA 0 issue "letsencrypt.org"
        @ CAA 0 iodef "mailto:security@site.net"
        web A 45.0.0.10
        web AAAA 2600::10
        web SSHFP 4 2 \(String(repeating: "ab", count: 32))
        www CNAME web
        mail A 45.0.0.25
        _25._tcp.mail TLSA 3 1 1 \(String(repeating: "cd", count: 32))
        autoconfig CNAME autoconfig.mailer.org.
        _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@site.net"
        k2026._domainkey TXT "v=DKIM1; k=ed25519; p=\(String(repeating: "A", count: 43))="
        _mta-sts TXT "v=STSv1; id=20260101T000000;"
        mta-sts CNAME web
        _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@site.net"
        _imaps._tcp SRV 0 1 993 mail
        _pop3._tcp SRV 0 0 0 .
        cdn @aa CNAME eu.cdn.org.
        cdn @bb CNAME us.cdn.org.
        geo A 45.0.0.30
        geo @aa A 45.0.0.31
        *.apps A 45.0.0.10
        lab NS ns1.lab
        lab NS ns2.lab
        ns1.lab A 45.0.1.1
        ns2.lab A 45.0.1.2
        parked MX 0 .
        """

    @Test func hasAdviceAtMost() throws {
        let found = try findings(Self.text)
        #expect(found.filter { $0.level > .advice }.isEmpty, "\(found.filter { $0.level > .advice })")
    }
}
