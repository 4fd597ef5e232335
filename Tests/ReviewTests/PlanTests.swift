import DNSWire
import Foundation
import Review
import TestSupport
import Testing
import Validation

@testable import Pipeline

@Suite struct PlanTests {
    static let zone = try! Name("example.test.")

    static func set(_ name: String, _ type: RRType, _ values: String..., ttl: UInt32 = 60, source: String = "pack/A", line: Int = 1) -> RecordSet {
        RecordSet(
            key: RecordKey(owner: try! Name(name), type: type), ttl: ttl, rdata: values.map { try! RData($0, type: type) },
            origin: Origin(source: source, file: "rules/A.swift", line: line))
    }

    static func change(_ before: RecordSet?, _ after: RecordSet?) -> RecordDiff.Change {
        RecordDiff.Change(key: (after ?? before)!.key, before: before, after: after)
    }

    static func plan(_ changes: [RecordDiff.Change], existing: Int = 100, findings: [Finding] = []) -> Plan {
        Plan(diff: RecordDiff(records: changes), apexes: [zone], existing: [zone: existing], findings: findings)
    }

    // MARK: Digest

    @Test func digest() {
        let before = Self.set("a.example.test.", .a, "192.0.2.1")
        let base = Self.plan([Self.change(before, Self.set("a.example.test.", .a, "192.0.2.2"))]).digest
        // Where it comes from, and how many records there are, is not what is reviewed.
        #expect(Self.plan([Self.change(before, Self.set("a.example.test.", .a, "192.0.2.2", source: "edits", line: 9))], existing: 5).digest == base)
        let others = [
            Self.change(before, Self.set("a.example.test.", .a, "192.0.2.3")), Self.change(before, Self.set("a.example.test.", .a, "192.0.2.2", ttl: 61)),
            Self.change(before, Self.set("a.example.test.", .a, "192.0.2.2", "192.0.2.3")), Self.change(before, nil), Self.change(nil, before),
            Self.change(Self.set("a.example.test.", .a, "192.0.2.9"), Self.set("a.example.test.", .a, "192.0.2.2")),
            Self.change(Self.set("b.example.test.", .a, "192.0.2.1"), Self.set("b.example.test.", .a, "192.0.2.2")),
        ]
        var digests = Set(others.map { Self.plan([$0]).digest })
        digests.insert(Self.plan([]).digest)
        digests.insert(Plan.digest(of: RecordDiff(map: [.init(prefix: [10], before: nil, after: MapEntry(prefix: [10], location: Location("aa")!, origin: Origin(source: "x")))])))
        digests.insert(Plan.digest(of: RecordDiff(map: [.init(prefix: [10], before: nil, after: MapEntry(prefix: [10], location: Location("bb")!, origin: Origin(source: "x")))])))
        #expect(digests.count == others.count + 3 && !digests.contains(base))
    }

