public import DNSWire
public import Pipeline

/// Judges a whole presentation: records in, all findings out, at once and in one order.
public struct Validation: Sendable {
    public let index: ZoneIndex
    private let waiving: Waiving
    private let policies: [any Validator]
    private let reported: [Finding]

    /// - Parameters:
    ///   - waivers: in any order.
    ///   - policies: the site's own validators, beside the built-in ones.
    ///   - reported: what the site's own validators found in another process.
    ///   - now: when waivers are in force.
    public init(
        records: [RecordSet], waivers: [Waiver] = [], profile: Profile = Profile(), policies: [any Validator] = [],
        reported: [Finding] = [], now: Instant
    ) {
        index = ZoneIndex(records, profile: profile)
        waiving = Waiving(waivers, at: now)
        self.policies = policies
        self.reported = reported
    }

    /// - Parameter empty: names that are there, but whose records, and those below, are left out.
    init(records: [RecordSet], empty: [Name], profile: Profile) {
        index = ZoneIndex(records, empty: empty, profile: profile)
        waiving = Waiving([], at: Instant(milliseconds: 0))
        policies = []
        reported = []
    }

    /// All findings of built-in faults, in no order and without waivers; they are not held together.
    func forEachFinding(_ body: (Finding) -> Void) {
        for zone in index.zones {
            for validator in BuiltIn.validators {
                var report = Report(index.profile)
                validator.judge(zone, in: index, &report)
                report.findings.forEach(body)
            }
        }
        var report = Report(index.profile)
        judgeForms([], all: true, &report)
        report.findings.forEach(body)
    }

    /// All findings.
    public func findings() -> [Finding] { findings(index.zones, all: true) }

    /// What ``findings()`` has for these zones, and nothing else. Names that are no
    /// managed zone's apex are passed over.
    ///
    /// A waiver that reaches several zones is called unused only if all of them are judged.
    public func findings(in zones: some Sequence<Name>) -> [Finding] {
        var seen: Set<NameID> = []
        return findings(zones.compactMap { index.zone($0) }.filter { seen.insert($0.apex).inserted }, all: false)
    }

    /// What the policies alone find in these zones (all, if none is given), without waivers.
    public func policyFindings(in zones: [Name]) -> [Finding] {
        var report = Report(index.profile)
        for zone in zones.isEmpty ? index.zones : zones.compactMap({ index.zone($0) }) {
            for policy in policies { policy.judge(zone, in: index, &report) }
        }
        return report.findings
    }

    private func findings(_ zones: [ZoneIndex.Zone], all: Bool) -> [Finding] {
        var report = Report(index.profile)
        for zone in zones {
            for validator in BuiltIn.validators { validator.judge(zone, in: index, &report) }
            for policy in policies { policy.judge(zone, in: index, &report) }
        }
        let judged = Set(zones.map(\.number))
        judgeForms(judged, all: all, &report)
        var findings = report.findings
        findings += reported.compactMap { finding in
            guard index.zone(holding: finding.key.owner).map({ judged.contains($0.number) }) ?? all,
                let level = index.profile.level(of: finding.code, finding.level)
            else { return nil }
            var finding = finding
            finding.level = level
            return finding
        }
        judgeWaivers(judged, all: all, &findings)
        findings.sort(by: Finding.precedes)
        return findings
    }

    /// RRsets that are not in the index, and those in no zone.
    private func judgeForms(_ judged: Set<UInt32>, all: Bool, _ report: inout Report) {
        for (set, rejection) in index.rejected {
            let zone = index.zone(holding: index[set].key.owner)?.number
            guard all || zone.map(judged.contains) ?? false else { continue }
            report.add(rejection.fault, index[set], rejection.detail)
        }
        guard all else { return }
        for name in index.namesOutside {
            for set in index.sets(at: name) {
                report.add(.outsideZones, index[set], "no SOA stands at or above \(index[set].key.owner)")
            }
        }
    }

    // MARK: Waivers

    private func judgeWaivers(_ judged: Set<UInt32>, all: Bool, _ findings: inout [Finding]) {
        guard !waiving.isEmpty else { return }
        var waiving = waiving
        for i in findings.indices {
            let key = findings[i].key
            let covering = waiving.covering(findings[i].code, key) { index.zone(holding: key.owner)?.name }
            findings[i].waiver = covering.first.map { waiving[$0] }
            waiving.use(covering)
        }
        findings += waiving.findings(index.profile) { isJudged($0, judged, all: all) }
    }

    /// Whether all zones that a waiver reaches are judged.
    private func isJudged(_ waiver: Waiver, _ judged: Set<UInt32>, all: Bool) -> Bool {
        if all { return true }
        guard let home = index.zone(holding: waiver.key.owner), judged.contains(home.number) else { return false }
        guard case .subtree(let name) = waiver.scope else { return true }
        return index.zones.allSatisfy { judged.contains($0.number) || !$0.name.isWithin(name) }
    }
}
