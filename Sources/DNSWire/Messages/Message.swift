/// A DNS message (RFC 1035 §4) with owned parts.
///
/// What it says of itself stands apart from its records: OPT and TSIG are ``edns``
/// and ``tsig``, not in ``additional``.
public struct Message: Equatable, Sendable {
    public var id: UInt16
    public var opcode: Opcode
    public var flags: Flags
    /// Codes over 15 need ``edns``: without it ``wire`` says SERVFAIL.
    public var responseCode: ResponseCode
    public var questions: [Question] = []
    public var answers: [ResourceRecord] = []
    public var authority: [ResourceRecord] = []
    public var additional: [ResourceRecord] = []
    public var edns: EDNS?
    /// As it came. It signs the octets of a message and not its content:
    /// ``TSIGClient`` and ``TSIGServer`` make and check it.
    public var tsig: TSIG?

    public init(id: UInt16, opcode: Opcode = .query, flags: Flags = [], responseCode: ResponseCode = .noError) {
        self.id = id
        self.opcode = opcode
        self.flags = flags
        self.responseCode = responseCode
    }

    /// A query of class IN.
    public static func query(_ name: Name, _ type: RRType, id: UInt16, recursionDesired: Bool) -> Message {
        var message = Message(id: id, flags: recursionDesired ? .recursionDesired : [])
        message.questions = [Question(name: name, type: type)]
        return message
    }

    /// Where records are, in the order of the wire; the numbers count from the questions.
    public enum Section: Int, Sendable {
        case answer = 1
        case authority = 2
        case additional = 3
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
