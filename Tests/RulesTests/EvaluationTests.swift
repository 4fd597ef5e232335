import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import Rules

@Suite struct EvaluationTests {
    private func evaluate(@RecordBuilder _ records: () -> Records) -> Evaluation { Evaluation(records(), source: "pack/R") }

    private func lines(_ evaluation: Evaluation) -> [String] {
        evaluation.records.map { set in
            "\(set.key) \(set.ttl) " + set.rdata.map { $0.text(type: set.key.type) }.joined(separator: " | ")
        }
    }

    @Test func namesAndTTLs() {
        let evaluation = evaluate {
            Zone("example.net.", ttl: 600) {
                A("@", "192.0.2.1")
                CNAME("www", "@")
                MX("@", 10, "mail", ttl: 60)
                Zone("sub") {
                    A("a", "192.0.2.2", ttl: 5)
                    NS("other.org.", "ns")
                }
                Zone("slow", ttl: 9000) { TXT("t", "x") }
            }
            A("plain", "192.0.2.3")
        }
        #expect(evaluation.faults.isEmpty)
        #expect(lines(evaluation) == [
            "example.net. A 600 192.0.2.1", "www.example.net. CNAME 600 example.net.", "example.net. MX 60 10 mail.example.net.",
            "a.sub.example.net. A 5 192.0.2.2", "other.org. NS 600 ns.sub.example.net.", #"t.slow.example.net. TXT 9000 "x""#,
            "plain. A 3600 192.0.2.3",
        ])
    }

    @Test func origins() {
        let line = #line + 1
        let evaluation = evaluate { A("a.", "192.0.2.1") }
        #expect(evaluation.records[0].origin == Origin(source: "pack/R", file: #fileID, line: line))
    }

    @Test func hosts() {
        let evaluation = evaluate {
            Zone("example.net.", ttl: 60) { Host("h", "192.0.2.10", "2001:db8::1:2") }
            Host("i.example.net.", "192.0.2.10", ttl: 60)
        }
        #expect(evaluation.faults.isEmpty)
        #expect(lines(evaluation) == [
            "h.example.net. A 60 192.0.2.10", "10.2.0.192.in-addr.arpa. PTR 60 h.example.net. | i.example.net.",
            "h.example.net. AAAA 60 2001:db8::1:2",
            "2.0.0.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR 60 h.example.net.",
            "i.example.net. A 60 192.0.2.10",
        ])
    }

    @Test func valuesJoinAndLocationsDoNot() {
        let evaluation = evaluate {
            A("a.", "192.0.2.2")
            A("A.", "192.0.2.1", "192.0.2.2")
            A("a.", "192.0.2.9", location: "eu")
        }
        #expect(lines(evaluation) == ["a. A 3600 192.0.2.1 | 192.0.2.2", "a. A @eu 3600 192.0.2.9"])
    }

    /// All of them, each with its own line.
    @Test func everyFault() {
        let start = #line
        let evaluation = evaluate {
            A("a..b", "192.0.2.1")
            A("bad.", "192.0.2", "300.1.1.1", "192.0.2.1")
            Host("host.", "192.0.2.x")
            Host("six.", "::g")
            A("loc.", "192.0.2.1", location: "europe")
            A("ttl.", "192.0.2.1", ttl: 1)
            A("ttl.", "192.0.2.2", ttl: 2)
            CNAME("c.", "x.")
            CNAME("c.", "y.")
            Zone("zo..ne.") { A("in", "192.0.2.1") }
            MX("mx.", 10, "a..b")
        }
        let found = evaluation.faults.map { ($0.source.line - start, $0.message) }
        #expect(found.map(\.0) == [2, 3, 3, 4, 5, 6, 8, 10, 11, 12])
        for (at, words) in [
            "empty label", "'192.0.2'", "'300.1.1.1'", "'192.0.2.x'", "'::g'", "'europe'", "TTL 1 at line \(start + 7) and 2", "another at line \(start + 9)",
            "empty label", "mx. MX: empty label",
        ].enumerated() where at < found.count { #expect(found[at].1.contains(words), "\(found[at])") }
        #expect(evaluation.faults.allSatisfy { $0.description.hasPrefix("\(#fileID):") })
    }

    /// Two values of one call are no better than two calls.
    @Test func twoAliasesAtOnce() {
        let evaluation = evaluate { Record("c.", .cname, ["x.", "y."]) }
        #expect(evaluation.faults.count == 1)
    }

    @Test func sameAliasTwiceInOneCallIsOne() {
        #expect(evaluate { Record("c.", .cname, ["x.", "X."]) }.faults.count == 1)
        #expect(evaluate { Record("c.", .cname, ["x.", "x."]) }.faults.isEmpty)
    }

    @Test func longText() throws {
        let text = String(repeating: "é", count: 300)
        let evaluation = evaluate { TXT("t.", text) }
        #expect(evaluation.faults.isEmpty)
        #expect(evaluation.records[0].rdata[0].joinedStrings == Array(text.utf8))
    }

    @Test func map() throws {
        let line = MapLine(prefix: [10], location: try #require(Location("aa")))
        let evaluation = evaluate { LocationMap([line]) }
        #expect(evaluation.map == [MapEntry(prefix: [10], location: line.location, origin: Origin(source: "pack/R", file: #fileID, line: #line - 1))])
    }
}
