/// A message read in place: checked once as a whole, then looked at without copying.
///
/// Making one allocates nothing, and neither does walking its records or comparing
/// their names; `record.rdata` and `owner.name` make owned values when asked to.
/// The work is bounded by the size: a name costs at most 127 labels and 127 jumps.
public struct MessageView: Sendable {
    /// The message, nothing left out.
    public let octets: [UInt8]

    private let answersAt, authorityAt, additionalAt: Int
    private let optAt, tsigAt: Int?

    /// Checks the whole message: counts, names, the data of every known type, EDNS
    /// options, and that OPT and TSIG are where they may be.
    ///
    /// RDATA may be empty in classes ANY and NONE (RFC 2136 §2.4, §2.5). Types that
    /// are defined for the Internet alone are opaque in other classes.
    public init(_ octets: [UInt8]) throws(WireError) {
        var reader = WireReader(octets)
        let header = try MessageHeader(octets)
        try reader.take(MessageHeader.length)
        for _ in 0..<header.questionCount {
            try reader.walkName(compression: true)
            try reader.take(4)
        }
        var meta = MetaRecords()
        answersAt = reader.offset
        try reader.checkRecords(header.answerCount, in: .answer, &meta)
        authorityAt = reader.offset
        try reader.checkRecords(header.authorityCount, in: .authority, &meta)
        additionalAt = reader.offset
        try reader.checkRecords(header.additionalCount, in: .additional, &meta)
        guard reader.isAtEnd else { throw WireError(.trailingOctets, reader.offset) }
        optAt = meta.optAt
        tsigAt = meta.tsigAt
        self.octets = octets
    }

    /// The asker's number for the request, the same in the answer.
    public var id: UInt16 { octets.u16(at: 0) }
    /// The kind of request; an answer has that of its request.
    public var opcode: Opcode { Opcode(rawValue: octets[2] >> 3 & 0xF) }
    /// The header's bits, without opcode and response code.
    public var flags: Message.Flags { Message.Flags(rawValue: octets.u16(at: 2) & Message.Flags.mask) }

    /// Twelve bits if there is an OPT record (RFC 6891 §6.1.3), else four.
    public var responseCode: ResponseCode {
        let upper = opt.map { UInt16($0.ttl >> 24) << 4 } ?? 0
        return ResponseCode(rawValue: upper | UInt16(octets[3] & 0xF))
    }

    /// What is asked: one question in a query, in an update the zone.
    public var questions: QuestionViews {
        QuestionViews(octets: octets, start: MessageHeader.length, count: Int(octets.u16(at: 4)))
    }
    /// What answers the question; in updates the prerequisites.
    public var answers: RecordViews { RecordViews(octets: octets, start: answersAt, count: Int(octets.u16(at: 6))) }
    /// The servers of the zone, or its SOA if the answer says no; in updates what is to change.
    public var authority: RecordViews { RecordViews(octets: octets, start: authorityAt, count: Int(octets.u16(at: 8))) }
    /// As they came: OPT and TSIG are among them.
    public var additional: RecordViews {
        RecordViews(octets: octets, start: additionalAt, count: Int(octets.u16(at: 10)))
    }

    var opt: RecordView? { optAt.map { RecordView(octets: octets, start: $0) } }
    var tsigRecord: RecordView? { tsigAt.map { RecordView(octets: octets, start: $0) } }
}

/// Where the two records are that speak of the message and not of names.
struct MetaRecords {
    var optAt: Int?
    var tsigAt: Int?
}

extension WireReader {
    fileprivate mutating func checkRecords(
        _ count: UInt16, in section: Message.Section, _ meta: inout MetaRecords
    ) throws(WireError) {
        for _ in 0..<count {
            let start = offset
            guard meta.tsigAt == nil else { throw WireError(.badTSIG, start) }
            let isRoot = try walkName(compression: true).length == 1
            let type = RRType(rawValue: try u16()), rrClass = RRClass(rawValue: try u16()), ttl = try u32()
            var data = try split(Int(u16()))
            switch type {
            case .opt:
                guard section == .additional, isRoot, meta.optAt == nil else { throw WireError(.badOPT, start) }
                meta.optAt = start
                try data.checkOptions()
            case .tsig:
                guard section == .additional, rrClass == .any, ttl == 0 else { throw WireError(.badTSIG, start) }
                meta.tsigAt = start
                try data.checkTSIG()
            default:
                try data.checkRData(type, rrClass)
            }
        }
    }

    /// Steps over the RDATA that this reader holds.
    private mutating func checkRData(_ type: RRType, _ rrClass: RRClass) throws(WireError) {
        guard let fields = RDataLayout.fields(of: type, rrClass, isEmpty: isAtEnd) else { return }
        for field in fields { try check(field, compression: true) }
        guard isAtEnd else { throw WireError(.lengthMismatch, offset) }
    }
}

extension RDataLayout {
    /// The fields of a type in a class; `nil` if the data is opaque, or rightly empty.
    static func fields(of type: RRType, _ rrClass: RRClass, isEmpty: Bool) -> [RDataField]? {
        switch rrClass {
        case .in: return fields(of: type)
        case .any, .none: return isEmpty ? nil : fields(of: type)
        default: return type.isInternetOnly ? nil : fields(of: type)
        }
    }
}

extension RRType {
    /// Whether the data's format is defined for class IN alone.
    fileprivate var isInternetOnly: Bool {
        switch rawValue {
        // A, WKS, NSAP, NSAP-PTR, PX, AAAA, SRV, NAPTR, KX, APL, IPSECKEY, DHCID, SVCB, HTTPS.
        case 1, 11, 22, 23, 26, 28, 33, 35, 36, 42, 45, 49, 64, 65: true
        default: false
        }
    }
}

extension [UInt8] {
    @inline(__always)
    func u16(at offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }

    @inline(__always)
    func u32(at offset: Int) -> UInt32 { UInt32(u16(at: offset)) << 16 | UInt32(u16(at: offset + 2)) }
}
