import DNSWire
import Pipeline
import Presenter
import TestSupport

/// What docs/reconciling.md says, one RRset at a time, in the plainest way: sets of
/// small numbers stand for RDATA.
struct Model {
    struct Wish {
        var action: Edit.Action
        var key: RecordKey
        var values: Set<UInt8>
        var line = 0
        var person = "ada"
        var overrides: String?
        var starts: Int64?
        var expires: Int64?
        /// Emergency edits: when it was signed.
        var at: Int64 = 0

        func isActive(_ now: Int64) -> Bool { (starts ?? .min) <= now && now < (expires ?? .max) }
    }

    let policy: ConflictPolicy
    var rules: [String: [RecordKey: Set<UInt8>]] = ["pack/A": [:], "pack/B": [:]]
    var registrations: [Wish] = []
    var edits: [Wish] = []
    var emergencies: [Wish] = []
    var now: Int64 = 1000
    /// What was presented before, emergency edits apart.
    var last: [RecordKey: Set<UInt8>] = [:]

    static let keys = ["a.", "b.", "x.a."].flatMap { name in [RRType.a, .aaaa].map { key(name, $0) } }

    /// What people and programs see, and what lies beneath emergency edits.
    func presented() -> (served: [RecordKey: Set<UInt8>], reviewed: [RecordKey: Set<UInt8>]) {
        var served: [RecordKey: Set<UInt8>] = [:], reviewed: [RecordKey: Set<UInt8>] = [:]
        for key in Self.keys {
            reviewed[key] = settled(key)
            served[key] = reviewed[key]
            for wish in emergencies.filter({ $0.key == key && $0.isActive(now) }).sorted(by: { $0.at < $1.at }) {
                switch wish.action {
                case .set: served[key] = wish.values
                case .add: served[key] = served[key, default: []].union(wish.values)
                default: served[key] = wish.values.isEmpty ? nil : served[key]?.subtracting(wish.values)
                }
                if served[key]?.isEmpty ?? false { served[key] = nil }
            }
        }
        return (served, reviewed)
    }

    private func settled(_ key: RecordKey) -> Set<UInt8>? {
        let wishes = edits.filter { $0.isActive(now) }
        let isExternal = wishes.contains { wish in
            guard wish.action == .external, [key.type, Edit.everyType].contains(wish.key.type) else { return false }
            return wish.key.owner == key.owner || (wish.key.owner == (try! Name("*.a.")) && key.owner == (try! Name("x.a.")))
        }
        if isExternal { return nil }
        if let pin = wishes.first(where: { $0.action == .pin && $0.key == key }) { return pin.values }
        var cell = Cell(settlement: policy.settlement(of: key))
        for (name, records) in rules.sorted(by: { $0.key < $1.key }) {
            if let values = records[key] { cell.want(values, by: name) }
        }
        for action in [Edit.Action.set, .add] {
            for wish in registrations.sorted(by: { $0.person < $1.person }) where wish.action == action && wish.key == key {
                cell.register(wish)
            }
        }
        for action in [Edit.Action.set, .add, .remove] {
            for wish in wishes where wish.action == action && wish.key == key { cell.edit(wish) }
        }
        return cell.isRefused ? last[key] : cell.values
    }
}

private struct Cell {
    let settlement: ConflictPolicy.Settlement
    var values: Set<UInt8>?
    /// Who has it, and whom each took it from.
    var owners: [String] = []
    var isRefused = false

    init(settlement: ConflictPolicy.Settlement) { self.settlement = settlement }

    private mutating func have(_ new: Set<UInt8>?, _ owner: String) {
        values = new.flatMap { $0.isEmpty ? nil : $0 }
        owners = values == nil ? [] : [owner] + owners
    }

    mutating func want(_ wanted: Set<UInt8>, by source: String) {
        if values == nil { have(wanted, source) } else { contend(source, wanted, offers: wanted) }
    }

    mutating func register(_ wish: Model.Wish) {
        if wish.action == .add, owners.first == Origin.registrations, !isRefused {
            values!.formUnion(wish.values)
        } else {
            want(wish.values, by: Origin.registrations)
        }
    }

