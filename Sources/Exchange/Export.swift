public import DNSWire
internal import Pipeline

/// Writes zones in the formats of other tools.
public struct Export: Sendable {
    public struct File: Sendable {
        /// A file name, without directories.
        public var name: String
        public var octets: [UInt8]
        /// `nil`: all of them.
        public var zone: Name?
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

    /// One file a zone, in the canonical order of names; of tinydns data one file for all.
    public private(set) var files: [File] = []
    /// What is in none of them, and why.
    public private(set) var refusals: [Remark] = []
    public private(set) var notes: [Remark] = []

    /// - Parameters:
    ///   - format: one that ``ExchangeFormat/isWritable``; for another nothing is written.
    ///   - zones: only these; by default all of `holding`.
    public init(_ holding: Holding, format: ExchangeFormat, zones only: [Name]? = nil) {
        let apexes = Apexes(holding.zones)
        var spread: [Name: [RecordSet]] = [:]
        var outside: [RecordSet] = []
        var remarks = Remarks()
        let isData = format == .tinydns
        for record in holding.records {
            guard let zone = apexes.zone(of: record.key.owner) else {
                if only != nil { continue }
                if isData { outside.append(record) } else { remarks.refuse(record, .outOfZone, "in none of the zones") }
                continue
            }
            guard only?.contains(zone) ?? true else { continue }
            if let location = record.key.location, !isData {
                remarks.refuse(record, .location, "only clients at \(location) see it, and the format has no such thing")
                continue
            }
            spread[zone, default: []].append(record)
        }
        let zones = holding.zones.filter { only?.contains($0) ?? true }.sorted { $0.precedes($1) }
        if isData {
            let records = zones.flatMap { Self.ordered(spread[$0] ?? [], $0) } + Self.ordered(outside, .root)
            let (octets, count) = TinyDNSExport.write(records, map: holding.map, &remarks)
            files = [File(name: "data", octets: octets, zone: nil, count: count)]
            (refusals, notes) = (remarks.refusals, remarks.notes)
            return
        }
        for entry in holding.map where only == nil {
            remarks.refusals.append(
                Remark(
                    file: entry.origin.file, line: entry.origin.line, subject: "\(entry.prefixText) @\(entry.location)", reason: .location,
                    message: "the format has no map of clients", records: 0))
        }
        for zone in zones {
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
            case .dnscontrol, .tinydns: break
            }
        }
        (refusals, notes) = (remarks.refusals, remarks.notes)
    }

    /// The SOA first, as RFC 1035 §5.2 would have it, then by owner and type.
    private static func ordered(_ records: [RecordSet], _ zone: Name) -> [RecordSet] {
        var shard = Shard(records: records)
        shard.sort()
        let isSOA = { (record: RecordSet) in record.key.type == .soa && record.key.owner == zone }
        return shard.records.filter(isSOA) + shard.records.filter { !isSOA($0) }
    }
}
