/// A DNS message (RFC 1035 §4) with owned parts.
///
/// What it says of itself stands apart from its records: OPT and TSIG are ``edns``
/// and ``tsig``, not in ``additional``.
public struct Message: Equatable, Sendable {
    /// The asker's number for the request, the same in the answer. Over UDP nobody should be
    /// able to guess it (RFC 5452 §9.2).
    public var id: UInt16
    /// The kind of request; an answer has that of its request.
    public var opcode: Opcode
    /// The header's bits, without opcode and response code.
    public var flags: Flags
    /// Codes over 15 need ``edns``: without it ``wire`` says SERVFAIL.
    public var responseCode: ResponseCode
    /// What is asked, and the same in the answer: one question in a query (RFC 9619), in an
    /// update the zone (RFC 2136 §2.3).
    public var questions: [Question] = []
    /// What answers the question; in updates the prerequisites (RFC 2136 §2.4).
    public var answers: [ResourceRecord] = []
    /// The servers of the zone, or its SOA if the answer says no (RFC 2308 §3); in updates
    /// what is to change (RFC 2136 §2.5).
    public var authority: [ResourceRecord] = []
    /// What may be of use besides, such as addresses of names in other sections. Without OPT
    /// and TSIG.
    public var additional: [ResourceRecord] = []
    /// The OPT record; `nil` for none. An answer has one only if its request had (RFC 6891 §7).
    public var edns: EDNS?
    /// As it came. It signs the octets of a message and not its content:
    /// ``TSIGClient`` and ``TSIGServer`` make and check it.
    public var tsig: TSIG?

    /// A message without questions and records, and without EDNS.
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
        /// ANSWER; in updates the prerequisites.
        case answer = 1
        /// AUTHORITY; in updates what is to change.
        case authority = 2
        /// ADDITIONAL.
        case additional = 3
    }
}

/// What is asked (RFC 1035 §4.1.2).
public struct Question: Hashable, Sendable {
    /// The name whose records are asked for; in updates the zone.
    public var name: Name
    /// The type asked for; also ANY, AXFR and IXFR, that no record has.
    public var type: RRType
    /// The class asked for; may be ANY.
    public var rrClass: RRClass

    /// By default of class IN.
    public init(name: Name, type: RRType, rrClass: RRClass = .in) {
        self.name = name
        self.type = type
        self.rrClass = rrClass
    }
}

/// A record: data of one type at a name (RFC 1035 §4.1.3).
public struct ResourceRecord: Hashable, Sendable {
    /// The name that the record is at.
    public var owner: Name
    /// What the data is.
    public var type: RRType
    /// The class; in updates also NONE and ANY (RFC 2136 §2.4, §2.5).
    public var rrClass: RRClass
    /// How long the record may be kept, in seconds; 0 to 2³¹ − 1 (RFC 2181 §8).
    public var ttl: UInt32
    /// The data, names in it uncompressed. Nothing here checks that it has the form of ``type``:
    /// ``RData/init(wire:type:)`` does.
    public var rdata: RData

    /// By default of class IN; takes the fields as they are.
    public init(owner: Name, type: RRType, rrClass: RRClass = .in, ttl: UInt32, rdata: RData) {
        self.owner = owner
        self.type = type
        self.rrClass = rrClass
        self.ttl = ttl
        self.rdata = rdata
    }
}
