import DNSWire
import Pipeline
import Testing

@testable import Rules

@Suite struct MailTests {
    private func text(@RecordBuilder _ records: () -> Records) throws -> String {
        let evaluation = evaluate(records)
        #expect(evaluation.messages == [])
        let record = try #require(evaluation.records.first)
        return "\(record.key.owner) " + String(decoding: try #require(record.rdata[0].joinedStrings), as: UTF8.self)
    }

    @Test func records() throws {
        #expect(try text { SPF("z.", .mx(), .a("a.z.", .neutral), .ip4("192.0.2.0/24", .fail), .ip6("2001:db8::"), .include("b.z"), .exists("%{i}.c.z"), .explanation("e.z"), .all(.softFail)) }
            == "z. v=spf1 mx ?a:a.z -ip4:192.0.2.0/24 ip6:2001:db8:: include:b.z exists:%{i}.c.z exp=e.z ~all")
        #expect(try text { SPF("z.", .redirect("b.z.")) } == "z. v=spf1 redirect=b.z")
        #expect(try text { DMARC("z.", policy: .none) } == "_dmarc.z. v=DMARC1; p=none")
        #expect(
            try text { Zone("z.") { DMARC("@", policy: .reject, subdomains: .quarantine, percent: 0, reports: ["a@z", "https://y/"], failures: ["b@z"], dkim: .strict, spf: .strict) } }
                == "_dmarc.z. v=DMARC1; p=reject; sp=quarantine; pct=0; adkim=s; aspf=s; rua=mailto:a@z,https://y/; ruf=mailto:b@z")
        #expect(try text { MTASTS("z.", id: "2026a") } == "_mta-sts.z. v=STSv1; id=2026a;")
        #expect(try text { Zone("z.") { TLSRPT("sub", reports: ["a@z"]) } } == "_smtp._tls.sub.z. v=TLSRPTv1; rua=mailto:a@z")
        let null = evaluate { NullMX("z.") }
        #expect(null.lines == ["z. MX 3600 0 ."])
    }

    /// Ten terms may need a look-up, networks and `all` do not count.
    @Test func lookUps() {
        let ten = (0..<10).map { SPFTerm.include("s\($0).z") }
        #expect(evaluate { SPF("z.", ten + [.ip4("192.0.2.1"), .all(.fail)]) }.messages == [])
        #expect(evaluate { SPF("z.", ten + [.mx()]) }.messages == ["z. SPF: 11 terms need a look-up; receivers give up after 10"])
        #expect(evaluate { SPF("z.", ten + [.redirect("r.z")]) }.faults.count == 1)
    }

    @Test func mistakes() {
        let start = #line
        let evaluation = evaluate {
            SPF("z.", .all(.fail), .all(.softFail))
            SPF("z.", .all(.fail), .mx())
            SPF("z.", .redirect("a.z"), .redirect("b.z"))
            SPF("z.", .redirect("a.z"), .all(.fail))
            SPF("z.", .ip4("192.0.2.0/33"))
            SPF("z.", .ip4("192.0.2.0/+8"))
            SPF("z.", .ip4("2001:db8::"))
            SPF("z.", .ip6("192.0.2.1"))
            SPF("z.", .ip6("2001:db8::/129"))
            SPF("z.", .include("a.z -all"))
            SPF("z.", .include("nodot"))
            SPF("z.", .explanation("a.z"), .explanation("b.z"))
            DMARC("z.", policy: .none, percent: 101)
            DMARC("z.", policy: .none, percent: -1)
            DMARC("z.", policy: .none, reports: ["nobody"])
            DMARC("z.", policy: .none, reports: ["a@z; p=reject"])
            MTASTS("z.", id: "")
            MTASTS("z.", id: "2026-01-01")
            MTASTS("z.", id: String(repeating: "1", count: 33))
            TLSRPT("z.", reports: [])
            TLSRPT("z.", reports: ["ftp://y/"])
        }
        #expect(evaluation.faults.map { $0.source.line - start } == Array(2...22))
        #expect(evaluation.records.isEmpty)
    }

    private static let ed25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

    @Test func ed25519FromPEMOrBase64() throws {
        let der = "MCowBQYDK2VwAyEA" + "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        for key in [Self.ed25519, der, "-----BEGIN PUBLIC KEY-----\n\(der)\n-----END PUBLIC KEY-----\n", " \(der.prefix(9))\r\n\(der.dropFirst(9))"] {
            #expect(try text { DKIM("z.", selector: "s", key: key, kind: .ed25519) } == "s._domainkey.z. v=DKIM1; k=ed25519; p=\(Self.ed25519)")
        }
    }

    /// Public keys are taken as openssl writes them, private ones in no form.
    @Test func publicAndPrivateKeys() throws {
        for (kind, publicKey, privates) in Keys.all {
            let expected = publicKey.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
            let record = try text { DKIM("z.", selector: "s", key: publicKey, kind: kind, testing: true) }
            #expect(record.hasPrefix("s._domainkey.z. v=DKIM1; k=\(kind.rawValue); t=y; p="))
            if kind == .rsa { #expect(record.hasSuffix("p=\(expected)")) }
            for key in privates {
                let bare = key.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
                for form in [key, bare, key.lowercased(), "\n\n" + bare + "\n"] {
                    let evaluation = evaluate { DKIM("z.", selector: "s", key: form, kind: kind) }
                    #expect(evaluation.records.isEmpty)
                    let fault = try #require(evaluation.messages.first)
                    if form != key.lowercased() || form.hasPrefix("-") { #expect(fault.contains("private key")) }
                    #expect(!fault.contains(bare.prefix(12)))
                }
            }
            // The other kind's key is not taken for this one's.
            let other = evaluate { DKIM("z.", selector: "s", key: publicKey, kind: kind == .rsa ? .ed25519 : .rsa) }
            #expect(other.faults.count == 1)
        }
    }

    @Test func keysThatAreNone() {
        let der = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        for key in ["", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "!!!!", "AAAA", "MA==", "MIT/////", String(der.dropLast(8)), der.replacingOccurrences("K2Vw", "K2Vx"), "AgEA"] {
            for kind in [DKIMKind.rsa, .ed25519] {
                #expect(evaluate { DKIM("z.", selector: "s", key: key, kind: kind) }.faults.count == 1, "\(key)")
            }
        }
    }
}

extension String {
    fileprivate func replacingOccurrences(_ old: String, _ new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
