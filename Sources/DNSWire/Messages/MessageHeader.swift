/// The twelve octets that a message starts with (RFC 1035 §4.1.1).
///
/// For those who must answer, or obey a bit, even if the rest cannot be read.
public struct MessageHeader: Hashable, Sendable {
    /// Octets of the header: 12.
    public static let length = 12

    /// The asker's number for the request, the same in the answer.
    public let id: UInt16
    /// The kind of request.
    public let opcode: Opcode
    /// The header's bits, without opcode and response code.
    public let flags: Message.Flags
    /// The header's four bits; EDNS may say more.
    public let responseCode: ResponseCode
    /// Questions that the header claims; as with all counts, they need not be there.
    public let questionCount: UInt16
    /// Records that the header claims for the answer.
    public let answerCount: UInt16
    /// Records that the header claims for the authority section.
    public let authorityCount: UInt16
    /// Records that the header claims for the additional section, OPT and TSIG among them.
    public let additionalCount: UInt16

    /// Reads the header alone, and does not look at what follows.
    public init(_ octets: [UInt8]) throws(WireError) {
        var reader = WireReader(octets)
        id = try reader.u16()
        let bits = try reader.u16()
        opcode = Opcode(rawValue: UInt8(bits >> 11 & 0xF))
        flags = Message.Flags(rawValue: bits & Message.Flags.mask)
        responseCode = ResponseCode(rawValue: bits & 0xF)
        questionCount = try reader.u16()
        answerCount = try reader.u16()
        authorityCount = try reader.u16()
        additionalCount = try reader.u16()
    }

    /// The second pair of octets; a code over four bits gives its lower four.
    static func bits(_ opcode: Opcode, _ flags: Message.Flags, _ code: ResponseCode) -> UInt16 {
        flags.rawValue & Message.Flags.mask | UInt16(opcode.rawValue & 0xF) << 11 | code.rawValue & 0xF
    }
}

/// What kind of request a message is or answers (RFC 1035 §4.1.1): 0 to 15.
public struct Opcode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Asks for records.
    public static let query = Opcode(rawValue: 0)
    /// Tells a secondary that the zone has changed (RFC 1996).
    public static let notify = Opcode(rawValue: 4)
    /// Changes a zone (RFC 2136).
    public static let update = Opcode(rawValue: 5)
}

extension Opcode: CustomStringConvertible {
    public var description: String {
        switch self {
        case .query: "QUERY"
        case .notify: "NOTIFY"
        case .update: "UPDATE"
        default: "OPCODE\(rawValue)"
        }
    }
}

extension Message {
    /// The header's bits (RFC 1035 §4.1.1, RFC 4035 §3).
    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// QR: an answer and not a request.
        public static let response = Flags(rawValue: 0x8000)
        /// AA: from a server of the zone and not from a cache.
        public static let authoritative = Flags(rawValue: 0x0400)
        /// TC: what would not fit was left out.
        public static let truncated = Flags(rawValue: 0x0200)
        /// RD: the server is to ask others if it has to; an answer repeats it.
        public static let recursionDesired = Flags(rawValue: 0x0100)
        /// RA: the server asks others for those who want it.
        public static let recursionAvailable = Flags(rawValue: 0x0080)
        /// The bit that has no meaning yet; kept as it came.
        public static let reserved = Flags(rawValue: 0x0040)
        /// AD: the server holds all of it for authentic (RFC 4035 §3.2.3); in a query, the asker
        /// wants to know (RFC 6840 §5.7).
        public static let authenticData = Flags(rawValue: 0x0020)
        /// CD: the asker checks signatures itself (RFC 4035 §3.2.2).
        public static let checkingDisabled = Flags(rawValue: 0x0010)

        /// All of them: what is neither opcode nor response code.
        static let mask: UInt16 = 0x87F0
    }
}
