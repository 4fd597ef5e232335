internal import DNSWire
internal import Pipeline

/// Whether what records point at is there, as far as managed zones can tell.
struct Targets: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach(.targets, in: zone) { name, id in
            // What is below a delegation or a DNAME is not served anyway.
            let entry = index.entries[name.index]
            guard entry.cut == .none || entry.cut == name, entry.dname == .none else { return }
            let type = index[id].key.type
            guard let at = ZoneIndex.targetOffset(type) else { return }
            for rdata in index[id].rdata { judge(rdata, at, index[id], index, &report) }
        }
    }

    private func judge(_ rdata: RData, _ at: Int, _ set: RecordSet, _ index: ZoneIndex, _ report: inout Report) {
        let wire = rdata.wire, type = set.key.type
        // The root: no service, no mail, or (SVCB) the owner itself.
        if wire[at] == 0 { return }
        if type == .dname {
            judgeSubtree(wire, set, index, &report)
            return
        }
        let name = { "\(ZoneIndex.name(wire, at))" }
        switch index.reach(wire, at, for: set.key.location) {
        case .elsewhere: break
        case .missing:
            let clients = set.key.location.map { " for clients of \($0)" } ?? ""
            let hidden = index.match(wire, at)
            let only =
                hidden.isWhole && index.entries[hidden.deepest.index].count > 0
                ? "; it is there for other locations only" : ""
            report.add(
                type == .ptr ? .danglingPTR : .danglingTarget, set,
                "\(type) to \(name()), which does not exist\(clients)\(only)")
        case .found(let target):
            if !index.entries[target.index].types.isDisjoint(with: .cname), Self.wantsHost(type) {
                let aliases = index.sets(at: target).filter {
                    index[$0].key.type == .cname && index[$0].key.location.meets(set.key.location)
                }
                if let alias = aliases.first {
                    let end = index[alias].rdata[0].text(type: .cname)
                    report.add(.targetIsAlias, set, "\(type) to \(name()), which is a CNAME to \(end)")
                    return
                }
            }
            if Self.needsAddress(type), !index.has([.a, .aaaa, .cname], at: target, for: set.key.location) {
                // A name that has service bindings of its own may lead on by them.
                if type == .svcb || type == .https, index.has(.svcb, at: target, for: set.key.location) { return }
                report.add(.targetWithoutAddress, set, "\(type) to \(name()), which has no A and no AAAA")
            }
        }
    }

    /// A DNAME's target need not have records itself, but a subtree.
    private func judgeSubtree(_ wire: [UInt8], _ set: RecordSet, _ index: ZoneIndex, _ report: inout Report) {
        guard case .missing = index.reach(wire, 0, for: set.key.location) else { return }
        if index.match(wire, 0).isWhole { return }
        report.add(.danglingTarget, set, "DNAME to \(ZoneIndex.name(wire, 0)), where there is nothing")
    }

    /// RFC 2181 §10.3 (MX, NS), RFC 2782 (SRV), RFC 1034 §3.6.2 (PTR).
    private static func wantsHost(_ type: RRType) -> Bool { type == .mx || type == .ns || type == .srv || type == .ptr }
    private static func needsAddress(_ type: RRType) -> Bool {
        type == .mx || type == .ns || type == .srv || type == .svcb || type == .https
    }
}

/// Targets and owners that look as if they were written or completed wrongly.
struct TargetNames: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        let apex = zone.name.wire
        // Of a zone with one label, the name twice may be meant.
        let mayRepeat = zone.name.labels.count > 1
        for name in index.names(of: zone) where index.entries[name.index].count > 0 {
            let entry = index.entries[name.index], at = Int(entry.offset)
            let wire = index.records[Int(entry.record)].key.owner.wire
            guard mayRepeat, wire.count - at >= 2 * apex.count - 1 else { continue }
            if Self.ends(wire, at, inTwice: apex), let set = index.sets(at: name).first {
                report.add(.repeatedDomain, index[set], "\(index.name(name)) has \(zone.name) twice")
            }
        }
        index.forEach(.targets, in: zone) { _, id in
            let type = index[id].key.type
            guard let at = ZoneIndex.targetOffset(type) else { return }
            for rdata in index[id].rdata where rdata.wire[at] != 0 {
                judge(rdata.wire, at, index[id], zone, index, &report)
            }
        }
    }

    private func judge(
        _ wire: [UInt8], _ at: Int, _ set: RecordSet, _ zone: ZoneIndex.Zone, _ index: ZoneIndex, _ report: inout Report
    ) {
        let type = set.key.type
        let name = { "\(ZoneIndex.name(wire, at))" }
        let digits = Self.leadingQuad(wire, at)
        if digits.labels == 4, wire[digits.end] == 0 {
            report.add(.targetIsAddress, set, "\(type) to \(name()), which is an address, not a name")
            return
        }
        let deepest = index.match(wire, at).deepest
        guard let holder = index.zone(of: deepest) else {
            if wire[at + 1 + Int(wire[at])] == 0, type != .dname {
                report.add(.missingDot, set, "\(type) to \(name()), a single label")
            }
            return
        }
        let apex = holder.name.wire
        if digits.labels == 4, wire.count - digits.end == apex.count, !holder.isReverse {
            report.add(.missingDot, set, "\(type) to \(name()): an address, completed by \(holder.name)")
        } else if holder.name.labels.count > 1, Self.ends(wire, at, inTwice: apex) {
            report.add(.missingDot, set, "\(type) to \(name()), which has \(holder.name) twice")
        } else if type == .ptr, zone.isReverse, holder.number == zone.number {
            report.add(.missingDot, set, "PTR to \(name()), which lies in the reverse zone itself")
        } else if wire[at + 1 + Int(wire[at])] == 0, type != .dname, !holder.name.isRoot, holder.name.labels.count > 1 {
            report.add(.missingDot, set, "\(type) to \(name()), a single label")
        }
    }

    /// Up to four labels that are numbers up to 255, and where the rest begins.
    static func leadingQuad(_ wire: [UInt8], _ start: Int) -> (labels: Int, end: Int) {
        var at = start, labels = 0
        while labels < 4, (1...3).contains(wire[at]) {
            let label = wire[at + 1...at + Int(wire[at])]
            guard label.allSatisfy({ (0x30...0x39).contains($0) }),
                label.reduce(0, { $0 * 10 + Int($1) - 0x30 }) <= 255
            else { break }
            labels += 1
            at += 1 + Int(wire[at])
        }
        return (labels, at)
    }

    /// Whether the name ends in `apex` (lower case) and, before that, in the same labels once more.
    /// The name must be the last of `wire`.
    static func ends(_ wire: [UInt8], _ start: Int, inTwice apex: [UInt8]) -> Bool {
        let labels = apex.count - 1
        var at = start
        while wire.count - at > 2 * labels + 1, wire[at] != 0 { at += 1 + Int(wire[at]) }
        guard wire.count - at == 2 * labels + 1 else { return false }
        for i in 0..<labels where lower(wire[at + i]) != apex[i] || lower(wire[at + labels + i]) != apex[i] { return false }
        return true
    }
}
