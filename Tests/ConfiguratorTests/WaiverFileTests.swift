import DNSWire
import Pipeline
import TestSupport
import Testing
import Validation

@testable import Configurator

/// `waivers.yaml`: our reader, and `schemas/waivers.schema.json`, which editors use.
@Suite struct WaiverFileTests {
    private static let who = "reason: r, owner: o"

    static let good = [
        "waivers: []",
        "waivers: [{code: private-address, zone: example.net, \(who)}]",
        "waivers: [{code: site/no-cats, subtree: example.net., \(who)}]",
        "waivers: [{code: cname-chain, name: www.example.net, type: CNAME, expires: 2027-06-30T00:00:00Z, \(who)}]",
    ]

    static let bad = [
        "waivers", "[]", "waivers: x", "waivers: []\nmore: 1", "waivers: [x]", "waivers: [{}]",
        "waivers: [{code: private-address, zone: example.net, reason: r}]",
        "waivers: [{code: private-address, zone: example.net, reason: '', owner: o}]",
        "waivers: [{code: private-address, \(who)}]",
        "waivers: [{code: private-address, zone: a, subtree: b, \(who)}]",
        "waivers: [{code: private-address, name: a, \(who)}]",
        "waivers: [{code: private-address, zone: a, why: x, \(who)}]",
        "waivers: [{zone: a, \(who)}]",
    ]

    @Test func agreesWithTheSchema() async throws {
        struct Line: Encodable { var yaml: String }
        struct Answer: Decodable { var faults: [String] }
        let texts = Self.good + Self.bad
        let answers = try await Program.oracle(
            "schema_oracle.py", ["\(packageRoot)/schemas/waivers.schema.json"], lines: texts.map { Line(yaml: $0) }, answers: Answer.self)
        for (text, answer) in zip(texts, answers) {
            let ours = (try? WaiverFile.parse(text, file: "waivers.yaml")) != nil
            #expect(ours == answer.faults.isEmpty, "\(text): \(answer.faults)")
            #expect(ours == Self.good.contains(text), "\(text)")
        }
    }

    @Test func values() throws {
        let waivers = try WaiverFile.parse(
            "waivers:\n  - {code: cname-chain, name: www.example.net, type: CNAME, reason: moves, owner: ada, expires: 2027-06-30T00:00:00Z}\n  - {code: ttl-zero, zone: example.net, reason: r, owner: o}",
            file: "waivers.yaml")
        #expect(waivers.map(\.line) == [2, 3])
        #expect(waivers[0].scope == .records(owner: try Name("www.example.net"), type: .cname))
        #expect(waivers[0].reason == "moves" && waivers[0].person == "ada" && waivers[0].expires?.description.hasPrefix("2027-06-30") == true)
        #expect(waivers[1].scope == .zone(try Name("example.net")) && waivers[1].expires == nil)
    }

    /// What a schema cannot know, all faults at once.
    @Test func everyFault() throws {
        do {
            _ = try WaiverFile.parse(
                "waivers:\n  - {code: no-such, zone: a..b, reason: r, owner: o}\n  - {code: ttl-zero, name: a, type: WHAT, reason: r, owner: o}\n  - {code: ttl-zero, zone: a, expires: soon, reason: r, owner: o}",
                file: "waivers.yaml")
            Issue.record("accepted")
        } catch let error as ConfiguratorError {
            #expect(error.faults.map { String($0.prefix(15)) } == ["waivers.yaml:2:", "waivers.yaml:2:", "waivers.yaml:3:", "waivers.yaml:4:"], "\(error.faults)")
        }
    }
}
