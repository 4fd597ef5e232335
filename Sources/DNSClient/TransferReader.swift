internal import DNSWire

/// Why the messages of a transfer are not a zone.
struct TransferFault: Error {
    var code: TransferError.Code
    var message: String
    var responseCode: ResponseCode?

    init(_ code: TransferError.Code, _ message: String, _ responseCode: ResponseCode? = nil) {
        self.code = code
        self.message = message
        self.responseCode = responseCode
    }
}

/// The client's side of an AXFR (RFC 5936 §2): makes the request and checks message after
/// message of its answer. No I/O and no clock.
struct TransferReader {
    private let zone: Name
    private let mostRecords: Int
    private var tsig: TSIGClient?
    private var id: UInt16 = 0
    private var first: ResourceRecord?
    private var count = 0
    /// What no signature has vouched for yet.
    private var pending: [ResourceRecord] = []
    private var hasEnded = false

    init(zone: Name, key: TSIGKey?, mostRecords: Int) {
        self.zone = zone
        self.mostRecords = mostRecords
        tsig = key.map { TSIGClient($0) }
    }

    /// Whether the closing SOA has come, and all of it is authentic.
    var isComplete: Bool { hasEnded && pending.isEmpty && tsig?.isAuthentic != false }

    mutating func request(id: UInt16, at time: UInt64) throws(TransferFault) -> [UInt8] {
        self.id = id
        guard var octets = Message.query(zone, .axfr, id: id, recursionDesired: false).wholeWire else {
            throw TransferFault(.malformed, "no message can ask for \(zone)")
        }
        do {
            try tsig?.sign(&octets, at: time)
        } catch {
            throw TransferFault(.badSignature, "\(error)")
        }
        return octets
    }

    /// The records that are certain with this message; none if a signature is still to come.
    mutating func take(_ octets: [UInt8], at now: UInt64) throws(TransferFault) -> [ResourceRecord] {
        let view: MessageView
        do {
            view = try MessageView(octets)
        } catch {
            throw TransferFault(.malformed, "\(error)")
        }
        guard view.id == id, view.flags.contains(.response), view.opcode == .query else {
            throw TransferFault(.malformed, "an answer to another query")
        }
        let isVouchedFor = try verify(view, now)
        guard view.responseCode == .noError else { throw Self.fault(view.responseCode) }
        try check(view)
        try takeAnswers(view)
        guard isVouchedFor else { return [] }
        defer { pending = [] }
        return pending
    }

    private mutating func verify(_ view: MessageView, _ now: UInt64) throws(TransferFault) -> Bool {
        guard tsig != nil else { return true }
        do {
            return try tsig!.receive(view, at: now)
        } catch {
            switch error {
            case .refused(let code, _, _):
                throw TransferFault(.notAuthoritative, "the server does not take the signature: \(code)", code)
            // A server without our key cannot sign that it refuses; and nothing is believed of what it says.
            case .unsigned where view.responseCode != .noError: throw Self.fault(view.responseCode)
            default: throw TransferFault(.badSignature, "TSIG: \(error)")
            }
        }
    }

    private static func fault(_ code: ResponseCode) -> TransferFault {
        switch code {
        case .refused: TransferFault(.refused, "the server refuses the transfer", code)
        case .notAuthoritative: TransferFault(.notAuthoritative, "the server is not authoritative for the zone", code)
        default: TransferFault(.failed, "the server answers \(code)", code)
        }
    }

    /// Later messages may leave the question out (RFC 5936 §2.2.1).
    private func check(_ view: MessageView) throws(TransferFault) {
        guard !view.flags.contains(.truncated) else { throw TransferFault(.malformed, "a message that is cut") }
        var questions = view.questions
        if let question = questions.next() {
            guard question.name == zone, question.type == .axfr, question.rrClass == .in, questions.next() == nil else {
                throw TransferFault(.malformed, "an answer to another question")
            }
        } else if first == nil {
            throw TransferFault(.malformed, "the first message has no question")
        }
        guard !hasEnded else {
            guard view.answers.count == 0 else { throw TransferFault(.malformed, "records behind the closing SOA") }
            return
        }
        guard view.answers.count > 0 else { throw TransferFault(.malformed, "a message without records") }
    }

    private mutating func takeAnswers(_ view: MessageView) throws(TransferFault) {
        for record in Message(view).answers {
            guard !hasEnded else { throw TransferFault(.malformed, "records behind the closing SOA") }
            guard record.rrClass == .in, record.owner.isWithin(zone) else {
                throw TransferFault(.malformed, "\(record.owner) \(record.type) is not of the zone")
            }
            guard let first else {
                guard record.type == .soa, record.owner == zone else {
                    throw TransferFault(.malformed, "it begins with \(record.owner) \(record.type), not with the zone's SOA")
                }
                first = record
                try add(record)
                continue
            }
            if record.type == .soa {
                guard record == first else {
                    throw TransferFault(
                        .malformed, record.owner == zone ? "it ends with another SOA than it begins with" : "\(record.owner) has an SOA")
                }
                hasEnded = true
            } else {
                try add(record)
            }
        }
    }

    private mutating func add(_ record: ResourceRecord) throws(TransferFault) {
        count += 1
        guard count <= mostRecords else { throw TransferFault(.tooLarge, "the zone has more than \(mostRecords) records") }
        pending.append(record)
    }
}
