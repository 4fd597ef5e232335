/// A DNS message (RFC 1035 §4).
public struct Message: Equatable, Sendable {
    public var id: UInt16
    public var flags: Flags
    /// RFC 1035 §4.1.1, the four header bits only.
    public var responseCode: ResponseCode
    public var questions: [Question] = []
    public var answers: [ResourceRecord] = []
    public var authority: [ResourceRecord] = []
    public var additional: [ResourceRecord] = []

    public init(id: UInt16, flags: Flags = [], responseCode: ResponseCode = .noError) {
        self.id = id
        self.flags = flags
        self.responseCode = responseCode
    }

    /// A query of class IN.
    public static func query(_ name: Name, _ type: RRType, id: UInt16, recursionDesired: Bool) -> Message {
        var message = Message(id: id, flags: recursionDesired ? .recursionDesired : [])
        message.questions = [Question(name: name, type: type)]
        return message
    }

    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }
        public static let response = Flags(rawValue: 0x8000)
        public static let authoritative = Flags(rawValue: 0x0400)
        public static let truncated = Flags(rawValue: 0x0200)
        public static let recursionDesired = Flags(rawValue: 0x0100)
        public static let recursionAvailable = Flags(rawValue: 0x0080)
    }
}

public struct ResponseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let noError = ResponseCode(rawValue: 0)
    public static let serverFailure = ResponseCode(rawValue: 2)
    public static let nameError = ResponseCode(rawValue: 3)
    public static let refused = ResponseCode(rawValue: 5)

    public var description: String {
        switch rawValue {
        case 0: "NOERROR"
        case 1: "FORMERR"
        case 2: "SERVFAIL"
        case 3: "NXDOMAIN"
        case 4: "NOTIMP"
        case 5: "REFUSED"
        default: "RCODE\(rawValue)"
        }
    }
}

public struct Question: Hashable, Sendable {
    public var name: Name
    public var type: RRType
    public var rrClass: RRClass

    public init(name: Name, type: RRType, rrClass: RRClass = .in) {
        self.name = name
        self.type = type
        self.rrClass = rrClass
    }
}

public struct ResourceRecord: Hashable, Sendable {
    public var owner: Name
    public var type: RRType
    public var rrClass: RRClass
    /// Seconds.
    public var ttl: UInt32
    public var rdata: RData

    public init(owner: Name, type: RRType, rrClass: RRClass = .in, ttl: UInt32, rdata: RData) {
        self.owner = owner
        self.type = type
        self.rrClass = rrClass
        self.ttl = ttl
        self.rdata = rdata
    }
}

extension Message {
    private static let opcodeAndReserved: UInt16 = 0x7870

    /// Reads a whole message; names inside known RDATA come out uncompressed.
    public init(wire: [UInt8]) throws(WireError) {
        var reader = WireReader(wire)
        let id = try reader.u16()
        let bits = try reader.u16()
        self.init(
            id: id, flags: Flags(rawValue: bits & ~0x000F & ~Self.opcodeAndReserved),
            responseCode: ResponseCode(rawValue: UInt8(bits & 0xF)))
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(try Int(reader.u16())) }
        for _ in 0..<counts[0] {
            questions.append(
                Question(name: try reader.name(), type: RRType(rawValue: try reader.u16()), rrClass: RRClass(rawValue: try reader.u16())))
        }
        answers = try reader.records(counts[1])
        authority = try reader.records(counts[2])
        additional = try reader.records(counts[3])
        guard reader.isAtEnd else { throw WireError(.trailingOctets, reader.offset) }
    }

    /// The message's octets, names uncompressed.
    public var wire: [UInt8] {
        var octets = id.octets + (flags.rawValue | UInt16(responseCode.rawValue)).octets
        for count in [questions.count, answers.count, authority.count, additional.count] {
            octets += UInt16(count).octets
        }
        for question in questions {
            octets += question.name.wire + question.type.rawValue.octets + question.rrClass.rawValue.octets
        }
        for record in answers + authority + additional {
            octets += record.owner.wire + record.type.rawValue.octets + record.rrClass.rawValue.octets + record.ttl.octets
            octets += UInt16(record.rdata.wire.count).octets + record.rdata.wire
        }
        return octets
    }
}

extension WireReader {
    /// A count is a claim: nothing is reserved for it, and the octets run out first.
    fileprivate mutating func records(_ count: Int) throws(WireError) -> [ResourceRecord] {
        var records: [ResourceRecord] = []
        for _ in 0..<count {
            let owner = try name()
            let type = RRType(rawValue: try u16())
            let rrClass = RRClass(rawValue: try u16())
            let ttl = try u32()
            var data = try split(Int(u16()))
            let rdata: RData
            if let fields = RDataLayout.fields(of: type) {
                var octets: [UInt8] = []
                for field in fields { try data.append(field, to: &octets, compression: true) }
                guard data.isAtEnd else { throw WireError(.lengthMismatch, data.offset) }
                rdata = RData(opaque: octets)
            } else {
                rdata = RData(opaque: Array(data.octets[data.takeRest()]))
            }
            records.append(ResourceRecord(owner: owner, type: type, rrClass: rrClass, ttl: ttl, rdata: rdata))
        }
        return records
    }
}
