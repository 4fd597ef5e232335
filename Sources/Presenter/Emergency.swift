internal import DNSWire
public import Pipeline

/// An emergency edit, judged.
public struct Emergency: Hashable, Sendable {
    public var edit: Edit
    public var at: Instant
    /// Why it is not in force; `nil` if it is.
    public var fault: String?

    public init(_ edit: Edit, at: Instant, fault: String? = nil) {
        self.edit = edit
        self.at = at
        self.fault = fault
    }
}

/// Puts emergency edits over what was reviewed: the older first, so that of several of
/// one RRset the latest has the last word. Each RRset is reported once, and each edit
/// that is not in force. A pure function.
func overlay(_ emergencies: [Emergency], on base: Shard) -> Shard {
    if emergencies.isEmpty { return base }
    // Nothing is contended here: who signs overrides everything.
    var over = Reconciliation(policy: ConflictPolicy(.owner), previous: Shard())
    for record in base.records { over.records[record.key] = record }
    for entry in base.map { over.map[entry.prefix] = entry }
    over.conflicts = base.conflicts
    let replaced = Dictionary(grouping: base.conflicts.filter { $0.policy == Conflict.replacesEmergency }, by: \.key)
    for (key, edits) in Dictionary(grouping: emergencies.sorted(by: precedes), by: \.edit.key) {
        over.apply(edits, of: key, replacedBy: replaced[key] ?? [])
    }
    over.separateAliases()
    over.reserveStamps()
    return over.shard
}

private func precedes(_ a: Emergency, _ b: Emergency) -> Bool {
    if a.at != b.at { return a.at < b.at }
    if a.edit.origin.person != b.edit.origin.person { return a.edit.origin.person < b.edit.origin.person }
    if a.edit.action != b.edit.action { return a.edit.action.rawValue < b.edit.action.rawValue }
    return a.edit.rdata.map(\.wire).joined().lexicographicallyPrecedes(b.edit.rdata.map(\.wire).joined())
}

extension Reconciliation {
    /// All emergency edits of one RRset, in order.
    ///
    /// - Parameter reviews: notices of reviewed edits that take their place: of what was
    ///   signed before the review went live, not of what somebody signs in the next incident.
    fileprivate mutating func apply(_ emergencies: [Emergency], of key: RecordKey, replacedBy reviews: [Conflict]) {
        let beneath = records[key]
        var served = beneath
        var inForce: [Emergency] = []
        for emergency in emergencies {
            let edit = emergency.edit
            let values = edit.action == .add ? (served?.rdata ?? []) + edit.rdata : edit.rdata
            var fault = emergency.fault
            if fault == nil, edit.action != .remove, key.type.isSingular, Set(values).count > 1 {
                fault = "\(key.type) has one value only"
            }
            if let fault {
                report(key, [party(edit)], winner: nil, "emergency refused", "an emergency edit that is not in force: \(fault)")
                continue
            }
            if let review = reviews.first(where: { $0.since.map { emergency.at <= $0 } ?? true }) {
                report(
                    key, [review.parties[0], party(edit)], winner: 0, "emergency replaced",
                    "a reviewed edit takes the place of the emergency edit, which can be withdrawn")
                continue
            }
            inForce.append(emergency)
            if edit.action == .remove {
                let rest = edit.rdata.isEmpty ? [] : (served?.rdata ?? []).filter { !edit.rdata.contains($0) }
                served?.setRData(rest)
                if rest.isEmpty { served = nil }
            } else if edit.action == .add, served != nil {
                served?.setRData(values)
            } else {
                served = record(of: edit, overrode: [])
            }
            served?.origin = edit.origin
        }
        guard let last = inForce.last?.edit else { return }
        served?.overrode = beneath.map { [$0.origin] + $0.overrode } ?? []
        records[key] = served
        fixed.insert(key)
        let parties = (beneath.map { [party($0)] } ?? []) + inForce.map { party($0.edit) }
        report(
            key, parties, winner: parties.count - 1, Conflict.emergency,
            "emergency edit in force until \(last.expires.map(\.description) ?? "it is withdrawn"); a reviewed edit with 'overrides: emergency' replaces it")
    }
}
