import DNSWire
import Pipeline
import Presenter
import TestSupport

/// Short ways to write sources down.
func set(_ name: String, _ type: RRType, _ values: String..., from source: String = "pack/A", ttl: UInt32 = 60, at location: String? = nil) -> RecordSet {
    RecordSet(
        key: key(name, type, location), ttl: ttl, rdata: values.map { try! RData($0, type: type) },
        origin: Origin(source: source, file: "\(source).swift", line: 1))
}

func key(_ name: String, _ type: RRType, _ location: String? = nil) -> RecordKey {
    RecordKey(owner: try! Name(name), type: type, location: location.flatMap { Location($0) })
}

func wish(
    _ action: Edit.Action, _ name: String, _ type: RRType, _ values: String..., line: Int = 1, overrides: String? = nil,
    person: String = "ada", source: String = Origin.edits, at location: String? = nil, starts: Int64? = nil, expires: Int64? = nil
) -> Edit {
    Edit(
        action: action, key: key(name, type, location), ttl: action.makesValues ? 30 : nil,
        rdata: values.map { try! RData($0, type: type) },
        origin: Origin(source: source, file: source == Origin.edits ? "edits/a.yaml" : "", line: source == Origin.edits ? line : 0, person: person),
        overrides: overrides, starts: starts.map { Instant(milliseconds: $0) }, expires: expires.map { Instant(milliseconds: $0) })
}

extension ConflictPolicy {
    static let owner = ConflictPolicy(.owner)
    static let human = ConflictPolicy(.human)

    /// One of each, and one that is another for one name and one type.
    static let all =
        Settlement.allCases.map { ConflictPolicy($0) } + [
            ConflictPolicy(
                .merge,
                exceptions: [
                    Exception(.zone(try! Name("a.")), settlement: .rule), Exception(.name(try! Name("b.")), types: [.a], settlement: .refuse),
                    Exception(.below(try! Name("a.")), settlement: .human),
                ])
        ]
}

func registered(_ action: Edit.Action, _ name: String, _ type: RRType, _ values: String..., person: String = "web1") -> Edit {
    Edit(
        action: action, key: key(name, type), ttl: 30, rdata: values.map { try! RData($0, type: type) },
        origin: Origin(source: Origin.registrations, person: person))
}

extension ConflictPolicy {
    /// Whether what was there before may decide what is there next.
    var remembers: Bool { ([self.settlement] + exceptions.map { $0.settlement ?? .owner }).contains(.refuse) }
}

extension Shard {
    /// Without the dates of conflicts.
    var undated: Shard {
        var shard = self
        for index in shard.conflicts.indices { shard.conflicts[index].since = nil }
        return shard
    }
}

extension ShardSources {
    init(_ records: [RecordSet], edits: [Edit] = [], registrations: [Edit] = []) {
        self.init(
            generations: Dictionary(grouping: records, by: \.origin.source).mapValues {
                var shard = Shard(records: $0)
                shard.sort()
                return shard
            }, registrations: registrations, edits: edits)
    }
}

extension Seeded {
    /// Sources that meet: few names, few types, few values, every kind of edit.
    mutating func sources() -> ShardSources {
        func value(_ type: RRType, _ random: inout Seeded) -> RData {
            type == .cname ? .name(try! Name(random.pick(["x.", "y."]))) : .a((192, 0, 2, UInt8(random.below(3))))
        }
        func key(_ random: inout Seeded) -> RecordKey {
            RecordKey(
                owner: try! Name(random.pick(["a.", "b.", "c.", "x.a."])), type: random.pick([.a, .a, .cname]),
                location: random.chance(4) ? Location(random.pick(["aa", "bb"])) : nil)
        }
        func rdata(_ type: RRType, _ random: inout Seeded) -> [RData] {
            (0..<(type == .cname ? 1 : 1 + random.below(2))).map { _ in value(type, &random) }
        }
        var sources = ShardSources()
        for name in ["pack/A", "pack/B"] where !chance(4) {
            var records: [RecordKey: RecordSet] = [:]
            for line in 0..<below(5) {
                let key = key(&self)
                records[key] = RecordSet(
                    key: key, ttl: 60, rdata: rdata(key.type, &self), origin: Origin(source: name, file: "R.swift", line: line))
            }
            var shard = Shard(
                records: Array(records.values),
                map: chance(2) ? [MapEntry(prefix: [10], location: location(), origin: Origin(source: name))] : [])
            shard.sort()
            sources.generations[name] = shard
        }
        var seen: Set<[String]> = []
        for _ in 0..<below(4) {
            let key = key(&self), person = pick(["web1", "web2"])
            guard seen.insert([key.description, person]).inserted else { continue }
            sources.registrations.append(
                Edit(
                    action: pick([.set, .add]), key: key, ttl: 30, rdata: rdata(key.type, &self),
                    origin: Origin(source: Origin.registrations, person: person)))
        }
        for line in 0..<below(6) {
            var key = key(&self)
            let action = pick(Edit.Action.allCases)
            if action == .external {
                if chance(2) { key.type = Edit.everyType }
                if chance(3) { key.owner = try! Name("*.a.") }
            }
            sources.edits.append(
                Edit(
                    action: action, key: key, ttl: action.makesValues ? 30 : nil,
                    rdata: action == .external || action == .remove && chance(2) ? [] : rdata(key.type, &self),
                    origin: Origin(source: Origin.edits, file: "edits/a.yaml", line: line, person: "ada"),
                    overrides: chance(2) ? pick(["pack/A", "pack/B", Origin.registrations, Origin.edits, Origin.emergency]) : nil,
                    expires: chance(3) ? Instant(milliseconds: Int64(100 + below(3))) : nil))
        }
        for _ in 0..<(chance(2) ? 0 : below(3)) {
            let key = key(&self), action = pick([Edit.Action.set, .add, .remove])
            let edit = Edit(
                action: action, key: key, ttl: action.makesValues ? 20 : nil,
                rdata: action == .remove && chance(2) ? [] : rdata(key.type, &self),
                origin: Origin(source: Origin.emergency, person: pick(["ada", "eve"])))
            sources.emergencies.append(
                Emergency(edit, at: Instant(milliseconds: Int64(below(50))), fault: chance(6) ? "not signed" : nil))
        }
        return sources
    }
}
