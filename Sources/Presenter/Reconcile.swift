internal import DNSWire
public import Pipeline

/// Who keeps an RRset that two sources want without one saying so.
public enum ConflictPolicy: String, Sendable, CaseIterable {
    /// The source that owns it: a rule before a registration before an edit. An edit
    /// takes an RRset over only if it names what it `overrides`.
    case owner
    /// The reviewed edit, whatever it names.
    case human
}

/// All that is wanted of one shard.
public struct ShardSources: Sendable {
    /// Generated records by source, `pack/Rule`.
    public var generations: [String: Shard]
    public var registrations: [Edit]
    public var edits: [Edit]

    public init(generations: [String: Shard] = [:], registrations: [Edit] = [], edits: [Edit] = []) {
        self.generations = generations
        self.registrations = registrations
        self.edits = edits
    }
}

/// Settles what one shard serves: a pure function, whose result does not depend on
/// the order in which sources arrive or are listed.
public func reconcile(_ sources: ShardSources, policy: ConflictPolicy, at instant: Instant) -> Shard {
    var reconciliation = Reconciliation(policy: policy)
    for (name, shard) in sources.generations.sorted(by: { $0.key < $1.key }) { reconciliation.take(shard, from: name) }
    for edit in inOrder(sources.registrations, at: instant) { reconciliation.register(edit) }
    for edit in inOrder(sources.edits, at: instant) { reconciliation.apply(edit) }
    reconciliation.separateAliases()
    reconciliation.reserveStamps()
    return reconciliation.shard
}

/// Active edits, sets before additions before removals, each by where it is written.
private func inOrder(_ edits: [Edit], at instant: Instant) -> [Edit] {
    func rank(_ action: Edit.Action) -> Int {
        switch action {
        case .set: 0
        case .add: 1
        case .remove: 2
        }
    }
    func precedes(_ a: Edit, _ b: Edit) -> Bool {
        if a.action != b.action { return rank(a.action) < rank(b.action) }
        if a.origin.file != b.origin.file { return a.origin.file < b.origin.file }
        if a.origin.line != b.origin.line { return a.origin.line < b.origin.line }
        if a.key != b.key { return a.key.description < b.key.description }
        if a.origin.person != b.origin.person { return a.origin.person < b.origin.person }
        return a.rdata.map(\.wire).joined().lexicographicallyPrecedes(b.rdata.map(\.wire).joined())
    }
    return edits.filter { $0.isActive(at: instant) }.sorted(by: precedes)
}

/// The state of one shard's reconciliation.
private struct Reconciliation {
    let policy: ConflictPolicy
    var records: [RecordKey: RecordSet] = [:]
    var map: [[UInt8]: MapEntry] = [:]
    var conflicts: [Conflict] = []

    var shard: Shard {
        var shard = Shard(records: Array(records.values), map: Array(map.values), conflicts: conflicts)
        shard.sort()
        return shard
    }

    /// Sources come in the order of their names: the first that makes an RRset owns it.
    mutating func take(_ shard: Shard, from source: String) {
        for record in shard.records {
            if let owner = records[record.key] {
                report(
                    record.key, [party(owner), party(record)], winner: 0, "owner",
                    "both rules make this RRset; \(owner.origin.source) comes first by name and keeps it")
            } else {
                records[record.key] = record
            }
        }
        for entry in shard.map {
            guard let owner = map[entry.prefix] else {
                map[entry.prefix] = entry
                continue
            }
            guard owner.location != entry.location else { continue }
            report(
                RecordKey(owner: .root, type: RRType(rawValue: 0)),
                [Conflict.Party(origin: owner.origin), Conflict.Party(origin: entry.origin)], winner: 0, "owner",
                "both rules map clients in \(entry.prefixText): to \(owner.location), which stays, and to \(entry.location)")
        }
    }

    /// A server's wish: new names, or more values of what servers registered; never a rule's RRset.
    mutating func register(_ edit: Edit) {
        let owner = records[edit.key]
        if refuse(edit) { return }
        if let owner, owner.origin.source != Origin.registrations {
            report(
                edit.key, [party(owner), party(edit)], winner: 0, "owner",
                "\(owner.origin.source) makes this RRset; a registration does not replace it")
            return
        }
        switch (edit.action, owner) {
        case (.remove, _): break
        case (.set, let owner?) where owner.origin.person != edit.origin.person:
            report(
                edit.key, [party(owner), party(edit)], winner: 0, "owner",
                "registered by \(owner.origin.person) before; use add to share a name")
        case (.add, let owner?):
            guard !edit.key.type.isSingular else {
                return report(
                    edit.key, [party(owner), party(edit)], winner: 0, "owner", "\(edit.key.type) has one value only")
            }
            records[edit.key]!.setRData(owner.rdata + edit.rdata)
        case (.set, _), (.add, nil): records[edit.key] = record(of: edit, overrode: [])
        }
    }

    mutating func apply(_ edit: Edit) {
        let owner = records[edit.key]
        if refuse(edit) { return }
        switch edit.action {
        case .set:
            guard let owner else {
                records[edit.key] = record(of: edit, overrode: [])
                return
            }
            takeOver(edit, from: owner) { $0.record(of: edit, overrode: [owner.origin] + owner.overrode) }
        case .add:
            guard let owner else {
                records[edit.key] = record(of: edit, overrode: [])
                return
            }
            guard !edit.key.type.isSingular else {
                return report(
                    edit.key, [party(owner), party(edit)], winner: 0, "one value",
                    "\(edit.key.type) has one value only; use set with overrides to replace it")
            }
            var joined = owner
            joined.setRData(owner.rdata + edit.rdata)
            joined.overrode = [owner.origin] + owner.overrode
            joined.origin = edit.origin
            records[edit.key] = joined
        case .remove:
            guard let owner else {
                return report(edit.key, [party(edit)], winner: nil, "nothing there", "removes an RRset that nobody makes")
            }
            remove(edit, from: owner)
        }
    }

