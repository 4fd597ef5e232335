internal import DNSWire
internal import Pipeline

/// A CNAME stands alone, has one value, and is not at an apex; for each client.
struct Aliases: Validator {
    private static let single: TypeSet = [.cname, .dname, .soa]

    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach(Self.single, in: zone) { name, id in
            let set = index[id], type = set.key.type
            let others = index.sets(at: name).lazy.filter { $0 != id && index[$0].key.location.meets(set.key.location) }
            let values = Set(others.filter { index[$0].key.type == type }.flatMap { index[$0].rdata }).union(set.rdata)
            if values.count > 1, values.count > set.rdata.count || set.rdata.count > 1 {
                let texts = values.map { $0.text(type: type) }.sorted().joined(separator: ", ")
                report.add(.severalValues, set, "clients see several \(type) records: \(texts)")
            }
            if type == .dname { report.add(.dnameUnserved, set, "DNAME to \(set.rdata[0].text(type: .dname))") }
            guard type == .cname else { return }
            if name == zone.apex {
                report.add(.cnameAtApex, set, "CNAME to \(set.rdata[0].text(type: .cname)) at the apex")
            }
            let beside = Set(others.map { index[$0].key.type }.filter { !Self.mayStandBeside.contains($0) })
            // SOA and NS at an apex are what the fault above says.
            let rest = name == zone.apex ? beside.subtracting([.soa, .ns]) : beside
            if !rest.isEmpty {
                let types = rest.sorted().map(\.description).joined(separator: ", ")
                report.add(.cnameBesideData, set, "CNAME to \(set.rdata[0].text(type: .cname)) beside \(types)")
            }
        }
    }

    /// RFC 4034 §3 and §4; KEY and NXT: RFC 2181 §10.1.
    private static let mayStandBeside: Set<RRType> = [.cname, .rrsig, .nsec, .sig, .key, .nxt]
}

/// Follows CNAMEs over the managed zones.
struct AliasChains: Validator {
    /// Bounds the work whatever the thresholds.
    private static let mostHops = 17

    private enum End { case host, loop, long }
    private struct Walk {
        var names: [NameID]
        var end: End
        var metLocations = false

        /// One that never ends is worse than one that does, and then a longer one.
        func isWorse(than other: Walk) -> Bool {
            (end == .host ? 0 : 1, names.count) > (other.end == .host ? 0 : 1, other.names.count)
        }
    }

    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        let limits = index.profile.thresholds
        index.forEach(.cname, in: zone) { name, id in
            let set = index[id]
            var walk = walk(from: name, set, for: set.key.location, index)
            if set.key.location == nil, walk.metLocations {
                // Clients of a location may be led further.
                for location in index.locations {
                    let other = self.walk(from: name, set, for: location, index)
                    if other.isWorse(than: walk) { walk = other }
                }
            }
            let path = { walk.names.map { "\(index.name($0))" }.joined(separator: " → ") }
            switch walk.end {
            case .loop: report.add(.cnameLoop, set, "CNAMEs lead in a circle: \(path())")
            case .long: report.add(.cnameChainLong, set, "more than \(walk.names.count - 1) CNAMEs: \(path())")
            case .host where walk.names.count > limits.mostAliases:
                report.add(.cnameChainLong, set, "\(walk.names.count) CNAMEs: \(path())")
            case .host where walk.names.count > limits.aliases:
                report.add(.cnameChain, set, "\(walk.names.count) CNAMEs: \(path())")
            case .host: break
            }
        }
    }

    /// The names with a CNAME that are passed, the first included.
    private func walk(from name: NameID, _ set: RecordSet, for location: Location?, _ index: ZoneIndex) -> Walk {
        var walk = Walk(names: [name], end: .host)
        var target = set.rdata[0].wire
        while true {
            if let whole = index.find(target), index.entries[whole.index].flags.contains(.located) {
                walk.metLocations = true
            }
            guard case .found(let next) = index.reach(target, 0, for: location),
                let alias = index.sets(.cname, at: next, for: location).first
            else { return walk }
            if walk.names.contains(next) {
                walk.names.append(next)
                walk.end = .loop
                return walk
            }
            walk.names.append(next)
            if walk.names.count > Self.mostHops {
                walk.end = .long
                return walk
            }
            target = index[alias].rdata[0].wire
        }
    }
}

extension ZoneIndex {
    /// The name that these well-formed octets are, if it is in the index.
    func find(_ wire: [UInt8]) -> NameID? {
        let match = match(wire, 0)
        return match.isWhole ? match.deepest : nil
    }
}
