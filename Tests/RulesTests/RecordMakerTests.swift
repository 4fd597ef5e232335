import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import Rules

func evaluate(@RecordBuilder _ records: () throws -> Records) rethrows -> Evaluation {
    Evaluation(try records(), source: "pack/R")
}

extension Evaluation {
    /// `OWNER TYPE [@LOCATION] TTL VALUE | VALUE`
    var lines: [String] {
        records.map { set in
            "\(set.key) \(set.ttl) " + set.rdata.map { $0.text(type: set.key.type) }.joined(separator: " | ")
        }
    }

    var messages: [String] { faults.map(\.message) }
}

@Suite struct RecordMakerTests {
    private static let hash = String(repeating: "ab", count: 32)

    /// What each maker says, as a zone file would.
    @Test func everyType() {
        let hash = Self.hash
        let evaluation = evaluate {
            Zone("z.", ttl: 1) {
                A("a", "192.0.2.1")
                AAAA("a", "2001:db8::1")
                NS("@", "ns1", "ns2.y.")
                SOA(primary: "ns1", mailbox: "h.y.", serial: 7, refresh: 1, retry: 2, expire: 3, minimum: 4)
                CNAME("c", "a")
                DNAME("d", "e.y.")
                PTR("p", "a")
                MX("@", 10, "mail")
                TXT("t", #"say "hi"; \ done"#)
                SRV("s", priority: 1, weight: 2, port: 3, target: "a")
                NAPTR("n", order: 1, preference: 2, flags: "u", service: "E2U+sip", expression: "!^.*$!sip:a@b!")
                NAPTR("n2", order: 1, preference: 2, flags: "s", service: "", replacement: "s")
                CAA("@", "issue", "ca.y; x=1", critical: true)
                SSHFP("a", algorithm: 4, type: 2, fingerprint: hash)
                TLSA("a", data: hash)
                SMIMEA("a", usage: 2, selector: 0, matching: 1, data: hash)
                OPENPGPKEY("o", key: "mDMEXA==")
                DS("d2", keyTag: 1, algorithm: 13, digestType: 2, digest: hash)
                CDS("@", keyTag: 1, algorithm: 13, digestType: 2, digest: hash)
                DNSKEY("@", flags: 257, algorithm: 13, key: "AQID")
                CDNSKEY("@", flags: 256, algorithm: 13, key: "AQID")
                SVCB("v", priority: 2, target: "a", alpn: ["h2", "h3"], port: 8443, hints: ["192.0.2.1"], dohPath: "/q{?dns}")
                SVCB("v2", alias: "v")
                HTTPS("h", priority: 1, hints: ["2001:db8::1", "192.0.2.9"])
                HTTPS("h2", alias: "c.y.")
                LOC("l", latitude: -12.5, longitude: 0.25, altitude: -3.5)
                HINFO("a", processor: "a b", system: "")
                RP("a", mailbox: "h", text: "t")
                AFSDB("@", subtype: 1, host: "a")
                URI("u", priority: 1, weight: 2, target: "https://y/\"")
                CSYNC("@", serial: 9, immediate: true, soaMinimum: true, types: ["NS", "A"])
                EUI48("e", "00-00-5e-00-53-2a")
                EUI64("e", "00-00-5e-ef-10-00-00-2a")
                Record("r", .kx, ["1 a", "2 b.y."], location: "aa")
                Record("w", [DNSWire.DS(keyTag: 1, algorithm: 2, digestType: 3, digest: [4])], as: .cds)
            }
        }
        #expect(evaluation.messages == [])
        let expected = [
            "a.z. A 1 192.0.2.1", "a.z. AAAA 1 2001:db8::1", "z. NS 1 ns1.z. | ns2.y.", "z. SOA 1 ns1.z. h.y. 7 1 2 3 4",
            "c.z. CNAME 1 a.z.", "d.z. DNAME 1 e.y.", "p.z. PTR 1 a.z.", "z. MX 1 10 mail.z.",
            #"t.z. TXT 1 "say \"hi\"; \\ done""#, "s.z. SRV 1 1 2 3 a.z.",
            #"n.z. NAPTR 1 1 2 "u" "E2U+sip" "!^.*$!sip:a@b!" ."#, #"n2.z. NAPTR 1 1 2 "s" "" "" s.z."#,
            #"z. CAA 1 128 issue "ca.y; x=1""#, "a.z. SSHFP 1 4 2 \(hash)", "a.z. TLSA 1 3 1 1 \(hash)",
            "a.z. SMIMEA 1 2 0 1 \(hash)", "o.z. OPENPGPKEY 1 mDMEXA==", "d2.z. DS 1 1 13 2 \(hash)", "z. CDS 1 1 13 2 \(hash)",
            "z. DNSKEY 1 257 3 13 AQID", "z. CDNSKEY 1 256 3 13 AQID",
            "v.z. SVCB 1 2 a.z. alpn=h2,h3 port=8443 ipv4hint=192.0.2.1 dohpath=/q{?dns}", "v2.z. SVCB 1 0 v.z.",
            "h.z. HTTPS 1 1 . ipv4hint=192.0.2.9 ipv6hint=2001:db8::1", "h2.z. HTTPS 1 0 c.y.",
            "l.z. LOC 1 12 30 0.000 S 0 15 0.000 E -3.50m 1m 10000m 10m", #"a.z. HINFO 1 "a b" """#, "a.z. RP 1 h.z. t.z.",
            "z. AFSDB 1 1 a.z.", #"u.z. URI 1 1 2 "https://y/\"""#, "z. CSYNC 1 9 3 A NS", "e.z. EUI48 1 00-00-5e-00-53-2a",
            "e.z. EUI64 1 00-00-5e-ef-10-00-00-2a", "r.z. KX @aa 1 1 a.z. | 2 b.y.", "w.z. CDS 1 1 2 3 04",
        ]
        for (line, wanted) in zip(evaluation.lines, expected) where line != wanted {
            // How a value is quoted or spaced is not the maker's.
            let parts = wanted.split(separator: " ", maxSplits: 3)
            let type = parts[1]
            guard let known = RRType(String(type)), parts.count == 4, let data = try? RData(String(parts[3]), type: known),
                line == "\(parts[0]) \(type) \(parts[2]) \(data.text(type: known))"
            else {
                Issue.record("\(line) is not \(wanted)")
                continue
            }
        }
        #expect(evaluation.records.count == expected.count)
    }

    /// Values that no record can hold, each at its line.
    @Test func badValues() {
        let long = String(repeating: "x", count: 256)
        let start = #line
        let evaluation = evaluate {
            SRV("s.", priority: 1, weight: 1, port: 1, target: "a..b")
            NAPTR("n.", order: 1, preference: 1, flags: "u", service: "", expression: "!a!b!", replacement: "x.")
            NAPTR("n.", order: 1, preference: 1, flags: long, service: "")
            CAA("c.", "bad tag", "x")
            SSHFP("f.", algorithm: 1, type: 1, fingerprint: "abc")
            DNSKEY("k.", flags: 256, algorithm: 8, key: "not base64")
            SVCB("v.", priority: 0, alpn: ["h2"])
            HTTPS("h.", priority: 1, hints: ["192.0.2"])
            HTTPS("h.", priority: 1, alpn: [""])
            LOC("l.", latitude: 90.001, longitude: 0)
            LOC("l.", latitude: .nan, longitude: 0)
            LOC("l.", latitude: 0, longitude: -181)
            LOC("l.", latitude: 0, longitude: 0, altitude: .infinity)
            HINFO("i.", processor: long, system: "")
            EUI48("e.", "00:00:5e:00:53:2a")
            CSYNC("y.", serial: 1, types: ["NOPE"])
            URI("u.", priority: 1, weight: 1, target: "")
            DNAME("d.", "x y")
            TXT("t.", String(repeating: "x", count: 70_000))
            A("ttl.", "192.0.2.1", ttl: 0x8000_0000)
            TTL(.max) { A("ttl2.", "192.0.2.1") }
            At("no") { At("place") { A("loc.", "192.0.2.1") } }
            Pool("pool.", [])
            Pool("pool.", ["192.0.2.1", "192.0.2.1"])
            OPENPGPKEY("o.", key: "lQOYBF==")
            OPENPGPKEY("o.", key: "lFgEXA==")
            OPENPGPKEY("o.", key: "xVgEXA==")
        }
        #expect(evaluation.faults.map { $0.source.line - start } == Array(2...28))
    }

    @Test func secretKeysAreNotRepeated() {
        let evaluation = evaluate { OPENPGPKEY("o.", key: "lFgEXAsecretsecretsecrets===") ; OPENPGPKEY("o.", key: "lFgEXA==") }
        #expect(evaluation.faults.count == 2)
        #expect(!evaluation.messages.joined().contains("lFgE"))
    }

    @Test func scopes() {
        let evaluation = evaluate {
            TTL(5) {
                A("a.", "192.0.2.1")
                Zone("z.") {
                    A("b", "192.0.2.2")
                    At("aa") {
                        A("c", "192.0.2.3")
                        A("c", "192.0.2.4", location: "bb")
                        At("cc") { TTL(6) { Host("h", "192.0.2.5") } }
                        Zone("y", ttl: 7) { MX("@", 1, "m", ttl: 8) }
                    }
                    A("d", "192.0.2.6")
                }
            }
            A("e.", "192.0.2.7")
        }
        #expect(evaluation.messages == [])
        #expect(evaluation.lines == [
            "a. A 5 192.0.2.1", "b.z. A 5 192.0.2.2", "c.z. A @aa 5 192.0.2.3", "c.z. A @bb 5 192.0.2.4",
            "h.z. A @cc 6 192.0.2.5", "5.2.0.192.in-addr.arpa. PTR 6 h.z.", "y.z. MX @aa 8 1 m.y.z.", "d.z. A 5 192.0.2.6",
            "e. A 3600 192.0.2.7",
        ])
    }

    /// A record at the line that asked for it, also through scopes and blocks.
    @Test func origins() {
        let start = #line
        let evaluation = evaluate {
            Zone("z.") {
                for i in 1...2 {
                    A("a\(i)", "192.0.2.1")
                }
                SPF("@", .all(.fail))
                Delegation("d", servers: ["ns.y."])
            }
        }
        #expect(evaluation.records.map { $0.origin.line - start } == [4, 4, 6, 7])
        #expect(evaluation.records.allSatisfy { $0.origin.file == #fileID })
    }

    @Test func delegations() {
        let good = evaluate {
            Zone("z.", ttl: 1) {
                Delegation(
                    "sub", servers: ["ns1.sub", "ns.z.", "ns.y."], glue: ["ns1.sub": ["192.0.2.1", "2001:db8::1"]],
                    ds: ["1 13 2 \(Self.hash)"])
            }
        }
        #expect(good.messages == [])
        #expect(good.lines == [
            "sub.z. NS 1 ns.y. | ns.z. | ns1.sub.z.", "sub.z. DS 1 1 13 2 \(Self.hash)", "ns1.sub.z. A 1 192.0.2.1",
            "ns1.sub.z. AAAA 1 2001:db8::1",
        ].map { $0 })
        let start = #line
        let bad = evaluate {
            Delegation("a.z.", servers: [])
            Delegation("b.z.", servers: ["ns.b.z.", "ns.y."])
            Delegation("c.z.", servers: ["ns.y."], glue: ["ns.y.": ["192.0.2.1"]])
            Delegation("d.z.", servers: ["ns.y."], glue: ["ns.d.z.": ["192.0.2.1"]])
            Delegation("e.z.", servers: ["ns.e.z."], glue: ["ns.e.z.": []])
            Delegation("f.z.", servers: ["ns.f.z."], glue: ["NS.F.z.": ["192.0.2"]])
            Delegation("g.z.", servers: ["ns..y."])
            Delegation("h.z.", servers: ["ns.y."], ds: ["1 13 2 xyz"])
        }
        #expect(bad.faults.map { $0.source.line - start } == Array(2...9))
    }
}
