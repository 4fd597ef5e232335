internal import DNSWire
internal import Pipeline

/// What a zone needs at its apex.
struct ApexRecords: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        let sets = index.sets(at: zone.apex)
        for id in sets where index[id].key.type == .soa {
            judgeServers(index[id], zone, index, &report)
            for rdata in index[id].rdata { judgeTimes(rdata, index[id], index, &report) }
        }
        for (type, other) in [(RRType.soa, "SOA"), (.ns, "NS")] {
            let ofType = sets.filter { index[$0].key.type == type }
            if let first = ofType.first, ofType.allSatisfy({ index[$0].key.location != nil }) {
                report.add(.locationHidesZone, index[first], "\(other) at the apex is for some locations only")
            }
        }
    }

    private func judgeServers(_ soa: RecordSet, _ zone: ZoneIndex.Zone, _ index: ZoneIndex, _ report: inout Report) {
        let servers = index.sets(.ns, at: zone.apex, for: soa.key.location)
        // Where no client of the SOA sees NS, and not merely those without a location.
        let some = index.sets(at: zone.apex).contains {
            index[$0].key.type == .ns && index[$0].key.location.meets(soa.key.location)
        }
        if !some {
            report.add(.apexWithoutNS, soa, "\(zone.name) has no NS")
            return
        }
        if servers.isEmpty { return }
        let names = Set(servers.flatMap { index[$0].rdata }.map { $0.wire.map(lower) })
        if names.count < index.profile.thresholds.nameServers, let first = servers.first {
            let text = index[first].rdata[0].text(type: .ns)
            report.add(.fewNameServers, index[first], "\(zone.name) has \(names.count) name server: \(text)")
        }
    }

    private func judgeTimes(_ rdata: RData, _ set: RecordSet, _ index: ZoneIndex, _ report: inout Report) {
        guard let soa = try? SOA(rdata) else { return }
        var faults: [String] = []
        if soa.refresh <= soa.retry { faults.append("refresh \(soa.refresh) is not over retry \(soa.retry)") }
        if soa.retry == 0 { faults.append("retry is 0") }
        if UInt64(soa.expire) < 2 * (UInt64(soa.refresh) + UInt64(soa.retry)) {
            faults.append("expire \(soa.expire) is not well over refresh \(soa.refresh) and retry \(soa.retry)")
        }
        if soa.minimum > index.profile.thresholds.negativeTTL {
            faults.append("minimum \(soa.minimum) is over \(index.profile.thresholds.negativeTTL)")
        }
        if [soa.refresh, soa.retry, soa.expire, soa.minimum].contains(where: { $0 > 0x7FFF_FFFF }) {
            faults.append("a time is over 2147483647")
        }
        if !faults.isEmpty { report.add(.soaTimes, set, faults.joined(separator: "; ")) }
    }
}

/// Delegations: their glue, and what must not stand at or below them.
struct Delegations: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        var glueOfCuts: [NameID: Set<NameID>] = [:]
        for name in index.names(of: zone) {
            let entry = index.entries[name.index]
            if entry.cut == name { glueOfCuts[name] = judgeGlue(name, zone, index, &report) }
            if entry.cut != .none { judgeOccluded(name, cut: entry.cut, glueOfCuts[entry.cut] ?? [], index, &report) }
            guard entry.count > 0 else { continue }
            if entry.cut == .none, entry.dname != .none {
                for id in index.sets(at: name) {
                    report.add(.belowDNAME, index[id], "\(index[id].key.type) below the DNAME of \(index.name(entry.dname))")
                }
            }
            guard entry.types.contains(.dnssec) else { continue }
            for id in index.sets(at: name) where TypeSet(index[id].key.type).contains(.dnssec) {
                report.add(
                    .dnssecUnserved, index[id], "\(index[id].key.type) records, which tinydns does not serve as DNSSEC")
            }
        }
        judgeParent(zone, index, &report)
    }

    /// The names at or below the cut that its NS point at.
    private func judgeGlue(
        _ cut: NameID, _ zone: ZoneIndex.Zone, _ index: ZoneIndex, _ report: inout Report
    ) -> Set<NameID> {
        var glue: Set<NameID> = []
        let apex = index.name(cut)
        for id in index.sets(at: cut) where index[id].key.type == .ns {
            let set = index[id]
            for rdata in set.rdata {
                guard let target = rdata.target(type: .ns), target.isWithin(apex) else { continue }
                let found = index.find(target)
                if let found { glue.insert(found) }
                if let found, index.has(.addresses, at: found, for: set.key.location) { continue }
                // Of a deeper managed zone: its addresses are looked up there.
                if let holder = index.zone(holding: target), holder.number != zone.number { continue }
                report.add(
                    .glueMissing, set, "NS \(target) lies below the delegation of \(apex) and has no A and no AAAA here")
            }
            if set.rdata.count < index.profile.thresholds.nameServers {
                report.add(
                    .fewNameServers, set,
                    "\(apex) is delegated to \(set.rdata.count) name server: \(set.rdata[0].text(type: .ns))")
            }
        }
        return glue
    }

    private func judgeOccluded(
        _ name: NameID, cut: NameID, _ glue: Set<NameID>, _ index: ZoneIndex, _ report: inout Report
    ) {
        for id in index.sets(at: name) {
            let type = index[id].key.type
            if name == cut, type == .ns || type == .ds || type == .rrsig || type == .nsec { continue }
            if type == .a || type == .aaaa {
                if glue.contains(name) { continue }
                if name != cut {
                    report.add(.glueUnused, index[id], "below the delegation of \(index.name(cut)), whose NS do not name it")
                    continue
                }
            }
            report.add(.belowDelegation, index[id], "\(type) at or below the delegation of \(index.name(cut))")
        }
    }

    /// A child zone inside another managed zone: the two sides' NS are RRsets of the same
    /// key, from two sources.
    private func judgeParent(_ zone: ZoneIndex.Zone, _ index: ZoneIndex, _ report: inout Report) {
        guard let above = index.parent(of: zone.apex), index.zone(of: above) != nil else { return }
        let sides = index.sets(at: zone.apex).filter { index[$0].key.type == .ns }
        for (i, id) in sides.enumerated().dropFirst() {
            let (a, b) = (index[sides[sides.startIndex + i - 1]], index[id])
            guard a.key.location == b.key.location, Self.names(a) != Self.names(b) else { continue }
            report.add(.delegationMismatch, b, "NS \(Self.text(b)) here and \(Self.text(a)) of \(a.origin)")
        }
    }

    private static func names(_ set: RecordSet) -> Set<[UInt8]> { Set(set.rdata.map { $0.wire.map(lower) }) }
    private static func text(_ set: RecordSet) -> String {
        set.rdata.map { $0.text(type: .ns) }.joined(separator: ", ")
    }
}
