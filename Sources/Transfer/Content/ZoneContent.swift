internal import DNSWire

/// A zone as one view shows it at one presentation.
struct ZoneContent: Sendable {
    let apex: Name
    /// The SOA as presented; its serial is not what is transferred.
    var start: SOA
    var ttl: UInt32
    /// All other records: by shard, and under ``cuts`` and ``listing``.
    private(set) var segments: [Int: Segment] = [:]
    /// Octets and records of the segments.
    private(set) var size = 0
    private(set) var count = 0

    /// Delegations to child zones that are presented too.
    static let cuts = -1
    /// The members of a catalog zone.
    static let listing = -2

    init(apex: Name, start: SOA, ttl: UInt32) {
        self.apex = apex
        self.start = start
        self.ttl = ttl
    }

    /// Puts a segment in its place, unless what is there has the same records.
    mutating func set(_ segment: Segment?, at index: Int) {
        let old = segments[index]
        let segment = segment.flatMap { $0.count == 0 ? nil : $0 }
        if old === segment || old != nil && old?.octets == segment?.octets { return }
        size += (segment?.octets.count ?? 0) - (old?.octets.count ?? 0)
        count += (segment?.count ?? 0) - (old?.count ?? 0)
        segments[index] = segment
    }

    /// Whether a client of the zone would notice a difference.
    func differs(from other: ZoneContent) -> Bool {
        guard start == other.start, ttl == other.ttl, segments.count == other.segments.count else { return true }
        return segments.contains { other.segments[$0.key] !== $0.value && other.segments[$0.key]?.octets != $0.value.octets }
    }

    /// The SOA record with a serial.
    func startRecord(_ serial: Serial) -> [UInt8] {
        var soa = start
        soa.serial = serial
        var record: [UInt8] = []
        record.append(owner: apex, type: .soa, ttl: ttl, rdata: soa.rdata)
        return record
    }

    /// What leads here from another; `nil` if that is not shorter than all of it.
    func changes(since old: ZoneContent) -> RecordChanges? {
        var changes = RecordChanges()
        for index in Set(segments.keys).union(old.segments.keys).sorted() where segments[index] !== old.segments[index] {
            changes.compare((old.segments[index] ?? .empty).octets, (segments[index] ?? .empty).octets)
            if changes.size > size { return nil }
        }
        return changes
    }

    /// In the order in which they are sent.
    var ordered: [Segment] { segments.sorted { $0.key < $1.key }.map(\.value) }
}
