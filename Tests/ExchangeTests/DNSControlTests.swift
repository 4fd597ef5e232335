import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import Exchange

/// DNSControl's intermediate representation, of old versions and new.
@Suite struct DNSControlTests {
    private func read(_ records: [String], domain: String = #""name": "example.test""#, only: Name? = nil) throws -> Holding {
        let text = "{\"registrars\": [], \"domains\": [{\(domain), \"registrar\": \"none\", \"records\": [\n\(records.joined(separator: ",\n"))\n]}]}"
        return try DNSControlReader.read(Array(text.utf8), file: "ir.json", only: only)
    }

    /// A record and what it means.
    @Test(arguments: [
        (#"{"type": "A", "name": "@", "target": "192.0.2.1", "ttl": 60}"#, "example.test. 60 A 192.0.2.1"),
        (#"{"type": "A", "name": "www.sub", "subdomain": "sub", "target": "192.0.2.1"}"#, "www.sub.example.test. 300 A 192.0.2.1"),
        (#"{"type": "AAAA", "name": "düsseldorf", "target": "2001:db8::1", "filepos": "[line:1:2]"}"#, "xn--dsseldorf-q9a.example.test. 300 AAAA 2001:db8::1"),
        (#"{"type": "CNAME", "name": "w", "target": "x.example.net."}"#, "w.example.test. 300 CNAME x.example.net."),
        (#"{"type": "MX", "name": "@", "target": "m.example.net.", "mxpreference": 15}"#, "example.test. 300 MX 15 m.example.net."),
        (#"{"type": "MX", "name": "@", "target": "m.example.net."}"#, "example.test. 300 MX 0 m.example.net."),
        (#"{"type": "MX", "name": "@", "target": "m.example.net.", "Fields": {"Mx": "m.example.net.", "Preference": 7}}"#, "example.test. 300 MX 7 m.example.net."),
        (#"{"type": "SRV", "name": "_s._tcp", "target": "m.example.net.", "srvport": 443, "srvweight": 5}"#, "_s._tcp.example.test. 300 SRV 0 5 443 m.example.net."),
        (#"{"type": "CAA", "name": "@", "target": "ca; x", "caatag": "issue", "caaflag": 128}"#, #"example.test. 300 CAA 128 issue "ca; x""#),
        (#"{"type": "TXT", "name": "@", "target": "bonieclyde", "txtstrings": ["bonie", "clyde"]}"#, #"example.test. 300 TXT "bonie" "clyde""#),
        (#"{"type": "TXT", "name": "@", "target": "with \"quotes\" ; # \\"}"#, #"example.test. 300 TXT "with \"quotes\" ; # \\""#),
        (#"{"type": "DS", "name": "d", "target": "", "dskeytag": 1, "dsalgorithm": 13, "dsdigesttype": 5, "dsdigest": "abcd"}"#, "d.example.test. 300 DS 1 13 5 ABCD"),
        (#"{"type": "SSHFP", "name": "@", "target": "abcd", "sshfpalgorithm": 1, "sshfpfingerprint": 3}"#, "example.test. 300 SSHFP 1 3 ABCD"),
        (#"{"type": "TLSA", "name": "_443._tcp", "target": "abcd", "tlsausage": 3, "tlsaselector": 1, "tlsamatchingtype": 0}"#, "_443._tcp.example.test. 300 TLSA 3 1 0 ABCD"),
        (#"{"type": "NAPTR", "name": "@", "naptrflags": "U", "naptrorder": 100, "naptrregexp": "!^.*$!sip:x!", "naptrservice": "E2U+sip", "target": "."}"#, #"example.test. 300 NAPTR 100 0 "U" "E2U+sip" "!^.*$!sip:x!" ."#),
        (#"{"type": "SOA", "name": "@", "target": "ns1.foo.com.", "soambox": "admin.foo.com", "soaexpire": 604800, "soaretry": 900}"#, "example.test. 300 SOA ns1.foo.com. admin.foo.com. 0 0 900 604800 0"),
        (#"{"type": "LOC", "name": "@", "locsize": 51, "loclatitude": 2299997648, "loclongitude": 1891505648, "localtitude": 9997600, "target": "x"}"#, "example.test. 300 LOC 42 21 54 N 71 6 18 W -24m 30m 0m 0m"),
        (#"{"type": "HTTPS", "name": "@", "svcparams": "alpn=\"h3,h2\" port=443", "svcpriority": 2, "target": "."}"#, "example.test. 300 HTTPS 2 . alpn=h3,h2 port=443"),
        (#"{"type": "RP", "name": "@", "target": "", "fields": {"Hdr": {}, "Mbox": "u.example.", "Txt": "t.example."}}"#, "example.test. 300 RP u.example. t.example."),
    ])
    func record(_ json: String, _ text: String) throws {
        let holding = try read([json])
        let reader = ZoneFileReader(ZoneText(text + "\n"))
        guard case .record(let expected)? = reader.first(where: { _ in true }) else { throw TestFailure(text) }
        #expect(holding.refusals.isEmpty, "\(holding.refusals)")
        #expect(
            holding.records.lines == [Line(expected.owner, expected.ttl, expected.type, expected.rdata)])
        #expect(holding.records.first?.origin == Origin(source: Origin.edits, file: "ir.json", line: 2))
        #expect(holding.zones == [Samples.zone] && holding.read == 1)
    }

    @Test(arguments: [
        ("provider", "ALIAS", #"{"type": "ALIAS", "name": "@", "target": "x.example."}"#),
        ("provider", "R53_ALIAS", #"{"type": "R53_ALIAS", "name": "@", "target": "x", "r53_alias": {"type": "A"}}"#),
        ("provider", "CF_REDIRECT", #"{"type": "CF_REDIRECT", "name": "@", "target": "a,b"}"#),
        ("provider", "URL301", #"{"type": "URL301", "name": "@", "target": "http://x"}"#),
        ("type", "APL", #"{"type": "APL", "name": "@", "target": "1:0.0.0.0/0"}"#),
        ("relative", "'b'", #"{"type": "CNAME", "name": "a", "target": "b"}"#),
        ("field", "'weight'", #"{"type": "A", "name": "a", "target": "192.0.2.1", "weight": 4}"#),
        ("value", "no address", #"{"type": "A", "name": "a", "target": "3221225985"}"#),
        ("value", "'mxpreference'", #"{"type": "MX", "name": "a", "target": "x.", "mxpreference": 70000}"#),
        ("value", "'mxpreference'", #"{"type": "MX", "name": "a", "target": "x.", "mxpreference": "high"}"#),
        ("value", "'Preference' is missing", #"{"type": "MX", "name": "a", "target": "x.", "fields": {"Mx": "x."}}"#),
        ("value", "'type' is missing", #"{"name": "a", "target": "x."}"#),
        ("value", "'target' is missing", #"{"type": "A", "name": "a"}"#),
        ("name", "relative to the domain", #"{"type": "A", "name": "a.", "target": "192.0.2.1"}"#),
        ("name", "empty label", #"{"type": "A", "name": "a..b", "target": "192.0.2.1"}"#),
        ("value", "expected an object", "5"),
    ])
    func refusal(_ reason: String, _ words: String, _ json: String) throws {
        let holding = try read([#"{"type": "A", "name": "ok", "target": "192.0.2.1"}"#, json])
        #expect(holding.records.count == 1 && holding.read == 2)
        let refusal = try #require(holding.refusals.first)
        #expect(refusal.reason.rawValue == reason && refusal.line == 3 && "\(refusal)".contains(words), "\(refusal)")
    }

    @Test func domains() throws {
        let record = #"{"type": "A", "name": "a", "target": "192.0.2.1"}"#
        for domain in [
            #""name": "example.test!inside""#, #""name": "example.test", "uniquename": "example.test!inside""#,
            #""name": "example.test", "meta": {"dnscontrol_tag": "inside"}"#,
        ] {
            let holding = try read([record, record], domain: domain)
            #expect(holding.records.isEmpty && holding.refusals.map(\.reason) == [.view, .view])
        }
        let holding = try read(
            [record],
            domain: #""name": "example.test", "nameservers": [{"name": "ns1.example."}], "keepunknown": true, "rawrecords": [{"type": "MX"}], "unmanaged": []"#)
        #expect(holding.records.count == 1)
        #expect(holding.refusals.map(\.subject) == ["example.test. NAMESERVER", "? MX in example.test."])
        #expect(holding.notes.map(\.reason) == [.setting, .missing])
        #expect(holding.read == 3)
        #expect(try read([#"{"type": "A", "name": "a", "target": "192.0.2.1", "meta": {"cloudflare_proxy": "on"}}"#]).notes[0].message.contains("cloudflare_proxy"))
        #expect(throws: ImportFault.self) { try read([record], only: Name("example.net.")) }
        for text in ["", "[]", "{}", #"{"domains": 1}"#, #"{"domains": [{}]}"#, #"{"domains": [{"name": "a..b"}]}"#] {
            #expect(throws: ImportFault.self) { try DNSControlReader.read(Array(text.utf8), file: "ir.json", only: nil) }
        }
    }
}
