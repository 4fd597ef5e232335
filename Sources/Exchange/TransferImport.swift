public import DNSWire

/// Makes a ``Holding`` of a zone that a server gives us (AXFR), batch by batch.
public struct TransferImport: Sendable {
    private let zone: Name
    private let name: String
    private var gathering: Gathering
    /// Records that came: there are no lines, and origins have the number of the record.
    private var count = 0

    /// - Parameters:
    ///   - zone: the apex.
    ///   - name: where it comes from, for origins and remarks: `axfr://192.0.2.1/example.net`.
    public init(zone: Name, name: String) {
        self.zone = zone
        self.name = name
        gathering = Gathering(file: name)
    }

    /// Takes records, the zone's SOA once.
    public mutating func take(_ records: [ResourceRecord]) {
        for record in records {
            count += 1
            if let (reason, message) = refusal(record) {
                gathering.refuse(reason, "\(record.owner) \(record.type)", message, line: count)
                continue
            }
            gathering.add(record.owner, record.type, ttl: record.ttl, record.rdata, file: name, line: count)
        }
    }

    private func refusal(_ record: ResourceRecord) -> (Remark.Reason, String)? {
        if record.rrClass != .in { return (.class, "of the class \(record.rrClass), not IN") }
        if record.type.isMeta { return (.type, "no type of zone data") }
        if record.ttl > 0x7FFF_FFFF { return (.ttl, "a TTL is at most 2147483647 seconds (RFC 2181 §8)") }
        if (try? RData(wire: record.rdata.wire, type: record.type)) == nil { return (.value, "this is no data of type \(record.type)") }
        return nil
    }

    /// The zone, once the last batch was taken; then there is nothing here any more.
    public mutating func finish() -> Holding { gathering.finish(zone: zone) }
}
