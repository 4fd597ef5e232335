internal import DNSWire
public import Pipeline

/// What ``Validation`` finds in a presentation, kept up to date as that changes: a change
/// costs the names that it touches, those that refer to them, and what lies below a
/// delegation, a DNAME or an apex that comes or goes.
///
/// It knows how many findings there are, and of which fault; their messages are made as
/// they appear, and not kept. A site's own policies are not asked.
public struct StandingValidation: Sendable {
    /// What to count findings by.
    public struct Kind: Hashable, Sendable {
        public var fault: Fault
        public var level: Level
        public var isWaived: Bool

        public init(fault: Fault, level: Level, isWaived: Bool) {
            (self.fault, self.level, self.isWaived) = (fault, level, isWaived)
        }
    }

    /// What an update brought.
    public struct Update: Sendable {
        /// Findings of faults that their RRsets did not have before.
        public var appeared: [Finding] = []
        /// How many there are; of many not all are in ``appeared``.
        public var appearedCount = 0
        /// How many faults went.
        public var vanished = 0
        /// Names that were judged.
        public var judged = 0
        /// Everything was judged anew.
        public var isWhole = false
    }

    private(set) var graph = NameGraph()
    private var marks = MarkLists()
    private var shards: [Int: [RecordSet]] = [:]
    private var maps: [Int: Set<Location>] = [:]
    private var sharding: Sharding
    private var profile: Profile
    private var waiving: Waiving
    private var firsts: [NameGraph.ID: NameGraph.ID] = [:]
    private var counts: [Kind: Int] = [:]
    /// More changed names than this at once, and everything is judged anew.
    private let mostNames: Int

    public init(
        sharding: Sharding, profile: Profile = Profile(), waivers: [Waiver] = [], now: Instant = Instant(milliseconds: 0),
        mostNames: Int = 20_000
    ) {
        self.sharding = sharding
        self.profile = profile
        self.profile.locations = []
        self.mostNames = mostNames
        waiving = Waiving(waivers, at: now)
    }

    /// Findings by fault, level, and whether a waiver covers them; those of the waivers too.
    public var findings: [Kind: Int] {
        var all = counts
        for finding in waiverFindings {
            guard case .fault(let fault) = finding.code else { continue }
            all[Kind(fault: fault, level: finding.level, isWaived: false), default: 0] += 1
        }
        return all
    }

    /// What is wrong with the waivers themselves.
    var waiverFindings: [Finding] { waiving.findings(profile) { _ in true } }

    /// All marks, by name.
    var fingerprints: [Name: [UInt64]] {
        var all: [Name: [UInt64]] = [:]
        for id in graph.nodes.indices where graph.nodes[id].marks != NameGraph.none {
            all[graph.name(NameGraph.ID(id))] = marks.marks(graph.nodes[id].marks).map(\.fingerprint).sorted()
        }
        return all
    }

    // MARK: Changes

    /// Takes shards as they are now; those that are not given stay as they are.
    public mutating func update(_ changed: [Int: Shard]) -> Update {
        var changes: [NameChange] = []
        for (index, shard) in changed {
            changes += NameChange.changes(from: shards[index] ?? [], to: shard.records)
            maps[index] = shard.map.isEmpty ? nil : Set(shard.map.map(\.location))
        }
        let locations = maps.values.reduce(into: Set<Location>()) { $0.formUnion($1) }
        let moved = locations.symmetricDifference(profile.locations ?? [])
        profile.locations = locations
        if changes.isEmpty, moved.isEmpty { return Update() }

        let ids = changes.map { graph.insert($0.owner.wire) }
        var affected = Affected()
        let isMany = changes.count > mostNames
        if !isMany {
            for (change, id) in zip(changes, ids) { affected.add(change, at: id, in: graph) }
        }
        for (index, shard) in changed { shards[index] = shard.records.isEmpty ? nil : shard.records }
        var idle = ids
        for (change, id) in zip(changes, ids) { idle += apply(change, at: id) }
        if !isMany {
            for (change, id) in zip(changes, ids) { affected.add(change, at: id, in: graph) }
            if !moved.isEmpty {
                for id in graph.nodes.indices where graph.nodes[id].isLocated { affected.add(NameGraph.ID(id)) }
            }
            forgetFirsts(changes, ids)
        } else {
            firsts = [:]
        }
        let update = isMany || affected.names.count > mostNames ? judgeAll() : judge(affected.names)
        for id in idle { graph.prune(id) }
        for id in affected.names { graph.prune(id) }
        return update
    }

    /// Puts the name's new records in the graph; says what it referred to.
    private mutating func apply(_ change: NameChange, at id: NameGraph.ID) -> [NameGraph.ID] {
        let idle = graph.removeReferences(of: id)
        var types: TypeSet = []
        var isLocated = false
        for set in change.after where Rejection(set) == nil {
            types.formUnion(TypeSet(set.key.type))
            isLocated = isLocated || set.key.location != nil
            set.forEachReference(profile) { wire, at, kinds in
                graph.addReference(from: id, to: graph.insert(wire, at), kinds)
            }
        }
        graph[id].types = types
        graph[id].isLocated = isLocated
        graph.setOwner(id, !change.after.isEmpty)
        return idle
    }

    // MARK: Judging

