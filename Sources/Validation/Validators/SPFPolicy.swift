internal import DNSWire
internal import Pipeline

/// SPF records (RFC 7208): one a name, readable, and with few look-ups over managed data.
struct SPFPolicy: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach(.spf, in: zone) { _, id in
            report.add(.spfType, index[id], "type SPF: \(index[id].rdata[0].text(type: .spf))")
        }
        index.forEach(.txt, in: zone) { name, id in
            // Most TXT are no SPF: nothing is copied for them.
            guard index[id].rdata.contains(where: Self.mayBeSPF) else { return }
            judge(index[id], at: name, index, &report)
        }
    }

    private static func mayBeSPF(_ rdata: RData) -> Bool {
        rdata.wire.count > 6 && lower(rdata.wire[1]) == UInt8(ascii: "v") && rdata.wire[2] == UInt8(ascii: "=")
            && lower(rdata.wire[3]) == UInt8(ascii: "s")
    }

    private func judge(_ set: RecordSet, at name: NameID, _ index: ZoneIndex, _ report: inout Report) {
        let texts = index.spfTexts(at: name, for: set.key.location)
        guard let text = set.rdata.compactMap(\.joinedStrings).first(where: SPFRecord.isSPF) else { return }
        if texts.count > 1 {
            report.add(.spfSeveral, set, texts.map { Excerpt.of($0) }.joined(separator: " and "))
        }
        let record = SPFRecord(text)
        if !record.faults.isEmpty { report.add(.spfSyntax, set, record.faults.joined(separator: "; ")) }
        if let all = record.terms.first(where: { $0.mechanism == .all }) {
            if all.qualifier == UInt8(ascii: "+") { report.add(.spfPassAll, set, "+all: \(Excerpt.of(text))") }
        } else if record.redirect == nil {
            report.add(.spfWithoutAll, set, Excerpt.of(text))
        }
        var count = SPFCount(index, set.key.location)
        count.add(record, of: set.key.owner)
        let limits = index.profile.thresholds
        if let loop = count.loop {
            report.add(.spfLoop, set, "it comes back to \(loop)")
        } else if count.lookups > limits.spfLookups {
            let most = count.isWhole ? "" : "at least "
            report.add(.spfLookups, set, "\(most)\(count.lookups) look-ups; \(limits.spfLookups) are allowed")
        }
        if count.void.count > limits.spfVoidLookups {
            report.add(
                .spfVoidLookups, set, "look-ups that find nothing: \(count.void.map { "\($0)" }.joined(separator: ", "))")
        }
    }
}

extension ZoneIndex {
    /// The SPF records that a client sees at a name.
    func spfTexts(at name: NameID, for location: Location?) -> [[UInt8]] {
        sets(.txt, at: name, for: location).flatMap { self[$0].rdata.compactMap(\.joinedStrings).filter(SPFRecord.isSPF) }
    }
}

/// Counts look-ups as a receiver would, as far as the managed zones go (RFC 7208 §4.6.4).
private struct SPFCount {
    /// Bounds the work: far over any limit.
    private static let most = 64

    let index: ZoneIndex
    let location: Location?
    var lookups = 0
    var void: [Name] = []
    var loop: Name?
    private var open: [Name] = []
    var isWhole: Bool { lookups < Self.most }

    init(_ index: ZoneIndex, _ location: Location?) {
        self.index = index
        self.location = location
    }

    mutating func add(_ record: SPFRecord, of owner: Name) {
        open.append(owner)
        defer { open.removeLast() }
        for term in record.terms {
            // After all, nothing is looked at, redirect neither (RFC 7208 §5.1, §6.1).
            if term.mechanism == .all { return }
            follow(term.mechanism, term.domain, owner)
            if loop != nil || !isWhole { return }
        }
        if let redirect = record.redirect { follow(.include, redirect, owner) }
    }

    private mutating func follow(_ mechanism: SPFRecord.Mechanism, _ domain: String?, _ owner: Name) {
        guard mechanism != .ip4, mechanism != .ip6 else { return }
        lookups += 1
        if mechanism == .ptr { return }
        // A macro is known to the receiver alone.
        guard domain?.contains("%") != true else { return }
        guard let name = domain.map({ try? Name($0) }) ?? owner else { return }
        guard let at = host(name) else { return }
        switch mechanism {
        case .include:
            if open.contains(name) {
                loop = name
            } else if let text = index.spfTexts(at: at, for: location).first {
                add(SPFRecord(text), of: name)
            } else {
                void.append(name)
            }
        case .mx where !index.has(.mx, at: at, for: location): void.append(name)
        case .a where !index.has(.addresses, at: at, for: location): void.append(name)
        case .exists where !index.has(.a, at: at, for: location): void.append(name)
        default: break
        }
    }

    /// Where a name leads over CNAMEs; `nil` if that is not ours to know, or void.
    private mutating func host(_ name: Name) -> NameID? {
        var wire = name.wire
        for _ in 0..<8 {
            switch index.reach(wire, 0, for: location) {
            case .elsewhere: return nil
            case .missing:
                void.append(name)
                return nil
            case .found(let id):
                guard let alias = index.sets(.cname, at: id, for: location).first else { return id }
                wire = index[alias].rdata[0].wire
            }
        }
        return nil
    }
}
