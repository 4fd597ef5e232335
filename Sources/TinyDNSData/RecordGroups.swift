internal import DNSWire
internal import Pipeline

/// Makes RRsets and a map of what was read, in the order of the text.
struct RecordGroups {
    /// Each where its first record stands.
    private(set) var sets: [RecordSet] = []
    private var index: RecordIndex
    /// Of sets with more than one record, by their place.
    private var values: [Int: [RData]] = [:]

    private(set) var map: [MapEntry] = []
    /// Also of an entry that has no location: tinydns takes it all the same, and none after it.
    private var byPrefix: [[UInt8]: Location?] = [:]
    private var origin: Origin

    /// - Parameters:
    ///   - index: empty.
    ///   - expected: how many records there are.
    init(file: String, _ index: RecordIndex, expected: Int) {
        origin = Origin(source: Origin.edits, file: file)
        self.index = index
        sets.reserveCapacity(expected)
    }

    @inline(__always)
    mutating func take(_ record: consuming RecordSet, _ hash: UInt32, _ report: inout DataReport) {
        if let place = index.place(of: record.key, hash: hash, keyAt: { sets[$0].key }) {
            add(record, at: place, &report)
        } else {
            sets.append(record)
        }
    }

    private mutating func add(_ record: RecordSet, at place: Int, _ report: inout DataReport) {
        let known = sets[place]
        if known.ttl != record.ttl {
            sets[place].ttl = min(known.ttl, record.ttl)
            report.add(
                DataProblem(
                    .ttlDiffers, line: record.origin.line,
                    "\(known.key) has a TTL of \(known.ttl) on line \(known.origin.line) and \(record.ttl) here: \(sets[place].ttl) is taken"))
        }
        values[place, default: known.rdata] += record.rdata
    }

    mutating func take(_ entry: RecordSink.Entry, _ report: inout DataReport) {
        if let first = byPrefix[entry.prefix] {
            let same = first == entry.location && entry.location != nil
            let known = first.map { ", \($0)," } ?? ""
            return report.add(
                DataProblem(
                    same ? .duplicate : .shadowed, line: entry.line,
                    same ? "the prefix is there already" : "the prefix has a location already\(known) and keeps it"))
        }
        byPrefix.updateValue(entry.location, forKey: entry.prefix)
        guard let location = entry.location else {
            return report.add(DataProblem(.location, line: entry.line, "a location is one or two letters or digits"))
        }
        origin.line = entry.line
        map.append(MapEntry(prefix: entry.prefix, location: location, origin: origin))
    }

    /// After the last: values that are there more than once are left out.
    mutating func finish(_ report: inout DataReport) {
        for (place, values) in values {
            sets[place].setRData(values)
            let spare = values.count - sets[place].rdata.count
            guard spare > 0 else { continue }
            report.add(
                DataProblem(
                    .duplicate, line: sets[place].origin.line, "\(sets[place].key) has \(spare) of its values more than once"))
        }
        values = [:]
    }
}
