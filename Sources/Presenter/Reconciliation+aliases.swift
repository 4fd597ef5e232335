internal import DNSWire
internal import Pipeline

extension Reconciliation {
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
            guard !others.isEmpty, records[alias.key] != nil else { continue }
            separate(alias, others)
        }
    }

    private mutating func separate(_ alias: RecordSet, _ others: [RecordSet]) {
        let parties = [party(alias)] + others.map(party)
        func report(_ winner: Int?, _ why: String) {
            self.report(alias.key, parties, winner: winner, "CNAME alone", "a CNAME stands alone; \(why)")
        }
        let fixedOther = others.firstIndex { fixed.contains($0.key) }
        let settlement = policy.settlement(of: alias.key)
        let aliasWins: Bool
        if fixed.contains(alias.key) || fixedOther != nil {
            aliasWins = fixedOther == nil
            report(aliasWins ? 0 : fixedOther! + 1, aliasWins ? "this one holds" : "\(others[fixedOther!].key.type) holds")
        } else if settlement == .refuse {
            for key in [alias.key] + others.map(\.key) { standBack(key) }
            return report(nil, "what was presented before stays")
        } else {
            switch settlement {
            case .human:
                aliasWins = alias.origin.source == Origin.edits && others.allSatisfy { $0.origin.source != Origin.edits }
            case .rule: aliasWins = alias.origin.isRule && others.allSatisfy { !$0.origin.isRule }
            default: aliasWins = false
            }
            report(
                aliasWins ? 0 : 1,
                aliasWins ? "\(alias.origin.source) wins by policy" : "\(others[0].key.type) of \(others[0].origin.source) stays")
        }
        if aliasWins {
            for other in others { records[other.key] = nil }
        } else {
            records[alias.key] = nil
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
}
