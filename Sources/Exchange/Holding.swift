public import DNSWire
public import Pipeline

/// What was read from files of any format, or is to be written: RRsets and map entries, with all that was left out.
///
/// Nothing gets lost between the two: every record of a file is in `records` or in
/// `refusals`.
public struct Holding: Sendable {
    /// No key twice, in the order of the files.
    public private(set) var records: [RecordSet] = []
    public private(set) var map: [MapEntry] = []
    /// Apexes, in the order of the files.
    public private(set) var zones: [Name] = []
    /// The same, to look them up.
    private var apexes: Set<Name> = []
    /// Records that were read, those that were refused among them; an RRset has one or more.
    public internal(set) var read = 0
    /// What is not in `records`, and why.
    public var refusals: [Remark] = []
    /// What is in `records`, but not quite as it was.
    public var notes: [Remark] = []

    /// The zone that each RRset was read for.
    private var zoning = Zoning.each
    /// With the zone, if it is in one, where each RRset is in `records`; made when files meet.
    private var places: [RecordKey: (index: Int, zone: Name?)] = [:]
    private var prefixes: [[UInt8]: MapEntry] = [:]

    private enum Zoning {
        /// One for all of them.
        case sole(Name)
        /// That of `zones` which is closest.
        case closest
        /// As `places` says.
        case each
    }

    public init() {}

    /// For export: what is served, and the zones it is in.
    public init(records: [RecordSet], map: [MapEntry] = [], zones: [Name]) {
        self.records = records
        self.map = map
        self.zones = zones
        read = records.reduce(0) { $0 + $1.rdata.count }
    }

    /// RRsets, map entries apart.
    public var count: Int { records.count }

    /// Names a zone that the records are of.
    mutating func add(zone: Name) {
        if apexes.count != zones.count { apexes = Set(zones) }
        if apexes.insert(zone).inserted { zones.append(zone) }
    }

    /// Takes the RRsets of one zone, no key twice, when nothing is here yet.
    mutating func start(_ records: [RecordSet], zone: Name) {
        self.records = records
        zoning = .sole(zone)
    }

    /// Takes what one file has of many zones, no key twice, when nothing is here yet. Each RRset is of
    /// the zone closest to it.
    mutating func start(_ records: [RecordSet], map: [MapEntry], zones: [Name]) {
        (self.records, self.map, self.zones) = (records, map, zones)
        zoning = .closest
    }

    /// Takes over all that another file held.
    public mutating func merge(_ other: Holding) {
        read += other.read
        refusals += other.refusals
        notes += other.notes
        add(other.map)
        defer { for zone in other.zones { add(zone: zone) } }
        if records.isEmpty {
            (records, places, zoning) = (other.records, other.places, other.zoning)
            return
        }
        if case .each = zoning {} else {
            for (index, (record, zone)) in zip(records, ownZones).enumerated() { places[record.key] = (index, zone) }
            zoning = .each
        }
        for (record, zone) in zip(other.records, other.ownZones) { add(record, zone: zone) }
    }

    /// The zone of each of the records; `nil` for those in none.
    private var ownZones: [Name?] {
        switch zoning {
        case .sole(let zone): return Array(repeating: zone, count: records.count)
        case .closest:
            let apexes = Apexes(zones)
            return records.map { apexes.zone(of: $0.key.owner) }
        case .each: return records.map { places[$0.key]?.zone }
        }
    }

    /// Takes map entries: a client has one location.
    private mutating func add(_ entries: [MapEntry]) {
        if map.isEmpty {
            map = entries
            return
        }
        if prefixes.count != map.count { prefixes = Dictionary(map.map { ($0.prefix, $0) }) { first, _ in first } }
        for entry in entries {
            guard let known = prefixes[entry.prefix] else {
                prefixes[entry.prefix] = entry
                map.append(entry)
                continue
            }
            if known.location == entry.location { continue }
            refusals.append(
                Remark(
                    file: entry.origin.file, line: entry.origin.line, subject: "\(entry.prefixText) @\(entry.location)", reason: .duplicate,
                    message: "it is also at \(known.origin.file):\(known.origin.line), with the location \(known.location)", records: 0))
        }
    }

    /// Takes an RRset of a zone.
    ///
    /// The same RRset of two zones is a delegation and the child's own NS, or glue:
    /// that of the closer zone stays. Twice in one zone, or of no zone that we know, is not for us to settle.
    private mutating func add(_ record: RecordSet, zone: Name?) {
        guard let place = places[record.key] else {
            places[record.key] = (records.count, zone)
            records.append(record)
            return
        }
        let known = records[place.index]
        if known.serves(sameAs: record) { return }
        var isDelegation = false, isCloser = false
        if let zone, let other = place.zone, zone != other { (isDelegation, isCloser) = (true, zone.isWithin(other)) }
        let (stays, goes) = isCloser ? (record, known) : (known, record)
        if isCloser {
            records[place.index] = record
            places[record.key] = (place.index, zone)
        }
        let whose = isDelegation ? ", in the zone closer to it" : ""
        refusals.append(
            Remark(
                file: goes.origin.file, line: goes.origin.line, subject: "\(goes.key)", reason: isDelegation ? .delegation : .duplicate,
                message: "it is also at \(stays.origin.file):\(stays.origin.line), with other values\(whose)",
                records: goes.rdata.count))
    }
}
