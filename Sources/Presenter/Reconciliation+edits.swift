internal import DNSWire
internal import Pipeline

extension Reconciliation {
    /// A reviewed edit that sets, adds or removes.
    mutating func apply(_ edit: Edit) {
        if setAside(edit.key, edit, Self.party) || refuse(edit) { return }
        let owner = records[edit.key]
        if let owner, owner.origin.isRule, policy.settlement(of: edit.key) == .rule {
            return report(
                edit.key, [party(owner), party(edit)], winner: 0, "rule",
                "the policy gives \(owner.origin.source) this RRset; no edit changes it")
        }
        if let owner, refused.contains(edit.key), !settles(edit, owner) {
            return report(
                edit.key, [party(owner), party(edit)], winner: nil, "refuse",
                "two sources want this RRset, and neither gets it; only a set or a removal that names \(owner.origin.source) settles that")
        }
        let tookEffect =
            switch edit.action {
            case .set: set(edit, owner)
            case .add: add(edit, owner)
            default: remove(edit, owner)
            }
        if tookEffect { replaceEmergency(edit) }
    }

    /// Reports an edit that wants several values where there may be one.
    mutating func refuse(_ edit: Edit) -> Bool {
        guard edit.action != .remove, edit.key.type.isSingular, Set(edit.rdata).count > 1 else { return false }
        report(
            edit.key, (records[edit.key].map { [party($0)] } ?? []) + [party(edit)], winner: records[edit.key] == nil ? nil : 0,
            "one value", "\(edit.key.type) has one value only, and this gives \(Set(edit.rdata).count)")
        return true
    }

    private mutating func set(_ edit: Edit, _ owner: RecordSet?) -> Bool {
        guard let owner else {
            records[edit.key] = record(of: edit, overrode: [])
            return true
        }
        return takeOver(edit, from: owner, record(of: edit, overrode: [owner.origin] + owner.overrode))
    }

    private mutating func add(_ edit: Edit, _ owner: RecordSet?) -> Bool {
        guard let owner else {
            records[edit.key] = record(of: edit, overrode: [])
            return true
        }
        guard !edit.key.type.isSingular else {
            report(
                edit.key, [party(owner), party(edit)], winner: 0, "one value",
                "\(edit.key.type) has one value only; use set with overrides to replace it")
            return false
        }
        var joined = owner
        joined.setRData(owner.rdata + edit.rdata)
        joined.overrode = [owner.origin] + owner.overrode
        joined.origin = edit.origin
        records[edit.key] = joined
        return true
    }

    private mutating func remove(_ edit: Edit, _ owner: RecordSet?) -> Bool {
        guard let owner else {
            // What replaces an emergency edit may find nothing else to remove.
            if edit.overrides == Origin.emergency { return true }
            report(edit.key, [party(edit)], winner: nil, "nothing there", "removes an RRset that nobody makes")
            return false
        }
        let gone = Set(edit.rdata)
        if let missing = edit.rdata.first(where: { !owner.rdata.contains($0) }) {
            report(
                edit.key, [party(owner), party(edit)], winner: 0, "nothing there",
                "removes \(missing.text(type: edit.key.type)), which \(owner.origin.source) does not make")
        }
        let rest = gone.isEmpty ? [] : owner.rdata.filter { !gone.contains($0) }
        guard rest.count < owner.rdata.count else { return false }
        var left = owner
        left.setRData(rest)
        left.overrode = [owner.origin] + owner.overrode
        left.origin = edit.origin
        return takeOver(edit, from: owner, rest.isEmpty ? nil : left)
    }

    /// Whether an edit says whom it overrides: a removal of what is there need not.
    private func names(_ edit: Edit, _ owner: RecordSet) -> Bool {
        edit.overrides == owner.origin.source
            // An emergency edit overrode everything that nobody reviewed as an edit.
            || edit.overrides == Origin.emergency && owner.origin.source != Origin.edits
            // A removal may name a source whose RRset another edit has added to before.
            || edit.action == .remove
                && (edit.overrides == nil || owner.overrode.contains { $0.source == edit.overrides })
    }

    /// Whether an edit says what is to be where two sources are refused.
    private func settles(_ edit: Edit, _ owner: RecordSet) -> Bool {
        (edit.action == .set || edit.action == .remove && edit.rdata.isEmpty) && names(edit, owner)
    }

    /// Lets an edit replace what `owner` made if it says so; else the policy settles it.
    private mutating func takeOver(_ edit: Edit, from owner: RecordSet, _ wish: RecordSet?) -> Bool {
        if names(edit, owner) {
            refused.remove(edit.key)
            records[edit.key] = wish
            return true
        }
        contend(
            owner, party(edit), wish,
            edit.overrides.map { "it says it overrides \($0), but the owner is \(owner.origin.source)" }
                ?? "it does not say that it overrides \(owner.origin.source)")
        return false
    }

    /// Freezes an RRset: whatever sources want of it is listed, and not served.
    mutating func pin(_ edit: Edit) {
        if setAside(edit.key, edit, Self.party) || refuse(edit) { return }
        let owner = records[edit.key]
        if fixed.contains(edit.key), let owner {
            return report(edit.key, [party(owner), party(edit)], winner: 0, "owner", "pinned twice; the first by file and line holds")
        }
        var pinned = record(of: edit, overrode: owner.map { [$0.origin] + $0.overrode } ?? [])
        if let owner, owner.rdata == pinned.rdata, owner.ttl == pinned.ttl {
            // Both want the same: nothing to tell.
        } else {
            report(
                edit.key, (owner.map { [party($0)] } ?? []) + [party(edit)], winner: owner == nil ? 0 : 1, Conflict.pin,
                owner.map { "pinned; \($0.origin.source) wants something else" } ?? "pinned; no source makes it")
        }
        if refused.contains(edit.key) { pinned.overrode = [] }
        fixed.insert(edit.key)
        records[edit.key] = pinned
        replaceEmergency(edit)
    }

    /// Notes that no emergency edit of this RRset is needed any more: the overlay looks for it.
    private mutating func replaceEmergency(_ edit: Edit) {
        guard edit.overrides == Origin.emergency else { return }
        report(
            edit.key, [party(edit)], winner: 0, Conflict.replacesEmergency,
            "takes the place of emergency edits of this RRset that were signed before it")
    }
}
