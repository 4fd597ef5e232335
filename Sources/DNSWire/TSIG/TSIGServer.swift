/// Signs the answer to a request whose signature was good (RFC 8945 §5.3).
///
/// There is no clock in it: times are seconds since 1970 that the caller gives.
public struct TSIGServer: Sendable {
    /// The request's key, which signs the answer.
    public let key: TSIGKey
    private let fudge: UInt16
    private var prior: [UInt8]
    private var isFirst = true

    /// What a request is worth.
    public enum Request: Sendable {
        /// Without a TSIG record: whether it may ask so is for the caller to say.
        case unsigned
        /// By this key: ``TSIGServer/key``.
        case signed(TSIGServer)
        /// With a signature that is not accepted: nothing in the request may be obeyed.
        case refused(TSIGRefusal)
    }

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - request: the message, as it came.
    ///   - now: seconds since 1970.
    ///   - keys: the key of a name; `nil` for a name that has none.
    public static func receive(_ request: MessageView, at now: UInt64, keys: (Name) -> TSIGKey?) -> Request {
        guard let tsig = request.tsig, let start = request.tsigRecord?.range.lowerBound else { return .unsigned }
        guard let key = keys(tsig.keyName) else { return .refused(TSIGRefusal(.badKey, tsig, nil, now)) }
        var digest = TSIGDigest(key, prior: nil)
        digest.add(request, signedBy: tsig, at: start)
        digest.add(tsig, timersOnly: false)
        do throws(TSIGError) {
            try key.check(tsig, digest, at: now)
            return .signed(TSIGServer(key, tsig))
        } catch {
            return .refused(TSIGRefusal(error, tsig, key, now))
        }
    }

    private init(_ key: TSIGKey, _ request: TSIG) {
        self.key = key
        fudge = request.fudge
        prior = request.mac
    }

    /// Puts a TSIG record to the next message of the answer; each of them has one.
    ///
    /// - Throws: ``TSIGError/unsignable``.
    public mutating func sign(_ response: inout [UInt8], at time: UInt64) throws(TSIGError) {
        guard response.count >= MessageHeader.length else { throw .unsignable }
        let record = key.record(at: time, fudge: fudge, id: response.u16(at: 0))
        prior = try key.sign(&response, record, TSIGDigest(key, prior: prior), timersOnly: !isFirst)
        isFirst = false
    }
}

/// A request whose signature is not accepted, and what is answered (RFC 8945 §5.3.2).
public struct TSIGRefusal: Error, Sendable {
    /// What is wrong with the signature.
    public let error: TSIGError
    private let request: TSIG
    private let key: TSIGKey?
    private let time: UInt64

    init(_ error: TSIGError, _ request: TSIG, _ key: TSIGKey?, _ time: UInt64) {
        self.error = error
        self.request = request
        self.key = key
        self.time = time
    }

    /// The response code of the answer: NOTAUTH, or FORMERR for a malformed record.
    public var responseCode: ResponseCode { error.code == nil ? .formatError : .notAuthoritative }

    /// The answer: header, question, and the record that says what is wrong.
    public func answer(to request: MessageView) -> [UInt8] {
        var answer = Message(
            id: request.id, opcode: request.opcode,
            flags: request.flags.intersection(.recursionDesired).union(.response), responseCode: responseCode)
        answer.questions = request.questions.map(\.question)
        if request.edns != nil { answer.edns = EDNS() }
        var wire = answer.wire
        // Without room for the record, which is hardly possible, the code must do.
        try? sign(&wire)
        return wire
    }

    /// Puts the TSIG record to an answer: none for a malformed request, one without a
    /// MAC if key or signature are bad, for else anybody could have things signed.
    public func sign(_ response: inout [UInt8]) throws(TSIGError) {
        guard let code = error.code else { return }
        guard response.count >= MessageHeader.length else { throw .unsignable }
        var record = request
        record.mac = []
        record.originalID = response.u16(at: 0)
        record.error = code
        record.other = []
        switch error {
        // The client's own time, so that it accepts the record and reads ours in it.
        case .badTime: record.other = TSIG.octets(ofTime: time)
        case .badTruncation: record.time = time
        default: return try record.put(to: &response)
        }
        guard let key else { return }
        _ = try key.sign(&response, record, TSIGDigest(key, prior: request.mac))
    }
}
