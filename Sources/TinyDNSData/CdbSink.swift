internal import DNSWire
internal import Pipeline

/// Makes the database: the octets that tinydns-data writes.
struct CdbSink: DataSink, ~Copyable {
    private var writer: CdbWriter
    private var key = OctetBuffer()
    private var data = OctetBuffer()
    private var isFull = false

    init(_ output: @escaping CdbWriter.Output) { writer = CdbWriter(output) }

    mutating func take(_ record: DataRecord, _ report: inout DataReport) throws {
        let isWildcard = record.isWildcard
        key.clear()
        let hash = key.appendKey(record.keyName)
        data.clear()
        data.reserve(17 + record.rdata.count)
        data.append(network: record.type.rawValue)
        if record.location == (0, 0) {
            data.add(isWildcard ? UInt8(ascii: "*") : UInt8(ascii: "="))
        } else {
            data.add(isWildcard ? UInt8(ascii: "+") : UInt8(ascii: ">"))
            data.add(record.location.0)
            data.add(record.location.1)
        }
        data.append(network: record.ttl)
        data.append(network: record.timestamp)
        data.append(record.rdata)
        if data.count > TinydnsRecord.mostData {
            report.add(
                DataProblem(
                    .unservable, line: record.line,
                    "the record has \(data.count) octets in the database; tinydns serves at most \(TinydnsRecord.mostData)"))
        }
        if !record.isWellFormed {
            report.add(DataProblem(.malformedData, line: record.line, "this is no data of type \(record.type)"))
        }
        try append(hash, line: record.line, &report)
    }

    mutating func take(prefix: Octets, location: (UInt8, UInt8), line: Int, _ report: inout DataReport) throws {
        key.clear()
        key.append("\0%")
        key.append(prefix)
        data.clear()
        data.append(location.0)
        data.append(location.1)
        try append(Cdb.hash(key.octets), line: line, &report)
    }

    @inline(__always)
    private mutating func append(_ hash: UInt32, line: Int, _ report: inout DataReport) throws {
        if isFull { return }
        do {
            try writer.append(key: UnsafeRawBufferPointer(key.octets), hash: hash, data: UnsafeRawBufferPointer(data.octets))
        } catch let error as CdbError {
            isFull = true
            report.add(DataProblem(.tooLarge, line: line, "from here on \(error)"))
        }
    }

    /// Writes what comes behind the records, and the header.
    consuming func finish() throws -> CdbWriter.Summary { try writer.finish(most: AddressSink.most) }
}

extension DataRecord {
    /// Whether the data has the form of its type: only a `:` line can write other data, or an
    /// empty text.
    fileprivate var isWellFormed: Bool {
        switch type.rawValue {
        case 1: rdata.count == 4
        // SOA, NS, CNAME, PTR and MX.
        case 2, 5, 6, 12, 15: true
        default: (try? RData(wire: Array(rdata), type: type)) != nil
        }
    }
}
