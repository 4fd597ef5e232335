internal import DNSWire
internal import Pipeline
internal import TinyDNSData

/// Writes the text that `tinydns-data` compiles.
enum TinyDNSExport {
    /// - Parameter records: in the order in which they are written.
    static func write(_ records: [RecordSet], map: [MapEntry], _ remarks: inout Export.Remarks) -> (octets: [UInt8], count: Int) {
        var text = DataText()
        var count = 0
        for entry in map { text.append(entry) }
        for record in records {
            if let (reason, message) = refusal(record) {
                remarks.refuse(record, reason, message)
                continue
            }
            if record.key.type == .a, record.rdata.count > DataText.mostAddresses {
                remarks.note(record, .unwritable, "\(record.rdata.count) addresses, and tinydns answers with \(DataText.mostAddresses) of them")
            }
            text.append(record)
            count += 1
        }
        return (text.octets, count)
    }

    private static func refusal(_ record: RecordSet) -> (Remark.Reason, String)? {
        let type = record.key.type
        if !DataText.canSay(type) { return (.type, "\(type) is no type of zone data") }
        if record.ttl > 0x7FFF_FFFF { return (.ttl, "a TTL is at most 2147483647 seconds (RFC 2181 §8)") }
        for rdata in record.rdata {
            if rdata.wire.count > DataText.mostRData(isLocated: record.key.location != nil) {
                return (.unwritable, "data of \(rdata.wire.count) octets, which tinydns does not serve")
            }
            if (try? RData(wire: rdata.wire, type: type)) == nil { return (.value, "this is no data of type \(type)") }
        }
        return nil
    }
}