    /// No two different random diffs have one digest.
    @Test func digestsDiffer() {
        var random = Seeded(71)
        var seen: [Digest: [RecordDiff.Change]] = [:]
        for _ in 0..<600 {
            let changes = (0..<random.below(3)).map { _ in
                func some(_ random: inout Seeded) -> RecordSet? {
                    random.chance(3) ? nil : Self.set("a.example.test.", .txt, random.pick(["a", "b", "\"a\" \"b\"", "ab"]), ttl: random.pick([1, 2]))
                }
                let before = some(&random)
                return Self.change(before, before == nil ? Self.set("a.example.test.", .txt, "z") : some(&random))
            }
            let digest = Plan.digest(of: RecordDiff(records: changes))
            if let other = seen[digest] { #expect(other == changes) }
            seen[digest] = changes
        }
        #expect(seen.count > 50)
    }

    // MARK: Blast radius

    @Test(arguments: [
        (existing: 10, removed: 3, updated: 0, []), (10, 4, 0, ["4 of 10 RRsets removed"]), (10, 0, 4, ["4 of 10 RRsets changed"]),
        // Small zones count, single changes do not.
        (3, 1, 1, []), (3, 2, 0, ["2 of 3 RRsets removed"]), (1000, 300, 300, []), (1000, 301, 0, ["301 of 1000 RRsets removed"]),
        // A zone that was not there.
        (0, 0, 0, []),
    ] as [(existing: Int, removed: Int, updated: Int, [String])])
    func radius(_ existing: Int, _ removed: Int, _ updated: Int, _ expected: [String]) {
        let changes = (0..<removed).map { Self.change(Self.set("r\($0).example.test.", .a, "192.0.2.1"), nil) }
            + (0..<updated).map { Self.change(Self.set("u\($0).example.test.", .a, "192.0.2.1"), Self.set("u\($0).example.test.", .a, "192.0.2.2")) }
        #expect(Self.plan(changes, existing: existing).breaches.map(\.message) == expected)
    }

    @Test func namedChanges() {
        let ns = Self.set("example.test.", .ns, "a.test."), other = Self.set("example.test.", .ns, "b.test.")
        #expect(Self.plan([Self.change(ns, other)]).breaches.map(\.kind) == [.apexNS])
        #expect(Self.plan([Self.change(ns, nil)]).breaches.map(\.kind) == [.apexNS])
        #expect(Self.plan([Self.change(nil, ns)]).breaches.isEmpty)
        #expect(Self.plan([Self.change(ns, Self.set("example.test.", .ns, "a.test.", ttl: 61))]).breaches.isEmpty)
        let sub = Self.set("sub.example.test.", .ns, "a.test.")
        #expect(Self.plan([Self.change(sub, nil)]).breaches.map(\.kind) == [.delegation])
        let soa = Self.set("example.test.", .soa, "a. b. 1 2 3 4 5")
        #expect(Self.plan([Self.change(soa, nil)]).breaches.map(\.kind) == [.zoneRemoved])
        #expect(Self.plan([Self.change(soa, Self.set("example.test.", .soa, "a. b. 2 2 3 4 5"))]).breaches.isEmpty)
        // Outside every zone there is no apex, and nothing is a delegation.
        #expect(Self.plan([Self.change(Self.set("x.other.", .ns, "a."), nil)]).breaches.isEmpty)
    }

    @Test func movedClients() {
        let line = RecordDiff.MapChange(prefix: [10], before: nil, after: MapEntry(prefix: [10], location: Location("aa")!, origin: Origin(source: "x")))
        let whole = RecordDiff.MapChange(prefix: [], before: nil, after: MapEntry(prefix: [], location: Location("aa")!, origin: Origin(source: "x")))
        #expect(Plan(diff: RecordDiff(map: [line]), apexes: [], existing: [:]).breaches.isEmpty)
        #expect(Plan(diff: RecordDiff(map: [whole]), apexes: [], existing: [:]).breaches.map(\.kind) == [.map])
    }

    // MARK: Formats

    /// Data that would break a table, mention somebody, or become a script.
    static let hostile = [
        #""| x | @somebody #1 `code` <img src=x onerror=alert(1)> </td>""#, #""[a](javascript:alert\(1\)) **b** _c_ ~~d~~ $e$ :smile: https://evil.test""#,
        "\"\\010## heading\\013\\226\\128\\174\"",
    ]

    @Test func markdown() throws {
        let plan = Self.plan([Self.change(nil, Self.set("a.example.test.", .txt, Self.hostile[0], Self.hostile[1], Self.hostile[2]))])
        let rows = plan.markdown.split(separator: "\n").filter { $0.hasPrefix("|") }
        #expect(rows.count == 3 && rows.allSatisfy { $0.count { $0 == "|" } == 4 })
        let row = try #require(rows.last)
        #expect(!row.contains { "@#<>`[]*_~$:\\!".contains($0) && $0 != "#" } && !row.contains("https:"))
        // Every number sign belongs to an entity.
        #expect(row.replacing(/&#[0-9]+;/, with: "").contains("#") == false)
    }

    @Test func html() {
        let plan = Self.plan(
            [Self.change(nil, Self.set("a.example.test.", .txt, Self.hostile[0], Self.hostile[1], Self.hostile[2]))],
            findings: [Finding(level: .error, code: .fault(.txtLong), key: RecordKey(owner: Self.zone, type: .txt), message: "<b>x</b>", origin: Origin(source: "s"))])
        let page = plan.html
        #expect(page.contains("&#60;img") && !page.contains("<img") && !page.contains("<b>") && !page.contains("<script"))
        #expect(page.contains("default-src 'none'"))
    }

    @Test func groupsAndCauses() {
        let plan = Self.plan([
            Self.change(nil, Self.set("x.other.", .a, "192.0.2.1")), Self.change(nil, Self.set("a.example.test.", .a, "192.0.2.1", line: 7)),
            Self.change(Self.set("b.example.test.", .a, "192.0.2.1"), nil),
        ])
        #expect(plan.lines().map(\.text) == [
            "example.test.", "a.example.test. A 60 192.0.2.1", "pack/A rules/A.swift:7", "b.example.test. A 60 192.0.2.1",
            "was pack/A rules/A.swift:1", "outside every zone", "x.other. A 60 192.0.2.1", "pack/A rules/A.swift:1",
            "2 RRsets to add, 0 to change, 1 to remove.",
        ])
        #expect(Self.plan([]).lines().map(\.text) == ["No changes."])
    }

    @Test func validity() {
        func finding(_ level: Level, waived: Bool = false) -> Finding {
            let waiver = Waiver(code: .fault(.ttlZero), scope: .zone(Self.zone), reason: "known", person: "ada")
            return Finding(level: level, code: .fault(.ttlZero), key: RecordKey(owner: Self.zone, type: .a), message: "m", origin: Origin(source: "s"), waiver: waived ? waiver : nil)
        }
        let change = Self.change(nil, Self.set("a.example.test.", .a, "192.0.2.1"))
        #expect(Self.plan([change], findings: [finding(.error)]).isInvalid)
        #expect(!Self.plan([change], findings: [finding(.error, waived: true), finding(.warning)]).isInvalid)
    }
}
