internal import DNSWire
public import Pipeline
internal import Validation

/// A plan as lines, which each format dresses in its own way.
public struct PlanLine: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case input, zone, added, changed, removed, cause, map, conflict, finding(isError: Bool), breach, more, summary
    }

    public var kind: Kind
    /// Plain text. Owners and data are in presentation format: no control octet is in it.
    public var text: String
}

extension Plan {
    /// - Parameter limit: how many RRsets are shown; the summary counts all.
    public func lines(limit: Int = 200) -> [PlanLine] {
        guard !isEmpty else { return findingLines + [PlanLine(kind: .summary, text: summary)] }
        var lines = inputs.map { PlanLine(kind: .input, text: "changed: \($0)") }
        var shown = 0
        for group in zones where shown < limit {
            lines.append(PlanLine(kind: .zone, text: group.zone.map { "\($0)" } ?? "outside every zone"))
            for change in group.changes.prefix(limit - shown) {
                lines.append(Self.line(change))
                lines.append(PlanLine(kind: .cause, text: Self.cause(change)))
            }
            shown += group.changes.count
        }
        if diff.records.count > limit {
            lines.append(PlanLine(kind: .more, text: "… and \(diff.records.count - limit) more (--format json has all)"))
        }
        for line in diff.map.prefix(limit) {
            let prefix = (line.after ?? line.before)?.prefixText ?? ""
            let sites = "\(line.before.map { "\($0.location)" } ?? "–") → \(line.after.map { "\($0.location)" } ?? "–")"
            lines.append(PlanLine(kind: .map, text: "clients in \(prefix): \(sites)"))
        }
        for move in moves?.moves ?? [] {
            let demand = move.demand > 0 ? ", demand \(move.demand.shown)" : ""
            let sites = "\(move.from.map { "\($0)" } ?? "–") → \(move.to.map { "\($0)" } ?? "–")"
            lines.append(PlanLine(kind: .map, text: "in all \(sites): \(move.addresses) addresses\(demand)"))
        }
        if diff.map.count > limit { lines.append(PlanLine(kind: .more, text: "… and \(diff.map.count - limit) lines of the map")) }
        lines += diff.newConflicts.map { PlanLine(kind: .conflict, text: $0.line) }
        lines += findingLines
        lines += breaches.map { PlanLine(kind: .breach, text: $0.description) }
        lines.append(PlanLine(kind: .summary, text: summary))
        return lines
    }

    private var findingLines: [PlanLine] {
        findings.map { finding in
            let place = finding.origin.file.isEmpty ? finding.origin.description : "\(finding.origin.file):\(finding.origin.line)"
            let waived = finding.waiver.map { " (waived: \($0.reason))" } ?? ""
            let text = "\(finding.level.rawValue) \(finding.code): \(finding.key): \(finding.message) [\(place)]\(waived)"
            return PlanLine(kind: .finding(isError: finding.level == .error && finding.waiver == nil), text: text)
        }
    }

    private static func line(_ change: RecordDiff.Change) -> PlanLine {
        switch (change.before, change.after) {
        case (nil, let after?): return PlanLine(kind: .added, text: "\(change.key) \(after.ttl) \(values(after))")
        case (let before?, nil): return PlanLine(kind: .removed, text: "\(change.key) \(before.ttl) \(values(before))")
        case (let before?, let after?):
            let ttl = before.ttl == after.ttl ? "\(after.ttl)" : "\(before.ttl) → \(after.ttl)"
            let data = before.rdata == after.rdata ? values(after) : "\(values(before)) → \(values(after))"
            return PlanLine(kind: .changed, text: "\(change.key) \(ttl) \(data)")
        case (nil, nil): return PlanLine(kind: .changed, text: "\(change.key)")
        }
    }

    /// Who is behind a change: rule or edit, with its file and line.
    static func cause(_ change: RecordDiff.Change) -> String {
        guard let after = change.after else { return change.before.map { "was \($0.origin)" } ?? "" }
        return "\(after.origin)" + (after.overrode.first.map { ", in place of \($0)" } ?? "")
    }

    private static func values(_ record: RecordSet) -> String {
        let shown = record.rdata.prefix(4).map { $0.text(type: record.key.type) }.joined(separator: ", ")
        return record.rdata.count > 4 ? "\(shown), … (\(record.rdata.count))" : shown
    }
}

extension Double {
    /// With one decimal at most.
    var shown: String {
        let tenths = (self * 10).rounded()
        guard abs(tenths) < 1e15 else { return "\(self)" }
        return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
    }
}

extension Conflict {
    /// One line for people: what, between whom, how settled.
    public var line: String {
        let sides = parties.enumerated().map { index, party in
            let wants = party.removes ? "remove" : party.rdata.map { $0.text(type: key.type) }.joined(separator: ", ")
            return "\(winner == index ? "✓" : "✗") \(party.origin)\(wants.isEmpty ? "" : ": \(wants)")"
        }
        return "\(key) — \(sides.joined(separator: "; ")) — \(explanation) [\(policy)]"
    }
}
