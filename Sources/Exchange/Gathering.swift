internal import DNSWire
internal import Pipeline
internal import TinyDNSData

/// Makes RRsets of the records of one zone, one by one as they are read.
struct Gathering {
    /// What the records come from.
    let file: String
    private var sets: [Open] = []
    private var index = RecordIndex()
    /// Of the record before: most records follow one of the same RRset, or of a new one.
    private var last: Int?
    /// Of the file before: all its origins are one but for their lines.
    private var origin: Origin
    var holding = Holding()

    /// An RRset that may get more records.
    private struct Open {
        var key: RecordKey
        var ttl: UInt32
        var rdata: [RData]
        var origin: Origin
        /// The line of the first record whose TTL is not that of the one before.
        var unequal: Int?
    }

    init(file: String) {
        self.file = file
        origin = Origin(source: Origin.edits, file: file)
    }

    /// The line where the RRset begins that is here already.
    func line(of key: RecordKey) -> Int? { index.find(key) { sets[$0].key }.map { sets[$0].origin.line } }

    mutating func add(_ owner: Name, _ type: RRType, ttl: UInt32, _ rdata: RData, file: String, line: Int) {
        holding.read += 1
        if let last, sets[last].key.type == type, sets[last].key.owner.wire == owner.wire {
            return extend(last, ttl, rdata, line)
        }
        let key = RecordKey(owner: owner, type: type)
        if let place = index.place(of: key, keyAt: { sets[$0].key }) {
            last = place
            return extend(place, ttl, rdata, line)
        }
        last = sets.count
        if origin.file != file { origin.file = file }
        origin.line = line
        sets.append(Open(key: key, ttl: ttl, rdata: [rdata], origin: origin))
    }

    private mutating func extend(_ place: Int, _ ttl: UInt32, _ rdata: RData, _ line: Int) {
        sets[place].rdata.append(rdata)
        guard sets[place].ttl != ttl else { return }
        sets[place].unequal = sets[place].unequal ?? line
        sets[place].ttl = min(sets[place].ttl, ttl)
    }

    mutating func refuse(
        _ reason: Remark.Reason, _ subject: String, _ message: String, file: String? = nil, line: Int, records: Int = 1
    ) {
        holding.read += records
        holding.refusals.append(
            Remark(file: file ?? self.file, line: line, subject: subject, reason: reason, message: message, records: records))
    }

    mutating func note(_ reason: Remark.Reason, _ subject: String, _ message: String, file: String? = nil, line: Int) {
        holding.notes.append(
            Remark(file: file ?? self.file, line: line, subject: subject, reason: reason, message: message, records: 0))
    }

    /// All RRsets as those of `zone`; what is outside of it is refused.
    ///
    /// One TTL for an RRset, the lowest: what RFC 2181 §5.2 has a server do with such a zone.
    mutating func finish(zone: Name) -> Holding {
        holding.add(zone: zone)
        var records: [RecordSet] = []
        records.reserveCapacity(sets.count)
        var hasSOA = false
        for set in sets {
            guard set.key.owner.isWithin(zone) else {
                holding.refusals.append(
                    Remark(
                        file: set.origin.file, line: set.origin.line, subject: "\(set.key)", reason: .outOfZone,
                        message: "not in the zone \(zone)", records: set.rdata.count))
                continue
            }
            if let line = set.unequal {
                note(
                    .ttl, "\(set.key)", "TTLs differ within the RRset: the lowest is taken, \(set.ttl)", file: set.origin.file,
                    line: line)
            }
            if set.key.type == .soa, set.key.owner == zone { hasSOA = true }
            records.append(RecordSet(key: set.key, ttl: set.ttl, rdata: set.rdata, origin: set.origin))
        }
        holding.start(records, zone: zone)
        if !hasSOA {
            note(.missing, "\(zone) SOA", "there is none here, and a zone is served only where there is one", line: 0)
        }
        sets = []
        index = RecordIndex()
        last = nil
        return holding
    }
}