    /// Reports an edit that wants several values where there may be one.
    private mutating func refuse(_ edit: Edit) -> Bool {
        guard edit.action != .remove, edit.key.type.isSingular, Set(edit.rdata).count > 1 else { return false }
        report(
            edit.key, (records[edit.key].map { [party($0)] } ?? []) + [party(edit)], winner: records[edit.key] == nil ? nil : 0,
            "one value", "\(edit.key.type) has one value only, and this gives \(Set(edit.rdata).count)")
        return true
    }

    private mutating func remove(_ edit: Edit, from owner: RecordSet) {
        let gone = Set(edit.rdata)
        if let missing = edit.rdata.first(where: { !owner.rdata.contains($0) }) {
            report(
                edit.key, [party(owner), party(edit)], winner: 0, "nothing there",
                "removes \(missing.text(type: edit.key.type)), which \(owner.origin.source) does not make")
        }
        let rest = gone.isEmpty ? [] : owner.rdata.filter { !gone.contains($0) }
        guard rest.count < owner.rdata.count else { return }
        takeOver(edit, from: owner) { _ in
            guard !rest.isEmpty else { return nil }
            var left = owner
            left.setRData(rest)
            left.overrode = [owner.origin] + owner.overrode
            left.origin = edit.origin
            return left
        }
    }

    /// Lets an edit replace what `owner` made if it says whom it overrides, if what it
    /// names is a removal (which is nothing else), or if the policy lets people win.
    private mutating func takeOver(_ edit: Edit, from owner: RecordSet, _ replacement: (Reconciliation) -> RecordSet?) {
        // A removal may name a source whose RRset another edit has added to before.
        let named =
            edit.overrides == owner.origin.source
            || edit.action == .remove
                && (edit.overrides == nil || owner.overrode.contains { $0.source == edit.overrides })
        if named {
            records[edit.key] = replacement(self)
            return
        }
        let says =
            edit.overrides.map { "it says it overrides \($0), but the owner is \(owner.origin.source)" }
            ?? "it does not say that it overrides \(owner.origin.source)"
        let humanWins = policy == .human && owner.origin.source != Origin.edits
        report(
            edit.key, [party(owner), party(edit)], winner: humanWins ? 1 : 0, policy.rawValue,
            humanWins ? "\(says); the edit wins by policy" : "\(says); the owner keeps the RRset")
        if humanWins { records[edit.key] = replacement(self) }
    }

    /// A CNAME stands alone (RFC 1034 §3.6.2): where it does not, one side goes, reported.
    mutating func separateAliases() {
        let aliases = records.values.filter { $0.key.type == .cname }.sorted { $0.key.description < $1.key.description }
        if aliases.isEmpty { return }
        let byOwner = Dictionary(grouping: records.values, by: \.key.owner)
        for alias in aliases {
            let others = byOwner[alias.key.owner, default: []].filter {
                // Not what an alias of another location has displaced meanwhile.
                records[$0.key] != nil && $0.key.type != .cname
                    && ($0.key.location == alias.key.location || $0.key.location == nil || alias.key.location == nil)
            }.sorted { $0.key.description < $1.key.description }
            guard let first = others.first else { continue }
            let meant = alias.origin.source == Origin.edits && others.allSatisfy { $0.origin.source != Origin.edits }
            let aliasWins = meant && policy == .human
            report(
                alias.key, [party(alias)] + others.map(party), winner: aliasWins ? 0 : 1, "CNAME alone",
                aliasWins
                    ? "a CNAME stands alone; the edit wins by policy"
                    : "a CNAME stands alone; \(first.key.type) of \(first.origin.source) stays")
            if aliasWins {
                for other in others { records[other.key] = nil }
            } else {
                records[alias.key] = nil
            }
        }
    }

    /// The stamps' names are the Publisher's: anything else there would make every
    /// proxy refuse every release.
    mutating func reserveStamps() {
        for record in records.values.filter({ Stamp.isStampName($0.key.owner) }) {
            report(record.key, [party(record)], winner: nil, "reserved", "names below _freshet are the pipeline's own")
            records[record.key] = nil
        }
    }

    private func record(of edit: Edit, overrode: [Origin]) -> RecordSet {
        RecordSet(key: edit.key, ttl: edit.ttl ?? 3600, rdata: edit.rdata, origin: edit.origin, overrode: overrode)
    }

    private func party(_ record: RecordSet) -> Conflict.Party {
        Conflict.Party(origin: record.origin, ttl: record.ttl, rdata: record.rdata)
    }

    private func party(_ edit: Edit) -> Conflict.Party {
        Conflict.Party(origin: edit.origin, ttl: edit.ttl ?? 0, rdata: edit.rdata, removes: edit.action == .remove)
    }

    private mutating func report(
        _ key: RecordKey, _ parties: [Conflict.Party], winner: Int?, _ policy: String, _ explanation: String
    ) {
        conflicts.append(
            Conflict(key: key, parties: parties, winner: winner, policy: policy, explanation: explanation))
    }
}

extension RRType {
    /// One value at most: CNAME (RFC 2181 §10.1), SOA, DNAME (RFC 6672 §2.4).
    fileprivate var isSingular: Bool { self == .cname || self == .soa || self == .dname }
}
