/// Signs a request and checks what is answered to it (RFC 8945 §5), one message or
/// the many of a zone transfer.
///
/// There is no clock in it: times are seconds since 1970 that the caller gives.
/// A message that is refused changes nothing, so that a client may drop it and wait
/// for the one that somebody else may have forged it against.
public struct TSIGClient: Sendable {
    /// Signs the request, and must have signed the answer.
    public let key: TSIGKey
    private let fudge: UInt16

    /// Over all that came since the last signature, that one included.
    private var digest: TSIGDigest
    private var isFirst = true
    private var unsigned = 0

    /// How many messages may follow each other without a signature (RFC 8945 §5.3.1).
    public static let mostUnsigned = 99

    /// - Parameters:
    ///   - key: signs the request, and must have signed the answer.
    ///   - fudge: seconds by which the server's clock may differ (RFC 8945 §10 advises 300).
    public init(_ key: TSIGKey, fudge: UInt16 = 300) {
        self.key = key
        self.fudge = fudge
        digest = TSIGDigest(key, prior: nil)
    }

    /// Puts a TSIG record to a request and starts over, ready for its answer.
    ///
    /// - Throws: ``TSIGError/unsignable``.
    public mutating func sign(_ request: inout [UInt8], at time: UInt64) throws(TSIGError) {
        guard let view = try? MessageView(request), view.tsigRecord == nil else { throw .unsignable }
        let record = key.record(at: time, fudge: fudge, id: request.u16(at: 0))
        let mac = try key.sign(&request, record, TSIGDigest(key, prior: nil))
        digest = TSIGDigest(key, prior: mac)
        isFirst = true
        unsigned = 0
    }

    /// Takes the next message of the answer. Whether its id and question are those of
    /// the request is for the caller to see: the id is not signed as it came.
    ///
    /// - Returns: whether this message, and all before it, are authentic; if not, a
    ///   message still to come has to vouch for them.
    public mutating func receive(_ message: MessageView, at now: UInt64) throws(TSIGError) -> Bool {
        guard let tsig = message.tsig, let start = message.tsigRecord?.range.lowerBound else {
            guard !isFirst else { throw .unsigned }
            guard unsigned < Self.mostUnsigned else { throw .tooManyUnsigned }
            digest.add(message.octets)
            unsigned += 1
            return false
        }
        guard !tsig.mac.isEmpty || tsig.error == .noError else {
            throw .refused(tsig.error, isAuthentic: false, serverTime: nil)
        }
        var whole = digest
        whole.add(message, signedBy: tsig, at: start)
        whole.add(tsig, timersOnly: !isFirst)
        try key.check(tsig, whole, at: now)
        guard tsig.error == .noError else {
            let time = tsig.other.count == 6 ? tsig.other.reduce(0) { $0 << 8 | UInt64($1) } : nil
            // Later in a stream the error is not among what is signed.
            throw .refused(tsig.error, isAuthentic: isFirst, serverTime: isFirst ? time : nil)
        }
        digest = TSIGDigest(key, prior: tsig.mac)
        isFirst = false
        unsigned = 0
        return true
    }

    /// Whether all that was received is authentic. At the end of an answer it must be.
    public var isAuthentic: Bool { !isFirst && unsigned == 0 }
}
