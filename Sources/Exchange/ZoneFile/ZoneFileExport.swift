internal import DNSWire
internal import Pipeline

/// Writes zone files (RFC 1035 §5) that any server reads.
enum ZoneFileExport {
    /// - Parameter records: of one zone, in the order in which they are written.
    static func write(_ records: [RecordSet], zone: Name, _ remarks: inout Export.Remarks) -> [UInt8] {
        var writer = ZoneFileWriter(origin: zone)
        for record in records {
            guard !record.key.type.isMeta else {
                remarks.refuse(record, .type, "\(record.key.type) is no type of zone data")
                continue
            }
            for rdata in record.rdata {
                writer.write(ResourceRecord(owner: record.key.owner, type: record.key.type, ttl: record.ttl, rdata: rdata))
            }
        }
        return writer.take()
    }
}
