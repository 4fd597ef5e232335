import DNSWire
import Pipeline
import Presenter
import TestSupport
import Testing

/// Policies by name and type, pins, what is another writer's, and since when conflicts are there.
@Suite struct OwnershipTests {
    private static let rule = set("www.a.", .a, "192.0.2.1"), other = set("www.a.", .a, "192.0.2.2", from: "pack/B", ttl: 30)
    private static let edit = wish(.set, "www.a.", .a, "192.0.2.9")
    private static let now = Instant(milliseconds: 50)

    private func served(_ sources: ShardSources, _ policy: ConflictPolicy = .owner, previous: Shard = Shard()) -> [String] {
        reconcile(sources, policy: policy, at: Self.now, previous: previous).records.map { set in
            "\(set.key) \(set.ttl) " + set.rdata.map { $0.text(type: set.key.type) }.joined(separator: "|")
        }
    }

    @Test(arguments: [
        (.owner, "60 192.0.2.1"), (.human, "30 192.0.2.9"), (.rule, "60 192.0.2.1"), (.merge, "30 192.0.2.1|192.0.2.2|192.0.2.9"),
        (.refuse, "60 192.0.2.77"),
    ] as [(ConflictPolicy.Settlement, String)])
    func settlements(_ settlement: ConflictPolicy.Settlement, _ what: String) {
        let previous = Shard(records: [set("www.a.", .a, "192.0.2.77")])
        let sources = ShardSources([Self.rule, Self.other], edits: [Self.edit])
        #expect(served(sources, ConflictPolicy(settlement), previous: previous) == ["www.a. A \(what)"])
        let shard = reconcile(sources, policy: ConflictPolicy(settlement), at: Self.now, previous: previous)
        // All three parties and where each is written are in what is reported.
        let places = Set(shard.conflicts.flatMap { $0.parties.map { "\($0.origin.source) \($0.origin.file):\($0.origin.line)" } })
        #expect(places.isSuperset(of: ["pack/A pack/A.swift:1", "pack/B pack/B.swift:1", "edits edits/a.yaml:1"]))
        #expect(shard.conflicts.contains { $0.policy == settlement.rawValue })
    }

    /// Only what names the owner settles what is refused.
    @Test func refusalEnds() {
        let previous = Shard(records: [set("www.a.", .a, "192.0.2.77")]), refuse = ConflictPolicy(.refuse)
        let settling = wish(.set, "www.a.", .a, "192.0.2.9", line: 2, overrides: "pack/A")
        #expect(served(ShardSources([Self.rule, Self.other], edits: [settling]), refuse, previous: previous) == ["www.a. A 30 192.0.2.9"])
        #expect(served(ShardSources([Self.rule]), refuse, previous: previous) == ["www.a. A 60 192.0.2.1"])
        #expect(served(ShardSources([Self.rule, Self.other]), refuse).isEmpty, "there was nothing before")
    }

    /// The most specific exception decides: a longer name before a type, a name before what is below before a zone.
    @Test func exceptions() throws {
        let a = try Name("a."), www = try Name("www.a.")
        let policy = ConflictPolicy(
            .owner, blocks: true,
            exceptions: [
                .init(.zone(a), settlement: .human), .init(.below(a), settlement: .rule), .init(.below(a), types: [.aaaa], settlement: .merge),
                .init(.name(www), types: [.txt], settlement: .refuse, blocks: false), .init(.zone(www), blocks: false),
            ])
        for (name, type, settlement, blocks) in [
            ("b.", .a, .owner, true), ("a.", .a, .human, true), ("x.a.", .a, .rule, true), ("x.a.", .aaaa, .merge, true),
            ("www.a.", .txt, .refuse, false), ("y.www.a.", .a, .owner, false), ("xa.", .a, .owner, true),
        ] as [(String, RRType, ConflictPolicy.Settlement, Bool)] {
            #expect(policy.settlement(of: key(name, type)) == settlement, "\(name) \(type)")
            #expect(policy.blocks(key(name, type)) == blocks, "\(name) \(type)")
        }
        // Names are compared as DNS does.
        #expect(policy.settlement(of: key("X.A.", .a)) == .rule)
        #expect(served(ShardSources([Self.rule], edits: [Self.edit]), ConflictPolicy(exceptions: [.init(.zone(a), settlement: .human)])) == ["www.a. A 30 192.0.2.9"])
    }

