/// What came of a request (RFC 1035 §4.1.1, RFC 6895 §2.3).
///
/// Four bits in a header, twelve with EDNS (RFC 6891 §6.1.3), sixteen in TSIG.
public struct ResponseCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let noError = ResponseCode(rawValue: 0)
    public static let formatError = ResponseCode(rawValue: 1)
    public static let serverFailure = ResponseCode(rawValue: 2)
    public static let nameError = ResponseCode(rawValue: 3)
    public static let notImplemented = ResponseCode(rawValue: 4)
    public static let refused = ResponseCode(rawValue: 5)
    /// In updates: a name, or a set of records, exists that should not, or the reverse (RFC 2136 §2.2).
    public static let nameExists = ResponseCode(rawValue: 6)
    public static let setExists = ResponseCode(rawValue: 7)
    public static let setMissing = ResponseCode(rawValue: 8)
    /// The server is not authoritative (RFC 2136), or does not accept the signature (RFC 8945 §5.3.2).
    public static let notAuthoritative = ResponseCode(rawValue: 9)
    public static let notZone = ResponseCode(rawValue: 10)
    /// The EDNS version is not implemented (RFC 6891 §9). In TSIG, 16 is ``badSignature``.
    public static let badVersion = ResponseCode(rawValue: 16)
    /// In TSIG records only (RFC 8945 §3).
    public static let badSignature = ResponseCode(rawValue: 16)
    public static let badKey = ResponseCode(rawValue: 17)
    public static let badTime = ResponseCode(rawValue: 18)
    public static let badTruncation = ResponseCode(rawValue: 22)
    /// RFC 7873 §8.
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
