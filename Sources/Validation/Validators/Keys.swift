internal import DNSWire
internal import Pipeline

/// CAA (RFC 8659): known properties, sane values, and cover.
struct Authorizations: Validator {
    private static let known: Set<String> = [
        "issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone",
    ]

    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach(.caa, in: zone) { _, id in
            for rdata in index[id].rdata {
                guard let caa = try? CAA(rdata) else { continue }
                judge(caa, index[id], &report)
            }
        }
        judgeCover(zone, index, &report)
    }

    private func judge(_ caa: CAA, _ set: RecordSet, _ report: inout Report) {
        let tag = String(decoding: caa.tag, as: UTF8.self).lowercased()
        let value = String(decoding: caa.value, as: UTF8.self)
        guard Self.known.contains(tag) else {
            report.add(.caaTag, set, "\(caa.isCritical ? "critical " : "")property \(tag) is not known")
            return
        }
        if caa.flags & 0x7F != 0 { report.add(.caaValue, set, "\(tag): flags \(caa.flags); only 0 and 128 have a meaning") }
        switch tag {
        case "issue", "issuewild", "issuemail", "issuevmc":
            let parts = value.split(separator: ";", omittingEmptySubsequences: false).map(TagList.trim)
            let domain = parts.first ?? ""
            let isDomain =
                domain.isEmpty
                || (try? Name(String(domain))).map { $0.labels.count > 1 && HostLabel.flagsOfName($0.wire, 0).isEmpty }
                    ?? false
            if !isDomain { report.add(.caaValue, set, "\(tag) \(Excerpt.of(caa.value)): '\(domain)' is no domain") }
            for part in parts.dropFirst() where !part.isEmpty && !part.contains("=") {
                report.add(.caaValue, set, "\(tag) \(Excerpt.of(caa.value)): '\(part)' is no tag=value")
            }
        case "iodef":
            if !["mailto:", "http://", "https://"].contains(where: { value.hasPrefix($0) && value.count > $0.count }) {
                report.add(.caaValue, set, "iodef \(Excerpt.of(caa.value)) is no mailto:, http: or https: URL")
            }
        case "contactemail":
            if !value.contains("@") { report.add(.caaValue, set, "contactemail \(Excerpt.of(caa.value)) is no address") }
        default: break
        }
    }

    private func judgeCover(_ zone: ZoneIndex.Zone, _ index: ZoneIndex, _ report: inout Report) {
        guard !zone.isPrivate, !zone.isReverse else { return }
        var at: NameID? = zone.apex
        while let name = at {
            // A CAA of a name above covers those below (RFC 8659 §3).
            if index.entries[name.index].types.contains(.caa) { return }
            at = index.parent(of: name)
        }
        var hasHosts = !index.entries[zone.apex.index].types.isDisjoint(with: [.a, .aaaa, .mx, .svcb])
        if !hasHosts, let www = try? Name("www", relativeTo: zone.name), let id = index.find(www) {
            hasHosts = !index.entries[id.index].types.isDisjoint(with: [.a, .aaaa, .svcb, .cname])
        }
        guard hasHosts, let soa = index.sets(at: zone.apex).first(where: { index[$0].key.type == .soa }) else { return }
        report.add(.caaMissing, index[soa], "\(zone.name) has mail or a web site, and no CAA")
    }
}

/// Digests have the length that their algorithm gives.
struct Digests: Validator {
    private static let ds: [UInt8: Int] = [1: 20, 2: 32, 3: 32, 4: 48, 5: 32, 6: 32]
    private static let sshfp: [UInt8: Int] = [1: 20, 2: 32]
    private static let tlsa: [UInt8: Int] = [1: 32, 2: 64]

    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach(.digests, in: zone) { _, id in
            let set = index[id]
            for rdata in set.rdata {
                let wire = rdata.wire
                // Where the digest's kind is, where the digest begins, and the lengths.
                let (kindAt, start, lengths): (Int, Int, [UInt8: Int]) =
                    switch set.key.type {
                    case .sshfp: (1, 2, Self.sshfp)
                    case .tlsa, .smimea: (2, 3, Self.tlsa)
                    default: (3, 4, Self.ds)
                    }
                guard wire.count >= start else { continue }
                // Asks the parent to delete its DS (RFC 8078 §4).
                if set.key.type == .cds, wire == [0, 0, 0, 0, 0] { continue }
                let length = wire.count - start
                if let right = lengths[wire[kindAt]] {
                    if length != right {
                        report.add(
                            .digestLength, set,
                            "digest type \(wire[kindAt]) has \(right) octets, not \(length): \(Hexadecimal.text(Array(wire[start...])))"
                        )
                    }
                } else if length == 0 {
                    report.add(.digestLength, set, "no digest")
                }
            }
        }
    }
}

/// SVCB and HTTPS (RFC 9460).
struct ServiceBindings: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach(.svcb, in: zone) { name, id in
            let set = index[id], type = set.key.type
            let seen = index.sets(at: name).filter {
                index[$0].key.type == type && index[$0].key.location.meets(set.key.location)
            }
            let count = seen.reduce(0) { $0 + index[$1].rdata.count }
            for rdata in set.rdata {
                guard let binding = try? SVCB(rdata) else { continue }
                judge(binding, rdata, beside: count - 1, set, index, &report)
            }
        }
    }

    private func judge(
        _ binding: SVCB, _ rdata: RData, beside others: Int, _ set: RecordSet, _ index: ZoneIndex, _ report: inout Report
    ) {
        let text = { rdata.text(type: set.key.type) }
        if binding.isAlias {
            if !binding.parameters.isEmpty { report.add(.svcbAlias, set, "alias mode with parameters: \(text())") }
            if others > 0 { report.add(.svcbAlias, set, "alias mode beside \(others) other records: \(text())") }
            return
        }
        let missing = binding.mandatory.filter { binding.parameters[$0] == nil || $0 == .mandatory }
        if !missing.isEmpty {
            report.add(
                .svcbMandatory, set,
                "mandatory lists \(missing.map(\.description).joined(separator: ", ")), which is not there: \(text())")
        }
        if binding.parameters[.noDefaultALPN] != nil, binding.parameters[.alpn] == nil {
            report.add(.svcbMandatory, set, "no-default-alpn without alpn: \(text())")
        }
        let target = binding.target.isRoot ? set.key.owner : binding.target
        guard !target.isWildcard, case .found(let host) = index.reach(target.wire, 0, for: set.key.location) else { return }
        judgeHints(binding.ipv4Hints, .a, at: host, set, index, &report)
        judgeHints(binding.ipv6Hints, .aaaa, at: host, set, index, &report)
    }

    private func judgeHints(
        _ hints: [[UInt8]], _ type: RRType, at host: NameID, _ set: RecordSet, _ index: ZoneIndex, _ report: inout Report
    ) {
        if hints.isEmpty || index.has(.cname, at: host, for: set.key.location) { return }
        let addresses = index.sets(type, at: host, for: set.key.location).flatMap { index[$0].rdata.map(\.wire) }
        let strange = hints.filter { !addresses.contains($0) }.map { RData(opaque: $0).text(type: type) }
        if !strange.isEmpty {
            report.add(
                .svcbHints, set, "hints \(strange.joined(separator: ", ")) are not among the \(type) of \(index.name(host))")
        }
    }
}
