internal import DNSWire
internal import Pipeline

/// Faults that no rule's generation and no edit may have: what tinydns could not serve, or would drop silently.
enum RecordLint {
    /// tinydns answers a query from a buffer of this size (its `response` and cdb limits).
    private static let largestValue = 32_767

    static func faults(in records: [RecordSet]) -> [String] {
        records.flatMap { record in
            messages(on: record).map { "\(record.origin.file):\(record.origin.line): \(record.key): \($0)" }
        }
    }

    /// What is wrong with one RRset, whoever wants it.
    static func messages(on record: RecordSet) -> [String] {
        var messages: [String] = []
        if record.ttl > 0x7FFF_FFFF { messages.append("TTL \(record.ttl) is over 2147483647 (RFC 2181 §8)") }
        if record.rdata.isEmpty { messages.append("an RRset without values") }
        if record.rdata.contains(where: { $0.wire.count > largestValue - 32 }) {
            messages.append("a value over \(largestValue - 32) octets, which tinydns cannot serve")
        }
        if record.rdata.count > 1, record.key.type == .cname || record.key.type == .soa || record.key.type == .dname {
            messages.append("\(record.key.type) has one value only")
        }
        if record.key.type == .opt || record.key.type == .any || record.key.type.rawValue == 0 {
            messages.append("\(record.key.type) is not a type of records")
        }
        return messages
    }
}
