internal import DNSWire
internal import Pipeline

/// Collects records as Freshet's values, and says of each that it cannot hold why not.
struct RecordSink: DataSink {
    private struct Group {
        var key: RecordKey
        var ttl: UInt32
        var rdata: [RData]
        var line: Int
    }

    private let file: String
    private var groups: [Group] = []
    private var index = RecordIndex()
    private var map: [MapEntry] = []
    /// `nil` for a location that is none: tinydns takes it all the same, and none after it.
    private var byPrefix: [[UInt8]: Location?] = [:]

    init(file: String) { self.file = file }

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
        let key = RecordKey(owner: owner, type: record.type, location: location)
        guard let index = index.place(of: key, keyAt: { groups[$0].key }) else {
            groups.append(Group(key: key, ttl: record.ttl, rdata: [rdata], line: record.line))
            return
        }
        if groups[index].ttl != record.ttl {
            let least = min(groups[index].ttl, record.ttl)
            report.add(
                DataProblem(
                    .ttlDiffers, line: record.line,
                    "\(key) has a TTL of \(groups[index].ttl) on line \(groups[index].line) and \(record.ttl) here: \(least) is taken"))
            groups[index].ttl = least
        }
        groups[index].rdata.append(rdata)
    }

    mutating func take(prefix: Octets, location: (UInt8, UInt8), line: Int, _ report: inout DataReport) {
        let octets = Array(prefix)
        guard octets.count <= 4 else {
            return report.add(DataProblem(.prefix, line: line, "a prefix has at most four octets"))
        }
        let location = Location(octets: [location.0, location.1])
        if let first = byPrefix[octets] {
            let same = first == location && location != nil
            let known = first.map { ", \($0)," } ?? ""
            return report.add(
                DataProblem(
                    same ? .duplicate : .shadowed, line: line,
                    same ? "the prefix is there already" : "the prefix has a location already\(known) and keeps it"))
        }
        byPrefix.updateValue(location, forKey: octets)
        guard let location else {
            return report.add(DataProblem(.location, line: line, "a location is one or two letters or digits"))
        }
        map.append(MapEntry(prefix: octets, location: location, origin: origin(line)))
    }

    func finish(_ report: inout DataReport) -> (records: [RecordSet], map: [MapEntry]) {
        let sets = groups.map { group in
            let set = RecordSet(key: group.key, ttl: group.ttl, rdata: group.rdata, origin: origin(group.line))
            let spare = group.rdata.count - set.rdata.count
            if spare > 0 {
                report.add(DataProblem(.duplicate, line: group.line, "\(group.key) has \(spare) of its values more than once"))
            }
            return set
        }
        return (sets, map)
    }

    private func origin(_ line: Int) -> Origin { Origin(source: Origin.edits, file: file, line: line) }
}
