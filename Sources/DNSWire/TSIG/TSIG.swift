/// A TSIG record (RFC 8945 §4): a keyed hash over the message that it ends.
public struct TSIG: Hashable, Sendable {
    /// What both sides call the key: the record's owner.
    public var keyName: Name
    /// The hash, as a name, such as `hmac-sha256.`; see ``TSIGAlgorithm``.
    public var algorithm: Name
    /// When it was signed: seconds since 1970, 48 bits.
    public var time: UInt64
    /// Seconds by which the clocks of both sides may differ.
    public var fudge: UInt16
    /// Empty if an error leaves nothing to sign with.
    public var mac: [UInt8]
    /// The id that was signed, whatever forwarders made of it.
    public var originalID: UInt16
    /// In answers, what the server found wrong with the request's signature (RFC 8945 §5.2).
    public var error: ResponseCode
    /// With BADTIME the server's time in 48 bits, else empty.
    public var other: [UInt8]

    /// Takes the fields as they are, and signs nothing.
    public init(
        keyName: Name, algorithm: Name, time: UInt64, fudge: UInt16, mac: [UInt8], originalID: UInt16,
        error: ResponseCode = .noError, other: [UInt8] = []
    ) {
        self.keyName = keyName
        self.algorithm = algorithm
        self.time = time
        self.fudge = fudge
        self.mac = mac
        self.originalID = originalID
        self.error = error
        self.other = other
    }

    /// Octets of the whole record.
    var length: Int { Self.fixedLength + keyName.wire.count + algorithm.wire.count + mac.count + other.count }

    /// Octets without names, MAC and other data.
    static let fixedLength = 26

    /// Appends the record; the caller has seen that its length fits.
    func append(to wire: inout [UInt8]) {
        wire.append(contentsOf: keyName.wire)
        wire.append(network: RRType.tsig.rawValue)
        wire.append(network: RRClass.any.rawValue)
        wire.append(network: 0 as UInt32)
        wire.append(network: UInt16(length - keyName.wire.count - 10))
        wire.append(contentsOf: algorithm.wire)
        wire.append(contentsOf: timers)
        wire.append(network: UInt16(mac.count))
        wire.append(contentsOf: mac)
        wire.append(network: originalID)
        wire.append(network: error.rawValue)
        wire.append(network: UInt16(other.count))
        wire.append(contentsOf: other)
    }

    /// Time and fudge as they are sent and signed.
    var timers: [UInt8] { Self.octets(ofTime: time) + fudge.octets }

    /// 48 bits of a time.
    static func octets(ofTime time: UInt64) -> [UInt8] { Array(time.octets.dropFirst(2)) }
}

extension MessageView {
    /// The TSIG record, if there is one.
    public var tsig: TSIG? {
        guard let record = tsigRecord else { return nil }
        var reader = record.reader
        // It could be read when the message was checked.
        return try! reader.tsig(keyName: record.owner.name)
    }
}

extension WireReader {
    /// Steps over the data of a TSIG record, to the end.
    mutating func checkTSIG() throws(WireError) {
        try walkName(compression: false)
        try take(8)
        try take(Int(u16()))
        try take(4)
        try take(Int(u16()))
        guard isAtEnd else { throw WireError(.lengthMismatch, offset) }
    }

    fileprivate mutating func tsig(keyName: Name) throws(WireError) -> TSIG {
        TSIG(
            keyName: keyName, algorithm: try name(compression: false), time: try u48(), fudge: try u16(),
            mac: Array(octets[try take(Int(u16()))]), originalID: try u16(), error: ResponseCode(rawValue: try u16()),
            other: Array(octets[try take(Int(u16()))]))
    }
}
