internal import DNSWire
internal import Pipeline

/// What is at a name for a client, as tinydns looks it up.
enum Reach {
    /// In no managed zone, below a delegation, or rewritten by a DNAME: not ours to know.
    case elsewhere
    /// Records of this name answer, or those of a wildcard.
    case found(NameID)
    /// A managed zone says that there is no such name.
    case missing
}

extension ZoneIndex {
    /// Looks up the name at `at` for clients who have `location`: the name itself, else
    /// the closest wildcard at any depth.
    func reach(_ wire: [UInt8], _ at: Int, for location: Location?) -> Reach {
        let match = match(wire, at)
        let entry = entries[match.deepest.index]
        guard entry.zone != .max, entry.cut == .none, entry.dname == .none else { return .elsewhere }
        if !match.isWhole, entry.types.contains(.dname) { return .elsewhere }
        if match.isWhole, has(at: match.deepest, for: location) { return .found(match.deepest) }
        guard let wildcard = wildcard(above: match, for: location) else { return .missing }
        return .found(wildcard)
    }

    /// The wildcard that answers for a name which has nothing of its own.
    private func wildcard(above match: Match, for location: Location?) -> NameID? {
        let apex = zones[Int(entries[match.deepest.index].zone)].apex
        var at = match.deepest
        if match.isWhole {
            if at == apex { return nil }
            at = entries[at.index].parent
        }
        while true {
            let wildcard = entries[at.index].wildcard
            if wildcard != .none, entries[wildcard.index].cut == .none, has(at: wildcard, for: location) { return wildcard }
            if at == apex { return nil }
            at = entries[at.index].parent
        }
    }

    /// Where the target stands in the data of the types that have one.
    static func targetOffset(_ type: RRType) -> Int? {
        switch type {
        case .ns, .cname, .ptr, .dname: 0
        case .mx, .svcb, .https: 2
        case .srv: 6
        default: nil
        }
    }

    /// The name at `at`, for messages.
    static func name(_ wire: [UInt8], _ at: Int) -> Name {
        var end = at
        while wire[end] != 0 { end += 1 + Int(wire[end]) }
        return (try? Name(wire: Array(wire[at...end]))) ?? .root
    }
}
