internal import DNSWire
internal import Pipeline

/// The same RRset, or value, twice; one RRset with several TTLs.
struct Duplicates: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        for name in index.names(of: zone) where index.entries[name.index].count > 0 {
            let sets = index.sets(at: name)
            for id in sets where index[id].rdata.count > 1 { judgeValues(index[id], &report) }
            guard sets.count > 1 else { continue }
            for i in sets.indices.dropFirst() { judge(index[sets[i]], after: sets[..<i], index, &report) }
        }
    }

    private func judge(_ set: RecordSet, after before: ArraySlice<SetID>, _ index: ZoneIndex, _ report: inout Report) {
        let same = before.filter { index[$0].key.type == set.key.type && index[$0].key.location.meets(set.key.location) }
        guard !same.isEmpty else { return }
        if let twin = same.first(where: { index[$0].key.location == set.key.location }) {
            report.add(.duplicateSet, set, "\(index[twin].origin) makes this RRset too")
        }
        let ttls = Set(same.map { index[$0].ttl }).subtracting([set.ttl])
        if !ttls.isEmpty {
            let texts = ([set.ttl] + ttls.sorted()).map(String.init).joined(separator: ", ")
            report.add(.mixedTTL, set, "clients see one RRset with the TTLs \(texts)")
        }
    }

    private func judgeValues(_ set: RecordSet, _ report: inout Report) {
        guard let at = ZoneIndex.targetOffset(set.key.type) else { return }
        var seen: [[UInt8]: RData] = [:]
        for rdata in set.rdata {
            let folded = rdata.wire[..<at] + rdata.wire[at...].map(lower)
            // Parameters of a service binding have case.
            guard set.key.type != .svcb, set.key.type != .https else { continue }
            if let twin = seen.updateValue(rdata, forKey: Array(folded)) {
                report.add(
                    .duplicateValue, set,
                    "\(twin.text(type: set.key.type)) and \(rdata.text(type: set.key.type)) are the same record")
            }
        }
    }
}

/// TTLs out of range, or unwise.
struct TTLs: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        let limits = index.profile.thresholds
        for name in index.names(of: zone) {
            for id in index.sets(at: name) {
                let ttl = index[id].ttl
                if ttl >= limits.tinyTTL, ttl <= limits.hugeTTL, ttl != 0, ttl <= 0x7FFF_FFFF { continue }
                let set = index[id]
                if ttl > 0x7FFF_FFFF {
                    report.add(.ttlRange, set, "TTL \(ttl) is over 2147483647")
                } else if ttl > limits.hugeTTL {
                    report.add(.ttlHuge, set, "TTL \(ttl) is over \(limits.hugeTTL)")
                } else if Stamp.isStampName(set.key.owner) {
                    continue
                } else if ttl == 0 {
                    report.add(.ttlZero, set, "TTL 0")
                } else {
                    report.add(.ttlTiny, set, "TTL \(ttl) is under \(limits.tinyTTL)")
                }
            }
        }
    }
}
