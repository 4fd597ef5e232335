internal import DNSWire
internal import Pipeline

/// Collects records as Freshet's values, and says of each that it cannot hold why not.
struct RecordSink: DataSink {
    /// A map entry as it is written; `nil` for a location that is none.
    struct Entry {
        var prefix: [UInt8]
        var location: Location?
        var line: Int
    }

    /// One for each record, in the order of the text; who takes one leaves `nil`.
    var sets: [RecordSet?] = []
    /// Of their keys.
    private(set) var hashes: [UInt32] = []
    private(set) var entries: [Entry] = []
    /// Of each of them, but for the line.
    private var origin: Origin

    private let index: RecordIndex

    /// - Parameters:
    ///   - expected: how many records, roughly.
    ///   - index: which the records are for.
    init(file: String, expected: Int, for index: RecordIndex) {
        origin = Origin(source: Origin.edits, file: file)
        self.index = index
        sets.reserveCapacity(expected)
        hashes.reserveCapacity(expected)
    }

    mutating func take(_ record: DataRecord, _ report: inout DataReport) {
        func refuse(_ code: DataProblem.Code, _ message: String) {
            report.add(DataProblem(code, line: record.line, message, level: .refusal, lost: 1))
        }
        // The scanner made the name: it is one.
        guard let owner = try? Name(wire: Array(record.owner)) else { return }
        guard record.timestamp == 0 else {
            return refuse(.timestamp, "the \(record.type) of \(owner) has a timestamp; an edit can say when it starts or expires")
        }
        var location: Location?
        if record.location != (0, 0) {
            location = Location(octets: [record.location.0, record.location.1])
            guard location != nil else { return refuse(.location, "a location is one or two letters or digits") }
        }
        guard record.type != .opt, !(128...255).contains(record.type.rawValue) else {
            return refuse(.metaType, "\(record.type) is no type of a record in a zone")
        }
        guard record.ttl <= 0x7FFF_FFFF else { return refuse(.numberOutOfRange, "a TTL is at most 2147483647 seconds (RFC 2181 §8)") }
        if record.isDated {
            report.add(
                DataProblem(.dated, line: record.line, "the SOA of \(owner) is written without a serial: the time of the file is taken"))
        }
        let rdata: RData
        do {
            rdata = try RData(wire: Array(record.rdata), type: record.type)
        } catch {
            return refuse(.malformedData, "this is no data of type \(record.type)")
        }
        origin.line = record.line
        let key = RecordKey(owner: owner, type: record.type, location: location)
        sets.append(RecordSet(key: key, ttl: record.ttl, rdata: [rdata], origin: origin))
        hashes.append(index.hash(key))
    }

    mutating func take(prefix: Octets, location: (UInt8, UInt8), line: Int, _ report: inout DataReport) {
        guard prefix.count <= 4 else {
            return report.add(DataProblem(.prefix, line: line, "a prefix has at most four octets"))
        }
        entries.append(Entry(prefix: Array(prefix), location: Location(octets: [location.0, location.1]), line: line))
    }
}
