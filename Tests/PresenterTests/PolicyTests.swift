import DNSWire
import Pipeline
import Presenter
import TestSupport
import Testing

/// One row a rule of the policy: what is wanted, what is served and reported.
@Suite struct PolicyTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sources: ShardSources
        /// `owner type value|value`, under each policy.
        var owner: [String]
        var human: [String]
        /// Number of conflicts under each policy, and the winner of the first.
        var conflicts: (owner: Int, human: Int) = (0, 0)
        var winner: (owner: Int?, human: Int?) = (nil, nil)

        init(
            _ what: String, _ sources: ShardSources, _ owner: [String], _ human: [String]? = nil,
            conflicts: (Int, Int) = (0, 0), winner: (Int?, Int?) = (nil, nil)
        ) {
            testDescription = what
            self.sources = sources
            self.owner = owner
            self.human = human ?? owner
            self.conflicts = conflicts
            self.winner = winner
        }
    }

    private static let rule = set("a.", .a, "192.0.2.1", "192.0.2.2")

    static let rows: [Row] = [
        Row("a rule alone", ShardSources([rule]), ["a. A 192.0.2.1|192.0.2.2"]),
        Row("an edit alone", ShardSources([], edits: [wish(.set, "a.", .a, "192.0.2.9")]), ["a. A 192.0.2.9"]),
        Row(
            "override named", ShardSources([rule], edits: [wish(.set, "a.", .a, "192.0.2.9", overrides: "pack/A")]), ["a. A 192.0.2.9"]),
        Row(
            "override not named", ShardSources([rule], edits: [wish(.set, "a.", .a, "192.0.2.9")]),
            ["a. A 192.0.2.1|192.0.2.2"], ["a. A 192.0.2.9"], conflicts: (1, 1), winner: (0, 1)),
        Row(
            "another's name", ShardSources([rule], edits: [wish(.set, "a.", .a, "192.0.2.9", overrides: "pack/B")]),
            ["a. A 192.0.2.1|192.0.2.2"], ["a. A 192.0.2.9"], conflicts: (1, 1), winner: (0, 1)),
        Row("add", ShardSources([rule], edits: [wish(.add, "a.", .a, "192.0.2.9")]), ["a. A 192.0.2.1|192.0.2.2|192.0.2.9"]),
        Row("add to nothing", ShardSources([], edits: [wish(.add, "a.", .a, "192.0.2.9")]), ["a. A 192.0.2.9"]),
        Row(
            "add to a CNAME", ShardSources([set("a.", .cname, "x.")], edits: [wish(.add, "a.", .cname, "y.")]), ["a. CNAME x."],
            conflicts: (1, 1), winner: (0, 0)),
        Row(
            "a CNAME of two values", ShardSources([], edits: [wish(.set, "a.", .cname, "x.", "y.")]), [], conflicts: (1, 1)),
        Row(
            "a registered CNAME of two values", ShardSources([], registrations: [registered(.add, "a.", .cname, "x.", "y.")]), [],
            conflicts: (1, 1)),
        Row("remove a value", ShardSources([rule], edits: [wish(.remove, "a.", .a, "192.0.2.1")]), ["a. A 192.0.2.2"]),
        Row("remove every value", ShardSources([rule], edits: [wish(.remove, "a.", .a, "192.0.2.1", "192.0.2.2")]), []),
        Row("remove the RRset", ShardSources([rule], edits: [wish(.remove, "a.", .a)]), []),
        Row(
            "remove, another's named", ShardSources([rule], edits: [wish(.remove, "a.", .a, overrides: "pack/B")]),
            ["a. A 192.0.2.1|192.0.2.2"], [], conflicts: (1, 1), winner: (0, 1)),
        Row(
            "remove a value that is not there", ShardSources([rule], edits: [wish(.remove, "a.", .a, "192.0.2.7")]),
            ["a. A 192.0.2.1|192.0.2.2"], conflicts: (1, 1), winner: (0, 0)),
        Row("remove nothing", ShardSources([], edits: [wish(.remove, "a.", .a)]), [], conflicts: (1, 1)),
        Row(
            "add one, remove a rule's by name",
            ShardSources([rule], edits: [wish(.remove, "a.", .a, "192.0.2.1", overrides: "pack/A"), wish(.add, "a.", .a, "192.0.2.9", line: 2)]),
            ["a. A 192.0.2.2|192.0.2.9"]),
        Row(
            "two rules", ShardSources([set("a.", .a, "192.0.2.7", from: "pack/B"), rule]), ["a. A 192.0.2.1|192.0.2.2"],
            conflicts: (1, 1), winner: (0, 0)),
        Row(
            "two edits", ShardSources([], edits: [wish(.set, "a.", .a, "192.0.2.8", line: 2), wish(.set, "a.", .a, "192.0.2.9", line: 1)]),
            ["a. A 192.0.2.9"], conflicts: (1, 1), winner: (0, 0)),
        Row(
            "a registration against a rule", ShardSources([rule], registrations: [registered(.set, "a.", .a, "192.0.2.9")]),
            ["a. A 192.0.2.1|192.0.2.2"], conflicts: (1, 1), winner: (0, 0)),
        Row(
            "a registration adds to a rule", ShardSources([rule], registrations: [registered(.add, "a.", .a, "192.0.2.9")]),
            ["a. A 192.0.2.1|192.0.2.2"], conflicts: (1, 1), winner: (0, 0)),
        Row(
            "two registrations",
            ShardSources([], registrations: [registered(.set, "a.", .a, "192.0.2.9", person: "web2"), registered(.set, "a.", .a, "192.0.2.8")]),
            ["a. A 192.0.2.8"], conflicts: (1, 1), winner: (0, 0)),
        Row(
            "two registrations that share",
            ShardSources([], registrations: [registered(.add, "a.", .a, "192.0.2.9", person: "web2"), registered(.add, "a.", .a, "192.0.2.8")]),
            ["a. A 192.0.2.8|192.0.2.9"]),
        Row(
            "an edit against a registration",
            ShardSources([], edits: [wish(.set, "a.", .a, "192.0.2.9")], registrations: [registered(.set, "a.", .a, "192.0.2.8")]),
            ["a. A 192.0.2.8"], ["a. A 192.0.2.9"], conflicts: (1, 1), winner: (0, 1)),
        Row(
            "a rule's CNAME beside a rule's data", ShardSources([rule, set("a.", .cname, "x.")]), ["a. A 192.0.2.1|192.0.2.2"],
            conflicts: (1, 1), winner: (1, 1)),
        Row(
            "an edit's CNAME beside a rule's data", ShardSources([rule], edits: [wish(.set, "a.", .cname, "x.")]),
            ["a. A 192.0.2.1|192.0.2.2"], ["a. CNAME x."], conflicts: (1, 1), winner: (1, 0)),
        Row(
            "an edit's data beside a rule's CNAME", ShardSources([set("a.", .cname, "x.")], edits: [wish(.set, "a.", .a, "192.0.2.9")]),
            ["a. A 192.0.2.9"], conflicts: (1, 1), winner: (1, 1)),
        Row(
            "a CNAME of one location beside data of another",
            ShardSources([set("a.", .a, "192.0.2.1", at: "aa"), set("a.", .cname, "x.", at: "bb")]),
            ["a. A @aa 192.0.2.1", "a. CNAME @bb x."]),
        Row(
            "a CNAME for all beside data of one location",
            ShardSources([set("a.", .a, "192.0.2.1", at: "aa"), set("a.", .cname, "x.")]), ["a. A @aa 192.0.2.1"],
            conflicts: (1, 1), winner: (1, 1)),
        Row(
            "what one alias displaced does not displace the next",
            ShardSources([rule, set("a.", .cname, "y.", at: "bb")], edits: [wish(.set, "a.", .cname, "x.", at: "aa")]),
            ["a. A 192.0.2.1|192.0.2.2"], ["a. CNAME @aa x.", "a. CNAME @bb y."], conflicts: (2, 1), winner: (1, 0)),
        Row("not yet", ShardSources([rule], edits: [wish(.remove, "a.", .a, starts: 51)]), ["a. A 192.0.2.1|192.0.2.2"]),
        Row("from now", ShardSources([rule], edits: [wish(.remove, "a.", .a, starts: 50)]), []),
        Row("until just after now", ShardSources([rule], edits: [wish(.remove, "a.", .a, expires: 51)]), []),
        Row("until now", ShardSources([rule], edits: [wish(.remove, "a.", .a, expires: 50)]), ["a. A 192.0.2.1|192.0.2.2"]),
    ]

    @Test(arguments: rows)
    func row(_ row: Row) {
        for policy in [ConflictPolicy.owner, .human] {
            let shard = reconcile(row.sources, policy: policy, at: Instant(milliseconds: 50))
            let served = shard.records.map { set in
                "\(set.key) " + set.rdata.map { $0.text(type: set.key.type) }.joined(separator: "|")
            }
            #expect(served == (policy == .owner ? row.owner : row.human), "policy \(policy.settlement)")
            #expect(shard.conflicts.count == (policy == .owner ? row.conflicts.owner : row.conflicts.human), "policy \(policy.settlement): \(shard.conflicts)")
            #expect(shard.conflicts.first?.winner == (policy == .owner ? row.winner.owner : row.winner.human), "policy \(policy.settlement)")
        }
    }

    /// The edit becomes the origin, and says whose value it took.
    @Test func origins() {
        let sources = ShardSources([Self.rule], edits: [wish(.set, "a.", .a, "192.0.2.9", overrides: "pack/A")])
        let record = reconcile(sources, policy: .owner, at: Instant(milliseconds: 0)).records[0]
        #expect(record.origin == sources.edits[0].origin)
        #expect(record.overrode == [Self.rule.origin])
        #expect(record.ttl == 30)
    }

    @Test func maps() {
        func shard(_ place: String, _ source: String) -> Shard {
            Shard(map: [MapEntry(prefix: [10], location: Location(place)!, origin: Origin(source: source))])
        }
        func present(_ a: String, _ b: String) -> Shard {
            reconcile(
                ShardSources(generations: ["pack/A": shard(a, "pack/A"), "pack/B": shard(b, "pack/B")]), policy: .owner,
                at: Instant(milliseconds: 0))
        }
        #expect(present("aa", "bb").map.map(\.location.description) == ["aa"])
        #expect(present("aa", "bb").conflicts.count == 1)
        #expect(present("aa", "aa").conflicts.isEmpty)
    }
}
