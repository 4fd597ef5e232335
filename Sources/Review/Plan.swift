public import DNSWire
public import Pipeline
public import Validation

/// What a change would do to DNS, for people to judge: grouped by zone, each change
/// with its cause, with what is wrong and what is too much about it.
public struct Plan: Sendable {
    /// The changes of one zone, or of what is in none.
    public struct ZoneChanges: Sendable {
        /// The apex; `nil`: outside every zone.
        public var zone: Name?
        public var changes: [RecordDiff.Change]
        /// RRsets before the change.
        public var existing: Int
    }

    public let diff: RecordDiff
    /// In canonical order, what is in no zone last.
    public let zones: [ZoneChanges]
    /// What the rules read that differs, as `pack/Rule reads NAME`.
    public let inputs: [String]
    /// What is wrong in the zones that change and was not before.
    public let findings: [Finding]
    /// Where clients go; `nil` if the whole maps were not looked at.
    public let moves: MapMoves?
    /// New conflicts that the site's policy lets nobody pass by.
    public let blocking: [Conflict]
    /// Why the plan needs an explicit acknowledgement; empty if it needs none.
    public let breaches: [Breach]

    /// - Parameters:
    ///   - apexes: of the zones before and after.
    ///   - existing: RRsets in each zone before the change.
    ///   - moves: of the whole maps; without it, each line that changes counts all its addresses.
    public init(
        diff: RecordDiff, apexes: [Name], existing: [Name?: Int], inputs: [String] = [], findings: [Finding] = [],
        moves: MapMoves? = nil, blocking: [Conflict] = [], radius: BlastRadius = BlastRadius()
    ) {
        self.diff = diff
        self.inputs = inputs
        self.findings = findings
        self.moves = moves
        self.blocking = blocking
        let zoneSet = ZoneSet(apexes)
        var groups: [Name?: [RecordDiff.Change]] = [:]
        for change in diff.records { groups[zoneSet.zone(of: change.key.owner), default: []].append(change) }
        zones = groups.map { ZoneChanges(zone: $0.key, changes: $0.value, existing: existing[$0.key] ?? 0) }
            .sorted { a, b in
                guard let x = a.zone else { return false }
                return b.zone.map { x.precedes($0) } ?? true
            }
        breaches =
            radius.breaches(of: zones, addressesMoved: moves?.addresses ?? Self.addressesAtMost(diff.map))
            + blocking.map { Breach(.conflict, zoneSet.zone(of: $0.key.owner), "a conflict at \($0.key): \($0.explanation)") }
    }

    public var isEmpty: Bool { diff.isEmpty }

    /// Whether something is wrong that must not go live.
    public var isInvalid: Bool { findings.contains { $0.level == .error && $0.waiver == nil } }

    /// Names what was reviewed: the records before and after, and conflicts that block. The
    /// same change has the same digest wherever the plan is made; any other has another.
    public var digest: Digest {
        let records = Self.digest(of: diff)
        if blocking.isEmpty { return records }
        var conflicts = Shard(conflicts: blocking)
        for index in conflicts.conflicts.indices { conflicts.conflicts[index].since = nil }
        return Digest(of: records.bytes + conflicts.encoded)
    }

    public static func digest(of diff: RecordDiff) -> Digest {
        var octets = Array("plan 1\0".utf8)
        func append(_ record: RecordSet?) {
            guard let record else {
                octets.append(0)
                return
            }
            octets.append(1)
            octets.append(contentsOf: Self.octets(record.ttl))
            octets.append(contentsOf: Self.octets(UInt32(record.rdata.count)))
            for rdata in record.rdata {
                octets.append(contentsOf: Self.octets(UInt32(rdata.wire.count)))
                octets.append(contentsOf: rdata.wire)
            }
        }
        for change in diff.records {
            octets.append(contentsOf: change.key.owner.canonicalWire)
            octets.append(contentsOf: Self.octets(UInt32(change.key.type.rawValue)))
            octets.append(contentsOf: change.key.location?.bytes ?? [0, 0])
            append(change.before)
            append(change.after)
        }
        for line in diff.map {
            octets.append(UInt8(line.prefix.count))
            octets.append(contentsOf: line.prefix)
            octets.append(contentsOf: line.before?.location.bytes ?? [0, 0])
            octets.append(contentsOf: line.after?.location.bytes ?? [0, 0])
        }
        return Digest(of: octets)
    }

    private static func octets(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    /// How many RRsets are added, changed, removed.
    public func count(_ kind: RecordDiff.Change.Kind) -> Int {
        zones.reduce(0) { $0 + $1.changes.count { $0.kind == kind } }
    }

    /// Clients' addresses whose line of the map changes, those under a longer prefix not told apart.
    public static func addressesAtMost(_ map: [RecordDiff.MapChange]) -> Int {
        map.reduce(0) { $0 + 1 << (32 - 8 * $1.prefix.count) }
    }

    private var moved: String {
        guard let moves else { return "\(Self.addressesAtMost(diff.map)) addresses move at most" }
        return "\(counted(moves.addresses, "address", "addresses")) move\(moves.addresses == 1 ? "s" : "")"
            + (moves.demand > 0 ? ", with a demand of \(moves.demand.shown)" : "")
    }

    private func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    /// One line that says it all.
    public var summary: String {
        if isEmpty { return "No changes." }
        var text = "\(counted(count(.add), "RRset")) to add, \(count(.change)) to change, \(count(.remove)) to remove"
        if !diff.map.isEmpty { text += "; \(counted(diff.map.count, "line")) of the location map (\(moved))" }
        if !diff.newConflicts.isEmpty { text += "; \(counted(diff.newConflicts.count, "new conflict"))" }
        let errors = findings.count { $0.level == .error && $0.waiver == nil }
        if errors > 0 { text += "; \(counted(errors, "error"))" }
        return text + "."
    }
}

/// Finds the zone of a name among many.
public struct ZoneSet: Sendable {
    private let apexes: Set<Name>

    public init(_ apexes: some Sequence<Name>) { self.apexes = Set(apexes) }

    /// The closest apex at or above `owner`.
    public func zone(of owner: Name) -> Name? {
        var name: Name? = owner
        while let candidate = name {
            if apexes.contains(candidate) { return candidate }
            name = candidate.parent
        }
        return nil
    }
}
