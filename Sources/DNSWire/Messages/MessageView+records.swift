/// A question of a message that was checked.
public struct QuestionView: Sendable {
    /// The name whose records are asked for; in updates the zone.
    public let name: NameView
    /// The type asked for; also ANY, AXFR and IXFR, that no record has.
    public let type: RRType
    /// The class asked for; may be ANY.
    public let rrClass: RRClass

    /// An owned copy.
    public var question: Question { Question(name: name.name, type: type, rrClass: rrClass) }
}

/// A record of a message that was checked.
public struct RecordView: Sendable {
    private let octets: [UInt8]
    private let start: Int
    /// Where the owner ends and the fixed fields start.
    private let fixed: Int

    init(octets: [UInt8], start: Int) {
        self.octets = octets
        self.start = start
        fixed = NameView(octets: octets, start: start).end
    }

    /// The name that the record is at.
    public var owner: NameView { NameView(octets: octets, start: start) }
    /// What the data is; among the additional records also OPT and TSIG.
    public var type: RRType { RRType(rawValue: octets.u16(at: fixed)) }
    /// The class; in OPT records the sender's UDP size (RFC 6891 §6.1.2).
    public var rrClass: RRClass { RRClass(rawValue: octets.u16(at: fixed + 2)) }
    /// Seconds; in OPT records something else (RFC 6891 §6.1.3).
    public var ttl: UInt32 { octets.u32(at: fixed + 4) }

    /// Where the RDATA is in the message, as it came: names in it may be compressed.
    public var rdataRange: Range<Int> { fixed + 10..<fixed + 10 + Int(octets.u16(at: fixed + 8)) }

    /// Where the record is in the message.
    public var range: Range<Int> { start..<rdataRange.upperBound }

    /// A reader over the RDATA.
    var reader: WireReader { WireReader(octets, range: rdataRange) }

    /// An owned copy of the RDATA, its names uncompressed.
    public var rdata: RData {
        let range = rdataRange
        let names = RDataLayout.names(in: type)
        if names == .none { return RData(opaque: Array(octets[range])) }
        // An OPT or a TSIG record is the message's business, and stays as it came.
        guard type != .opt, type != .tsig,
            let fields = RDataLayout.fields(of: type, rrClass, isEmpty: range.isEmpty)
        else { return RData(opaque: Array(octets[range])) }
        if names == .alone { return RData(opaque: NameView(octets: octets, start: range.lowerBound).name.wire) }
        var data = reader
        var wire: [UInt8] = []
        wire.reserveCapacity(range.count)
        // These fields could be read when the message was checked, and it cannot change.
        for field in fields { try! data.append(field, to: &wire, compression: true) }
        return RData(opaque: wire)
    }

    /// An owned copy.
    public var record: ResourceRecord { record(owner: owner.name) }

    private func record(owner: Name) -> ResourceRecord {
        ResourceRecord(owner: owner, type: type, rrClass: rrClass, ttl: ttl, rdata: rdata)
    }

    /// An owned copy, whose owner is the last one if both are at the same place, as in
    /// most sets of records: the octets are shared.
    fileprivate func record(sharing last: inout PlacedName) -> ResourceRecord {
        let place = owner.pointer ?? start
        if last.place != place { last = PlacedName(place: place, name: owner.name) }
        return record(owner: last.name)
    }
}

/// A name, and where in the message it is written.
struct PlacedName {
    var place: Int
    var name: Name
}

extension RecordViews {
    /// Owned copies of all but OPT and TSIG.
    func records(sharing last: inout PlacedName) -> [ResourceRecord] {
        var records: [ResourceRecord] = []
        // The message was checked: so many there are.
        records.reserveCapacity(count)
        for view in self where view.type != .opt && view.type != .tsig { records.append(view.record(sharing: &last)) }
        return records
    }
}

/// The questions of a message, one after the other.
public struct QuestionViews: Sequence, IteratorProtocol, Sendable {
    private let octets: [UInt8]
    private var at: Int
    /// How many are still to come.
    public private(set) var count: Int

    init(octets: [UInt8], start: Int, count: Int) {
        self.octets = octets
        at = start
        self.count = count
    }

    public var underestimatedCount: Int { count }

    public mutating func next() -> QuestionView? {
        guard count > 0 else { return nil }
        count -= 1
        let name = NameView(octets: octets, start: at)
        let end = name.end
        at = end + 4
        return QuestionView(
            name: name, type: RRType(rawValue: octets.u16(at: end)),
            rrClass: RRClass(rawValue: octets.u16(at: end + 2)))
    }
}

/// The records of a section, one after the other.
public struct RecordViews: Sequence, IteratorProtocol, Sendable {
    private let octets: [UInt8]
    private var at: Int
    /// How many are still to come.
    public private(set) var count: Int

    init(octets: [UInt8], start: Int, count: Int) {
        self.octets = octets
        at = start
        self.count = count
    }

    public var underestimatedCount: Int { count }

    public mutating func next() -> RecordView? {
        guard count > 0 else { return nil }
        count -= 1
        let record = RecordView(octets: octets, start: at)
        at = record.range.upperBound
        return record
    }
}
