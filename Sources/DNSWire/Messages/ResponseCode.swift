/// What came of a request (RFC 1035 §4.1.1, RFC 6895 §2.3).
///
/// Four bits in a header, twelve with EDNS (RFC 6891 §6.1.3), sixteen in TSIG.
public struct ResponseCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// NOERROR: it was done. To a query, the name exists, even if the answer is empty (RFC 2308 §2.2).
    public static let noError = ResponseCode(rawValue: 0)
    /// FORMERR: the server cannot read the request.
    public static let formatError = ResponseCode(rawValue: 1)
    /// SERVFAIL: the server has trouble of its own; another may know more.
    public static let serverFailure = ResponseCode(rawValue: 2)
    /// NXDOMAIN: there is no such name (RFC 2308 §2.1).
    public static let nameError = ResponseCode(rawValue: 3)
    /// NOTIMP: the server does not know this kind of request.
    public static let notImplemented = ResponseCode(rawValue: 4)
    /// REFUSED: the server's rules forbid it to answer, or to do so for this asker.
    public static let refused = ResponseCode(rawValue: 5)
    /// YXDOMAIN: in updates, a name exists that must not (RFC 2136 §2.2).
    public static let nameExists = ResponseCode(rawValue: 6)
    /// YXRRSET: in updates, a set of records exists that must not.
    public static let setExists = ResponseCode(rawValue: 7)
    /// NXRRSET: in updates, a set of records does not exist that must.
    public static let setMissing = ResponseCode(rawValue: 8)
    /// NOTAUTH: the server is not authoritative (RFC 2136 §2.2), or does not accept the signature
    /// (RFC 8945 §5.3.2).
    public static let notAuthoritative = ResponseCode(rawValue: 9)
    /// NOTZONE: in updates, a name is not within the zone.
    public static let notZone = ResponseCode(rawValue: 10)
    /// The EDNS version is not implemented (RFC 6891 §9). In TSIG, 16 is ``badSignature``.
    public static let badVersion = ResponseCode(rawValue: 16)
    /// BADSIG: in TSIG records only, the MAC is wrong (RFC 8945 §5.2.2).
    public static let badSignature = ResponseCode(rawValue: 16)
    /// BADKEY: in TSIG records only, the server does not have the key (RFC 8945 §5.2.1).
    public static let badKey = ResponseCode(rawValue: 17)
    /// BADTIME: in TSIG records only, the clocks differ by more than the fudge (RFC 8945 §5.2.3).
    public static let badTime = ResponseCode(rawValue: 18)
    /// BADTRUNC: in TSIG records only, the MAC is cut shorter than the server accepts
    /// (RFC 8945 §5.2.4).
    public static let badTruncation = ResponseCode(rawValue: 22)
    /// BADCOOKIE: the server wants its own cookie back (RFC 7873 §5.2.3, §5.2.4); ask again with the
    /// one that comes along.
    public static let badCookie = ResponseCode(rawValue: 23)
}

extension ResponseCode: CustomStringConvertible {
    private static let mnemonics: [UInt16: String] = [
        0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN",
        7: "YXRRSET", 8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 16: "BADVERS", 17: "BADKEY", 18: "BADTIME",
        22: "BADTRUNC", 23: "BADCOOKIE",
    ]

    /// The IANA mnemonic; 16 is BADVERS here, whatever TSIG means by it.
    public var description: String { Self.mnemonics[rawValue] ?? "RCODE\(rawValue)" }
}
