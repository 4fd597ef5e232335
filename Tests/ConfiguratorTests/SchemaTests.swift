import TestSupport
import Testing

@testable import Configurator

/// Schemas, which editors use, and our readers agree.
@Suite struct SchemaTests {
    struct Line: Encodable { var yaml: String }
    struct Answer: Decodable { var faults: [String] }

    private static let who = "owner: o, reason: r"

    static let good = [
        "edits: []",
        "edits: [{action: remove, name: a., type: A, \(who)}]",
        "edits: [{action: set, name: a.example.net, type: aaaa, values: ['::1'], ttl: 0, \(who)}]",
        "edits: [{action: add, name: '*.a', type: Type65280, values: '\\# 0', \(who)}]",
        "edits: [{action: add, name: '.', type: TXT, values: [5, x], location: eu, overrides: p/R, \(who)}]",
        "edits: [{action: set, name: 'a\\.b.c', type: TXT, values: x, ttl: 2147483647, starts: 2026-12-01, \(who)}]",
        "edits: [{action: remove, name: a, type: A, starts: 2026-12-01T00:00:00Z, expires: 2026-12-02T00:00:00.5Z, \(who)}]",
        "edits: [{action: remove, name: a, type: A, expires: 2026-12-02T00:00:00+01:00, \(who)}]",
    ]

    static let goodActions = [
        "edits: [{action: pin, name: a., type: A, values: 192.0.2.1, \(who)}]",
        "edits: [{action: external, name: a., \(who)}]",
        "edits: [{action: external, name: '*.a.', type: TXT, expires: 2026-12-02, \(who)}]",
        "edits: [{action: set, name: a., type: A, values: 192.0.2.1, overrides: emergency, \(who)}]",
    ]

    static let bad = [
        "edits: [{action: pin, name: a., type: A, \(who)}]",
        "edits: [{action: pin, name: a., values: 192.0.2.1, \(who)}]",
        "edits: [{action: external, name: a., type: A, values: 192.0.2.1, \(who)}]",
        "edits: [{action: external, name: a., ttl: 5, \(who)}]",
        "edits: [{action: external, name: a., overrides: edits, \(who)}]",
        "edits", "[]", "edits: x", "edits: []\nmore: 1", "edit: []", "edits: [x]", "edits: [[]]", "edits: [{}]",
        "edits: [{action: drop, name: a., type: A, \(who)}]",
        "edits: [{action: set, name: a., type: A, \(who)}]",
        "edits: [{action: set, name: a., type: A, values: [], \(who)}]",
        "edits: [{action: set, name: a., type: TXT, values: [[x]], \(who)}]",
        "edits: [{action: set, name: a., type: TXT, values: {a: x}, \(who)}]",
        "edits: [{action: remove, name: a..b, type: A, \(who)}]",
        "edits: [{action: remove, name: '', type: A, \(who)}]",
        "edits: [{action: remove, name: .a, type: A, \(who)}]",
        "edits: [{action: remove, name: [a], type: A, \(who)}]",
        "edits: [{action: remove, name: a, type: WHAT, \(who)}]",
        "edits: [{action: remove, name: a, type: TYPE, \(who)}]",
        "edits: [{action: remove, name: a, type: A, ttl: -1, \(who)}]",
        "edits: [{action: remove, name: a, type: A, ttl: 2147483648, \(who)}]",
        "edits: [{action: remove, name: a, type: A, ttl: 1h, \(who)}]",
        "edits: [{action: remove, name: a, type: A, location: eur, \(who)}]",
        "edits: [{action: remove, name: a, type: A, location: 'e-', \(who)}]",
        "edits: [{action: remove, name: a, type: A, location: '', \(who)}]",
        "edits: [{action: remove, name: a, type: A, owner: o}]",
        "edits: [{action: remove, name: a, type: A, owner: '', reason: r}]",
        "edits: [{action: remove, name: a, type: A, owner: [o], reason: r}]",
        "edits: [{action: remove, name: a, type: A, expires: tomorrow, \(who)}]",
        "edits: [{action: remove, name: a, type: A, overides: p, \(who)}]",
        "edits: [{action: remove, name: a, type: A, overrides: '', \(who)}]",
        "edits: [{action: remove, name: a, type: A, overrides: [p], \(who)}]",
    ]

    @Test func agreement() async throws {
        try await agree("edits", good: Self.good + Self.goodActions, bad: Self.bad) { _ = try EditFiles.parse($0, file: "a.yaml") }
    }

    private static let token = "sha256:" + String(repeating: "0a", count: 32)

    /// `schemas/identities.schema.json` too. What one value says of another, as that two have one
    /// token, only we can tell.
    @Test func identities() async throws {
        func identity(_ fields: String) -> String { "identities: [{\(fields)}]" }
        let good = [
            "identities: []", identity("name: a, names: [a.example], tokens: ['\(Self.token)']"),
            identity("name: a, names: ['*.a.example'], certificates: [a.example], types: [A, TXT], lease: 90s, permanent: true"),
        ]
        let bad = [
            "identities", "identity: []", "identities: x", "identities: []\nmore: 1", "identities: [x]", "identities: [{}]",
            identity("names: [a.example], tokens: ['\(Self.token)']"), identity("name: a, tokens: ['\(Self.token)']"),
            identity("name: '', names: [a.example], tokens: ['\(Self.token)']"), identity("name: a, names: [a.example]"),
            identity("name: a, names: a.example, tokens: ['\(Self.token)']"), identity("name: a, names: [a.example], tokens: [secret]"),
            identity("name: a, names: [a.example], tokens: ['\(Self.token.dropLast())']"),
            identity("name: a, names: [a.example], tokens: ['\(Self.token)'], lease: long"),
            identity("name: a, names: [a.example], tokens: ['\(Self.token)'], permanent: perhaps"),
            identity("name: a, names: [a.example], tokens: ['\(Self.token)'], leese: 1d"),
        ]
        try await agree("identities", good: good, bad: bad) { _ = try Identities(parsing: $0, file: "a.yaml") }
    }

    private func agree(_ schema: String, good: [String], bad: [String], _ read: (String) throws -> Void) async throws {
        let examples = good.map { ($0, true) } + bad.map { ($0, false) }
        let answers = try await Program.oracle(
            "schema_oracle.py", ["\(packageRoot)/schemas/\(schema).schema.json"], lines: examples.map { Line(yaml: $0.0) },
            answers: Answer.self)
        for ((text, isGood), answer) in zip(examples, answers) {
            #expect(answer.faults.isEmpty == isGood, "jsonschema on \(text): \(answer.faults)")
            let ours = Result { try read(text) }
            #expect(((try? ours.get()) != nil) == isGood, "we on \(text): \(ours)")
        }
    }
}
