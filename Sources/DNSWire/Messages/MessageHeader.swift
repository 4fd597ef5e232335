/// The twelve octets that a message starts with (RFC 1035 §4.1.1).
///
/// For those who must answer, or obey a bit, even if the rest cannot be read.
public struct MessageHeader: Hashable, Sendable {
    public static let length = 12

    public let id: UInt16
    public let opcode: Opcode
    public let flags: Message.Flags
    /// The header's four bits; EDNS may say more.
    public let responseCode: ResponseCode
    public let questionCount: UInt16
    public let answerCount: UInt16
    public let authorityCount: UInt16
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

    public static let query = Opcode(rawValue: 0)
    /// RFC 1996.
    public static let notify = Opcode(rawValue: 4)
    /// RFC 2136.
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

        /// QR.
        public static let response = Flags(rawValue: 0x8000)
        /// AA.
        public static let authoritative = Flags(rawValue: 0x0400)
        /// TC: what would not fit was left out.
        public static let truncated = Flags(rawValue: 0x0200)
        /// RD.
        public static let recursionDesired = Flags(rawValue: 0x0100)
        /// RA.
        public static let recursionAvailable = Flags(rawValue: 0x0080)
        /// The bit that has no meaning yet; kept as it came.
        public static let reserved = Flags(rawValue: 0x0040)
        /// AD.
        public static let authenticData = Flags(rawValue: 0x0020)
        /// CD.
        public static let checkingDisabled = Flags(rawValue: 0x0010)

        /// All of them: what is neither opcode nor response code.
        static let mask: UInt16 = 0x87F0
    }
}
