internal import DNSWire
internal import Pipeline

/// Where wildcards do not do what they seem to, or more in tinydns than elsewhere.
struct Wildcards: Validator {
    /// The names that a wildcard stands above and does not reach.
    private struct Blocked {
        var count = 0
        /// The first in canonical order.
        var example = Name.root

        mutating func add(_ name: @autoclosure () -> Name) {
            let name = name()
            if count == 0 || name.precedes(example) { example = name }
            count += 1
        }
    }

    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        var wildcards: Set<NameID> = []
        for name in index.names(of: zone) {
            let entry = index.entries[name.index]
            if entry.wildcard != .none, index.entries[entry.wildcard.index].count > 0, entry.cut == .none {
                wildcards.insert(entry.wildcard)
            }
            judgeInside(name, zone, index, &report)
        }
        if !wildcards.isEmpty { judgeReach(of: wildcards, zone, index, &report) }
    }

    /// `*` that is not the first label (RFC 4592 §2.1.1).
    private func judgeInside(_ name: NameID, _ zone: ZoneIndex.Zone, _ index: ZoneIndex, _ report: inout Report) {
        guard index.entries[name.index].flags.contains(.belowAsterisk), let set = index.sets(at: name).first else { return }
        report.add(.wildcardInside, index[set], "\(index[set].key.owner) has an asterisk that is not its first label")
    }

    private func judgeReach(
        of wildcards: Set<NameID>, _ zone: ZoneIndex.Zone, _ index: ZoneIndex, _ report: inout Report
    ) {
        // The closest wildcard above each name; a name comes after the one it is below.
        var closest: [NameID: NameID] = [:]
        var blocked: [SetID: Blocked] = [:]
        var deeper: [NameID: Blocked] = [:]
        for name in index.names(of: zone) {
            let entry = index.entries[name.index]
            guard name != zone.apex else { continue }
            let parent = index.entries[entry.parent.index]
            let beside = parent.wildcard != .none && wildcards.contains(parent.wildcard) ? parent.wildcard : nil
            guard let wildcard = beside ?? closest[entry.parent] else { continue }
            closest[name] = wildcard
            guard name != wildcard, entry.cut == .none, entry.dname == .none, !entry.flags.contains(.underscore) else {
                continue
            }
            // Below this name another server would find no wildcard.
            if entry.wildcard == .none { deeper[wildcard, default: Blocked()].add(index.name(name)) }
            guard entry.count > 0, !entry.types.contains(.cname) else { continue }
            for set in index.sets(at: wildcard) {
                let type = index[set].key.type
                if type == .cname || index.sets(at: name).contains(where: { index[$0].key.type == type }) { continue }
                blocked[set, default: Blocked()].add(index.name(name))
            }
        }
        for (set, names) in blocked {
            report.add(
                .wildcardBlocked, index[set],
                "\(names.count) names below have records but no \(index[set].key.type): \(names.example)")
        }
        for (wildcard, names) in deeper {
            guard let set = index.sets(at: wildcard).first else { continue }
            report.add(
                .wildcardDeep, index[set],
                "tinydns lets it match below \(names.count) names that exist too, such as \(names.example)")
        }
    }
}

/// Names without records above names with some: tinydns says NXDOMAIN, or answers from a wildcard.
struct EmptyNonTerminals: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        /// Of each empty name, the first below it in canonical order that has records.
        var empty: [NameID: NameID] = [:]
        for name in index.names(of: zone) where index.entries[name.index].count > 0 {
            guard index.entries[name.index].cut == .none else { continue }
            var at = name
            while at != zone.apex {
                at = index.entries[at.index].parent
                guard at != zone.apex, index.entries[at.index].count == 0 else { break }
                if let known = empty[at], !index.name(name).precedes(index.name(known)) { break }
                empty[at] = name
            }
        }
        for (name, below) in empty {
            guard let set = index.sets(at: below).first else { continue }
            let owner = index.name(name)
            let answer: String =
                if case .found(let wildcard) = index.reach(owner.wire, 0, for: nil) {
                    "it gets the records of \(index.name(wildcard))"
                } else {
                    "tinydns says that it does not exist"
                }
            report.add(
                .emptyNonTerminal, at: RecordKey(owner: owner, type: .any), origin: index[set].origin,
                "no records here, but at \(index.name(below)); \(answer)")
        }
    }
}
