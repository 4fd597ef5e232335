import DNSWire
import Foundation
import Pipeline

/// A record diff for review: grouped by zone, each change with its cause.
struct Plan {
    let diff: RecordDiff
    let zones: [Name]
    /// What the rules read that differs: source and input.
    let inputs: [String]

    static func changedInputs(_ old: Configuration?, _ new: Configuration) -> [String] {
        let known = Dictionary((old?.sources ?? []).map { ($0.name, $0.inputs) }) { a, _ in a }
        return new.sources.flatMap { source in
            source.inputs.filter { known[source.name]?[$0.key] != $0.value }.keys.sorted().map { "\(source.name) reads \($0)" }
        }
    }

    private struct Group {
        var zone: String
        var changes: [RecordDiff.Change]
    }

    private var groups: [Group] {
        let byDepth = Set(zones).sorted { $0.wire.count > $1.wire.count }
        var groups: [String: [RecordDiff.Change]] = [:]
        for change in diff.records {
            let zone = byDepth.first { change.key.owner.isWithin($0) }.map { "\($0)" } ?? "outside every zone"
            groups[zone, default: []].append(change)
        }
        return groups.sorted { $0.key < $1.key }.map { Group(zone: $0.key, changes: $0.value) }
    }

    private func count(_ kind: RecordDiff.Change.Kind) -> Int { diff.records.filter { $0.kind == kind }.count }

    private func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private var summary: String {
        if diff.isEmpty { return "No changes." }
        var text = "\(counted(count(.add), "RRset")) to add, \(count(.change)) to change, \(count(.remove)) to remove"
        if !diff.map.isEmpty { text += "; \(diff.map.count) lines of the location map (\(addressesMoved) addresses move)" }
        if !diff.newConflicts.isEmpty { text += "; \(counted(diff.newConflicts.count, "new conflict"))" }
        return text + "."
    }

    /// Addresses whose own line changes; those under a longer prefix are not told apart.
    private var addressesMoved: Int { diff.map.reduce(0) { $0 + 1 << (32 - 8 * $1.prefix.count) } }

    /// Owners and values are escaped by DNSWire: no control octet reaches a terminal.
    private func line(_ change: RecordDiff.Change) -> (mark: String, what: String, cause: String) {
        let cause = cause(change)
        switch (change.before, change.after) {
        case (nil, let after?): return ("+", "\(change.key) \(after.ttl) \(values(after))", cause)
        case (let before?, nil): return ("-", "\(change.key) \(before.ttl) \(values(before))", cause)
        case (let before?, let after?):
            let ttl = before.ttl == after.ttl ? "\(after.ttl)" : "\(before.ttl) → \(after.ttl)"
            let data = before.rdata == after.rdata ? values(after) : "\(values(before)) → \(values(after))"
            return ("~", "\(change.key) \(ttl) \(data)", cause)
        case (nil, nil): return ("", "", "")
        }
    }

    private func cause(_ change: RecordDiff.Change) -> String {
        guard let after = change.after else { return change.before.map { "was \($0.origin)" } ?? "" }
        return "\(after.origin)" + (after.overrode.first.map { ", in place of \($0)" } ?? "")
    }

    private func values(_ record: RecordSet) -> String {
        let shown = record.rdata.prefix(4).map { $0.text(type: record.key.type) }.joined(separator: ", ")
        return record.rdata.count > 4 ? "\(shown), … (\(record.rdata.count))" : shown
    }

    /// At most this many records are shown; the summary counts all.
    private static let shownRecords = 200

    var text: String {
        var lines: [String] = []
        for input in inputs.isEmpty || diff.isEmpty ? [] : inputs { lines.append("changed: \(input)") }
        var shown = 0
        for group in groups {
            lines.append(Paint.bold(group.zone))
            for change in group.changes {
                shown += 1
                if shown > Self.shownRecords { break }
                let (mark, what, cause) = line(change)
                let body = "  \(mark) \(what)"
                lines.append(mark == "+" ? Paint.green(body) : mark == "-" ? Paint.red(body) : Paint.yellow(body))
                lines.append("      \(cause)")
            }
        }
        if diff.records.count > Self.shownRecords { lines.append("… and \(diff.records.count - Self.shownRecords) more (--format json has all)") }
        for conflict in diff.newConflicts { lines.append(Paint.yellow("conflict: ") + conflict.line) }
        return (lines + [summary]).joined(separator: "\n")
    }

    var markdown: String {
        var lines = ["### DNS plan", "", summary, ""]
        for group in groups {
            lines += ["**\(escaped(group.zone))**", "", "| | record | cause |", "|---|---|---|"]
            for change in group.changes.prefix(Self.shownRecords) {
                let (mark, what, cause) = line(change)
                lines.append("| \(mark) | \(escaped(what)) | \(escaped(cause)) |")
            }
            lines.append("")
        }
        for conflict in diff.newConflicts { lines.append("- conflict: \(escaped(conflict.line))") }
        return lines.joined(separator: "\n")
    }

    /// Entities for all that Markdown or HTML could take for its own: a record can
    /// neither break the table nor mention anyone.
    private func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            "|<>&*_`[]()#@!\\~:".unicodeScalars.contains(scalar) ? "&#\(scalar.value);" : String(scalar)
        }.joined()
    }

    struct JSONRecord: Encodable {
        var kind, owner, type: String
        var location: String?
        var ttl: UInt32?
        var before: [String]?
        var after: [String]?
        var cause: String
    }

    struct JSONPlan: Encodable {
        var add, change, remove, map: Int
        var inputs: [String]
        var records: [JSONRecord]
        var conflicts: [String]
    }

    var json: JSONPlan {
        JSONPlan(
            add: count(.add), change: count(.change), remove: count(.remove), map: diff.map.count, inputs: inputs,
            records: diff.records.map { change in
                JSONRecord(
                    kind: change.kind.rawValue, owner: "\(change.key.owner)", type: "\(change.key.type)",
                    location: change.key.location.map { "\($0)" }, ttl: (change.after ?? change.before)?.ttl,
                    before: change.before?.rdata.map { $0.text(type: change.key.type) },
                    after: change.after?.rdata.map { $0.text(type: change.key.type) }, cause: cause(change))
            },
            conflicts: diff.newConflicts.map(\.line))
    }
}

extension Conflict {
    /// One line for people: what, between whom, how settled.
    var line: String {
        let sides = parties.enumerated().map { index, party in
            let wants = party.removes ? "remove" : party.rdata.map { $0.text(type: key.type) }.joined(separator: ", ")
            return "\(winner == index ? "✓" : "✗") \(party.origin)\(wants.isEmpty ? "" : ": \(wants)")"
        }
        return "\(key) — \(sides.joined(separator: "; ")) — \(explanation) [\(policy)]"
    }
}
