public import DNSWire
internal import Pipeline

/// Writes zones in the formats of other tools.
public struct Export: Sendable {
    public struct File: Sendable {
        /// A file name, without directories.
        public var name: String
        public var octets: [UInt8]
        public var zone: Name
        /// How many RRsets are in it.
        public var count: Int
    }

    /// What could not be written, or not quite.
    struct Remarks {
        var refusals: [Remark] = []
        var notes: [Remark] = []

        mutating func refuse(_ record: RecordSet, _ reason: Remark.Reason, _ message: String) {
            refusals.append(Self.remark(record, reason, message, records: record.rdata.count))
        }

        mutating func note(_ record: RecordSet, _ reason: Remark.Reason, _ message: String) {
            notes.append(Self.remark(record, reason, message, records: 0))
        }

        private static func remark(_ record: RecordSet, _ reason: Remark.Reason, _ message: String, records: Int) -> Remark {
            Remark(
                file: record.origin.file, line: record.origin.line, subject: "\(record.key)", reason: reason, message: message,
                records: records)
        }
    }

    /// One file a zone, in the canonical order of names.
    public private(set) var files: [File] = []
    /// What is in none of them, and why.
    public private(set) var refusals: [Remark] = []
    public private(set) var notes: [Remark] = []

    /// - Parameters:
    ///   - format: one that ``ExchangeFormat/isWritable``; for another nothing is written.
    ///   - zones: only these; by default all of `holding`.
    public init(_ holding: Holding, format: ExchangeFormat, zones only: [Name]? = nil) {
        let apexes = Set(holding.zones)
        var spread: [Name: [RecordSet]] = [:]
        var remarks = Remarks()
        for record in holding.records {
            guard let zone = Self.zone(of: record.key.owner, apexes) else {
                if only == nil { remarks.refuse(record, .outOfZone, "in none of the zones") }
                continue
            }
            guard only?.contains(zone) ?? true else { continue }
            if let location = record.key.location {
                remarks.refuse(record, .location, "only clients at \(location) see it, and the format has no such thing")
                continue
            }
            spread[zone, default: []].append(record)
        }
        for entry in holding.map where only == nil {
            remarks.refusals.append(
                Remark(
                    file: entry.origin.file, line: entry.origin.line, subject: "\(entry.prefixText) @\(entry.location)", reason: .location,
                    message: "the format has no map of clients", records: 0))
        }
        for zone in holding.zones.sorted(by: { $0.precedes($1) }) where only?.contains(zone) ?? true {
            let records = Self.ordered(spread[zone] ?? [], zone)
            let before = remarks.refusals.count
            switch format {
            case .zone:
                let octets = ZoneFileExport.write(records, zone: zone, &remarks)
                files.append(
                    File(
                        name: "\(ZoneNaming.stem(of: zone)).zone", octets: octets, zone: zone,
                        count: records.count - (remarks.refusals.count - before)))
            case .octodns:
                guard !zone.isRoot, ZoneNaming.stem(of: zone).utf8.allSatisfy({ OctoDNSWriter.isPlain($0) }) else {
                    for record in records { remarks.refuse(record, .name, "octoDNS cannot name a file for the zone \(zone)") }
                    continue
                }
                let octets = OctoDNSWriter.write(records, zone: zone, &remarks)
                files.append(
                    File(
                        name: "\(ZoneNaming.stem(of: zone)).yaml", octets: octets, zone: zone,
                        count: records.count - (remarks.refusals.count - before)))
            case .dnscontrol: break
            }
        }
        (refusals, notes) = (remarks.refusals, remarks.notes)
    }

    private static func zone(of owner: Name, _ apexes: Set<Name>) -> Name? {
        var name: Name? = owner
        while let candidate = name {
            if apexes.contains(candidate) { return candidate }
            name = candidate.parent
        }
        return nil
    }

    /// The SOA first, as RFC 1035 §5.2 would have it, then by owner and type.
    private static func ordered(_ records: [RecordSet], _ zone: Name) -> [RecordSet] {
        var shard = Shard(records: records)
        shard.sort()
        let isSOA = { (record: RecordSet) in record.key.type == .soa && record.key.owner == zone }
        return shard.records.filter(isSOA) + shard.records.filter { !isSOA($0) }
    }
}
