import Pipeline

/// How many RRsets two sources want, and which edits end soon.
struct ConflictsCheck {
    /// Of the number of conflicts; what is in force as somebody wrote it is none.
    var limits: Limits
    /// Milliseconds: an edit that ends within them is a warning, for what it did is undone then.
    var soon: Int64

    func judge(conflicts: [Conflict], edits: [Edit], at now: Instant) -> PluginResult {
        var result = PluginResult()
        let real = conflicts.filter { !$0.isNotice }
        let state = limits.state(of: Double(real.count))
        if state > .ok {
            let first = real.prefix(3).map { "\($0.key) (\($0.policy))" }.joined(separator: ", ")
            let summary = real.count == 1 ? "1 conflict" : "\(real.count) conflicts"
            result.add(state, real.isEmpty ? summary : "\(summary): \(first)\(real.count > 3 ? ", …" : "")")
        }
        let ending = Edit.expiring(edits, within: soon, at: now)
        for edit in ending {
            result.add(.warning, "\(edit.action) \(edit.key) by \(edit.origin.person) ends at \(edit.expires.map(\.description) ?? "")")
        }
        result.allIsWell = real.isEmpty ? "no conflicts" : "\(real.count) conflicts"
        result.measure("conflicts", Double(real.count), limits)
        result.measure("emergencies", Double(conflicts.count { $0.policy == Conflict.emergency }))
        result.measure("expiring", Double(ending.count), Limits(warning: AlertRange(upTo: 0)))
        return result
    }
}