    private mutating func judge(_ names: Set<NameGraph.ID>) -> Update {
        findFirsts(names)
        let validation = neighbourhood(of: names)
        var update = Update(judged: names.count)
        var before: [NameGraph.ID: [Mark]] = [:]
        for id in names where graph[id].marks != NameGraph.none { before[id] = clear(id) }
        validation.forEachFinding { finding in
            guard let id = graph.find(finding.key.owner.wire), names.contains(id) else { return }
            add(finding, at: id, &before, &update)
        }
        update.vanished = before.values.reduce(0) { $0 + $1.count }
        return update
    }

    /// Apart, so that nothing holds the graph when it changes.
    private func neighbourhood(of names: Set<NameGraph.ID>) -> Validation {
        let neighbourhood = Neighbourhood(of: names, in: self)
        return Validation(records: neighbourhood.records, empty: neighbourhood.empty, profile: profile)
    }

    private mutating func judgeAll() -> Update {
        var update = Update(judged: graph.count, isWhole: true)
        var before: [NameGraph.ID: [Mark]] = [:]
        for id in graph.nodes.indices where graph.nodes[id].marks != NameGraph.none {
            before[NameGraph.ID(id)] = clear(NameGraph.ID(id))
        }
        let validation = Validation(records: shards.values.flatMap(\.self), empty: [], profile: profile)
        validation.forEachFinding { finding in
            add(finding, at: graph.insert(finding.key.owner.wire), &before, &update)
        }
        update.vanished = before.values.reduce(0) { $0 + $1.count }
        return update
    }

    private mutating func clear(_ id: NameGraph.ID) -> [Mark] {
        let old = marks.remove(&graph[id].marks)
        for mark in old {
            count(mark, -1)
            waiving.count(mark.waived, -1)
        }
        return old
    }

    private mutating func add(
        _ finding: Finding, at id: NameGraph.ID, _ before: inout [NameGraph.ID: [Mark]], _ update: inout Update
    ) {
        guard var mark = Mark(finding) else { return }
        if !waiving.isEmpty {
            mark.waived = waiving.number(waiving.covering(finding.code, finding.key) { zone(holding: id) })
            waiving.count(mark.waived, 1)
        }
        count(mark, 1)
        marks.add(mark, to: &graph[id].marks)
        if let known = before[id]?.firstIndex(where: { $0.fault == mark.fault && $0.type == mark.type }) {
            before[id]!.remove(at: known)
        } else {
            update.appearedCount += 1
            if update.appeared.count < Self.mostAppeared { update.appeared.append(finding) }
        }
    }

    /// More are counted, and not named.
    private static let mostAppeared = 100

    private mutating func count(_ mark: Mark, _ change: Int) {
        let kind = Kind(fault: mark.code, level: Level.allCases[Int(mark.level)], isWaived: mark.isWaived)
        let count = counts[kind, default: 0] + change
        counts[kind] = count == 0 ? nil : count
    }
}

// MARK: - Looking things up

extension StandingValidation {
    /// All RRsets of a name.
    func sets(at id: NameGraph.ID) -> [RecordSet] {
        let owner = graph.name(id)
        guard let records = shards[sharding.index(of: owner)] else { return [] }
        var low = 0, high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].key.owner.precedes(owner) { low = middle + 1 } else { high = middle }
        }
        return Array(records[low...].prefix { $0.key.owner == owner })
    }

    /// The apex of the zone that a name is in.
    private func zone(holding id: NameGraph.ID) -> Name? {
        var at = id
        while at != NameGraph.none {
            if graph[at].types.contains(.soa) { return graph.name(at) }
            at = graph[at].parent
        }
        return nil
    }

    /// The first name below an empty one, in canonical order, that is served with records of the same zone.
    func firstOwner(below id: NameGraph.ID) -> NameGraph.ID? {
        if let known = firsts[id] { return known }
        // Siblings one by one, the least first: most often one look is enough.
        var passed: Set<NameGraph.ID> = []
        while true {
            var least = NameGraph.none
            var child = graph[id].firstChild
            while child != NameGraph.none {
                let node = graph[child]
                // Other zones and what is delegated do not count.
                if node.owners > 0, node.types.isDisjoint(with: [.soa, .ns]), least == NameGraph.none || graph.sibling(child, precedes: least),
                    !passed.contains(child)
                {
                    least = child
                }
                child = node.next
            }
            if least == NameGraph.none { return nil }
            if !graph[least].types.isEmpty { return least }
            if let below = firstOwner(below: least) { return below }
            passed.insert(least)
        }
    }

    /// Looks for the first names below these that are empty, once until something comes before.
    private mutating func findFirsts(_ names: Set<NameGraph.ID>) {
        for id in names where graph.isThere(id) && graph[id].types.isEmpty { firsts[id] = firstOwner(below: id) }
    }

    private mutating func forgetFirsts(_ changes: [NameChange], _ ids: [NameGraph.ID]) {
        for (change, id) in zip(changes, ids) where change.isReshaped {
            if change.turnsSubtree {
                firsts = [:]
                return
            }
            let isServed = !graph[id].types.isEmpty
            var at = graph[id].parent
            while at != NameGraph.none {
                if let first = firsts[at], first == id || isServed && !graph.name(first).precedes(change.owner) { firsts[at] = nil }
                at = graph[at].parent
            }
        }
    }
}
