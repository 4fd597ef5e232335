internal import DNSWire
public import Pipeline

/// All that is wanted of one shard.
public struct ShardSources: Sendable {
    /// Generated records by source, `pack/Rule`.
    public var generations: [String: Shard]
    public var registrations: [Edit]
    public var edits: [Edit]
    /// What hands over whole subtrees, wherever their names hash to.
    public var subtrees: [Edit]
    public var emergencies: [Emergency]

    public init(
        generations: [String: Shard] = [:], registrations: [Edit] = [], edits: [Edit] = [], subtrees: [Edit] = [],
        emergencies: [Emergency] = []
    ) {
        self.generations = generations
        self.registrations = registrations
        self.edits = edits
        self.subtrees = subtrees
        self.emergencies = emergencies
    }
}

/// What one shard serves: a pure function, whose result does not depend on the order
/// in which sources arrive or are listed.
///
/// - Parameter previous: what the shard presented before, without emergency edits. Only
///   the policy `refuse` takes values from it; else it says since when conflicts are there.
public func reconcile(
    _ sources: ShardSources, policy: ConflictPolicy, at instant: Instant, previous: Shard = Shard()
) -> Shard {
    var shard = settle(sources, policy: policy, at: instant, previous: previous)
    shard.conflicts = shard.conflicts.dated(by: previous.conflicts, at: instant)
    var presented = overlay(sources.emergencies, on: shard)
    presented.conflicts = presented.conflicts.dated(by: previous.conflicts, at: instant)
    return presented
}

/// What was reviewed: all but emergency edits, conflicts without their dates.
func settle(_ sources: ShardSources, policy: ConflictPolicy, at instant: Instant, previous: Shard) -> Shard {
    let edits = inOrder(sources.edits + sources.subtrees, at: instant)
    let registrations = inOrder(sources.registrations, at: instant), externals = edits.filter { $0.action == .external }
    var reconciliation = Reconciliation(policy: policy, previous: policy.looksBack ? previous : Shard(), externals: externals)
    // What hands over subtrees may be about any name.
    let uncontended =
        externals.isEmpty ? Uncontended(sources.generations, wanted: Set((edits + registrations).map(\.key.owner))) : nil
    for (name, shard) in (uncontended?.contended ?? sources.generations).sorted(by: { $0.key < $1.key }) {
        reconciliation.take(shard, from: name)
    }
    for edit in registrations { reconciliation.register(edit) }
    for edit in edits where edit.action != .pin && edit.action != .external { reconciliation.apply(edit) }
    reconciliation.standBack()
    for edit in edits where edit.action == .pin { reconciliation.pin(edit) }
    reconciliation.reportHandedOver()
    reconciliation.separateAliases()
    reconciliation.reserveStamps()
    return reconciliation.shard(with: uncontended?.records ?? [])
}

/// Active edits, sets before additions before removals, each by where it is written.
private func inOrder(_ edits: [Edit], at instant: Instant) -> [Edit] {
    func rank(_ action: Edit.Action) -> Int {
        switch action {
        case .set: 0
        case .add: 1
        case .remove: 2
        case .pin: 3
        case .external: 4
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