    @Test func pinsHold() {
        let pin = wish(.pin, "www.a.", .a, "192.0.2.50", expires: 60)
        for policy in ConflictPolicy.all {
            let shard = reconcile(ShardSources([Self.rule], edits: [pin, Self.edit]), policy: policy, at: Self.now)
            #expect(shard.records.map(\.rdata) == [pin.rdata])
            #expect(shard.conflicts.filter(\.isNotice).map(\.policy) == [Conflict.pin])
        }
        // Also when every source is gone, and no longer than it says.
        #expect(served(ShardSources([], edits: [pin])) == ["www.a. A 30 192.0.2.50"])
        #expect(reconcile(ShardSources([Self.rule], edits: [pin]), policy: .owner, at: Instant(milliseconds: 60)).records == [Self.rule])
        let twice = reconcile(ShardSources([], edits: [pin, wish(.pin, "www.a.", .a, "192.0.2.51", line: 2)]), policy: .owner, at: Self.now)
        #expect(twice.records.map(\.rdata) == [pin.rdata] && twice.conflicts.count { !$0.isNotice } == 1)
    }

    @Test(arguments: [
        ("www.a.", .a, ["www.a. AAAA", "x.www.a. A"]), ("www.a.", Edit.everyType, ["x.www.a. A"]), ("*.a.", Edit.everyType, []),
        ("*.www.a.", .a, ["www.a. A", "www.a. AAAA"]),
    ] as [(String, RRType, [String])])
    func externals(_ name: String, _ type: RRType, _ left: [String]) {
        let rules = [Self.rule, set("www.a.", .aaaa, "2001:db8::1"), set("x.www.a.", .a, "192.0.2.3")]
        let external = wish(.external, name, type)
        let edits = [external, wish(.remove, "www.a.", .a, line: 2), wish(.pin, "www.a.", .a, "192.0.2.1", line: 3)]
        let alone = reconcile(ShardSources(rules, edits: [external]), policy: .owner, at: Self.now)
        #expect(alone.records.map { "\($0.key)" } == left)
        // Who wants it all the same is told, once for each RRset.
        #expect(alone.conflicts.count { $0.policy == "external" && $0.winner == nil } == 3 - left.count)
        let all = reconcile(ShardSources(rules, edits: edits, registrations: [registered(.set, "www.a.", .a, "192.0.2.7")]), policy: .human, at: Self.now)
        if external.handsOver(Self.rule.key) { #expect(!all.records.contains { $0.key == Self.rule.key }) }
    }

    /// A conflict keeps its date while the same wishes meet, whatever their values and lines.
    @Test func since() {
        var sources = ShardSources([Self.rule], edits: [Self.edit])
        let first = reconcile(sources, policy: .owner, at: Self.now)
        sources.edits = [wish(.set, "www.a.", .a, "192.0.2.8", line: 7)]
        let second = reconcile(sources, policy: .owner, at: Instant(milliseconds: 90), previous: first)
        #expect(second.conflicts.map(\.since) == [Self.now])
        #expect(second.conflicts.new(since: first.conflicts).isEmpty)
        let third = reconcile(sources, policy: .human, at: Instant(milliseconds: 99), previous: second)
        #expect(third.conflicts.map(\.since) == [Instant(milliseconds: 99)])
        #expect(third.conflicts.new(since: second.conflicts) == third.conflicts)
        #expect(Conflict.counts(third.conflicts) == ["human": 1])
    }

    @Test func expiring() {
        let edits = [
            wish(.set, "a.", .a, "192.0.2.1", expires: 100), wish(.set, "b.", .a, "192.0.2.1", expires: 50), wish(.set, "c.", .a, "192.0.2.1"),
            wish(.set, "d.", .a, "192.0.2.1", starts: 60, expires: 70), wish(.set, "e.", .a, "192.0.2.1", expires: 151),
        ]
        #expect(Edit.expiring(edits, within: 100, at: Self.now).map { "\($0.key.owner)" } == ["d.", "a."])
        #expect(Edit.expiring(edits, within: 101, at: Self.now).count == 3)
        #expect(Edit.expiring(edits, within: .max, at: Instant(milliseconds: .min)).isEmpty, "longer than any time there is, and no trap")
    }
}