    mutating func edit(_ wish: Model.Wish) {
        let isRule = owners.first?.hasPrefix("pack/") ?? false
        if isRule, settlement == .rule { return }
        let isWhole = wish.action == .set || wish.action == .remove && wish.values.isEmpty
        let named = values != nil && (wish.overrides == owners[0] || wish.action == .remove && (wish.overrides.map(owners.contains) ?? true))
        if isRefused, !(isWhole && named) { return }
        switch wish.action {
        case .add: have((values ?? []).union(wish.values), Origin.edits)
        case .set where values == nil: have(wish.values, Origin.edits)
        case .remove where values == nil || !wish.values.isEmpty && wish.values.isDisjoint(with: values!): break
        default:
            let rest = wish.action == .set ? wish.values : wish.values.isEmpty ? [] : values!.subtracting(wish.values)
            if named {
                isRefused = false
                have(rest, Origin.edits)
            } else {
                contend(Origin.edits, rest, offers: wish.action == .remove ? nil : wish.values)
            }
        }
    }

    private mutating func contend(_ source: String, _ wanted: Set<UInt8>, offers: Set<UInt8>?) {
        switch settlement {
        case .refuse: isRefused = true
        case .human where source == Origin.edits && owners[0] != Origin.edits: have(wanted, source)
        case .merge: values!.formUnion(offers ?? [])
        default: break
        }
    }
}

// MARK: As values of the pipeline

extension Model.Wish {
    func edit(_ source: String) -> Edit {
        Edit(
            action: action, key: key, ttl: action.makesValues ? 30 : nil, rdata: values.sorted().map { Model.rdata($0, key.type) },
            origin: Origin(source: source, file: source == Origin.edits ? "edits/a.yaml" : "", line: line, person: person),
            overrides: overrides, starts: starts.map { Instant(milliseconds: $0) }, expires: expires.map { Instant(milliseconds: $0) })
    }
}

extension Model {
    static func rdata(_ value: UInt8, _ type: RRType) -> RData {
        type == .a ? .a((192, 0, 2, value)) : try! RData("2001:db8::\(value)", type: type)
    }

    static func values(_ shard: Shard) -> [RecordKey: Set<UInt8>] {
        Dictionary(uniqueKeysWithValues: shard.records.map { ($0.key, Set($0.rdata.map { $0.wire.last! })) })
    }

    func records(_ source: String) -> [RecordSet] {
        rules[source]!.map { key, values in
            RecordSet(key: key, ttl: 60, rdata: values.map { Self.rdata($0, key.type) }, origin: Origin(source: source, file: "R.swift", line: 1))
        }
    }

    var instant: Instant { Instant(milliseconds: now) }

    /// One change at random.
    mutating func change(_ random: inout Seeded, line: Int) {
        func values(_ random: inout Seeded) -> Set<UInt8> { Set((0..<(1 + random.below(2))).map { _ in UInt8(random.below(4)) }) }
        let key = random.pick(Self.keys)
        now += Int64(random.below(20))
        switch random.below(12) {
        case 0, 1, 2:
            let source = random.pick(["pack/A", "pack/B"])
            rules[source]![key] = random.chance(3) ? nil : values(&random)
        case 3, 4:
            let person = random.pick(["web1", "web2"])
            registrations.removeAll { $0.key == key && $0.person == person }
            if !random.chance(3) {
                registrations.append(Wish(action: random.pick([.set, .add]), key: key, values: values(&random), person: person))
            }
        case 5 where !edits.isEmpty, 6 where !edits.isEmpty: edits.remove(at: random.below(edits.count))
        case 7:
            let action = random.pick([Edit.Action.set, .add, .remove])
            emergencies.append(
                Wish(
                    action: action, key: key, values: action == .remove && random.chance(2) ? [] : values(&random), person: "eve",
                    expires: now + 1 + Int64(random.below(60)), at: now))
            now += 1
        case 8 where !emergencies.isEmpty:
            emergencies.remove(at: random.below(emergencies.count))
        default:
            var wish = Wish(
                action: random.pick(Edit.Action.allCases), key: key, values: values(&random), line: line,
                overrides: random.chance(2) ? random.pick(["pack/A", "pack/B", Origin.registrations, Origin.edits]) : nil,
                starts: random.chance(4) ? now + Int64(random.below(30)) : nil)
            if random.chance(3) { wish.expires = (wish.starts ?? now) + 1 + Int64(random.below(60)) }
            if wish.action == .external || wish.action == .remove && random.chance(2) { wish.values = [] }
            if wish.action == .external {
                wish.overrides = nil
                if random.chance(2) { wish.key.type = Edit.everyType }
                if random.chance(3) { wish.key.owner = try! Name("*.a.") }
            }
            edits.append(wish)
        }
    }
}
