/// Why octets or text are not data of a type.
public struct RDataError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Sendable {
        /// Octets that break the form of the type, or text of a type that can only be written
        /// as `\# LENGTH HEX` (RFC 3597 §5).
        case malformed = "malformed data"
        /// No record can hold it.
        case tooLong = "data over 65535 octets"
        /// The text ends before the type's last field.
        case missingField = "a field is missing"
        /// The text goes on behind the type's last field.
        case extraField = "a field too many"
        /// Not decimal digits, or a number over the field's limit.
        case badNumber = "not a number in range"
        /// Not an IPv4 address in four decimal numbers, or not an IPv6 address.
        case badAddress = "not an address"
        /// See ``NameError`` for what a name can have wrong.
        case badName = "not a domain name"
        /// Too long, or with a bad escape; also a tag of CAA that is not 1 to 255 letters and digits.
        case badString = "not a character-string of at most 255 octets"
        /// Something else than hexadecimal digits, or half an octet.
        case badHex = "not an even number of hexadecimal digits"
        /// Digits out of the alphabet, missing padding, or set bits that stand for nothing.
        case badBase64 = "not base64 with its padding"
        /// As with base64, but for the padding, which must not be there.
        case badBase32 = "not base32hex without padding"
        /// Neither a mnemonic nor `TYPE12345`.
        case badType = "not a record type"
        /// The time of a signature (RFC 4034 §3.2).
        case badTime = "not a time: YYYYMMDDHHmmSS or seconds"
        /// In LOC (RFC 1876 §3).
        case badLocation = "not a coordinate, altitude or size in range"
        /// In SVCB and HTTPS: a bad key or value (RFC 9460 §2.1).
        case badParameter = "not a service parameter, or not its form"
        /// In SVCB and HTTPS: each key may stand once.
        case repeatedParameter = "a service parameter given twice"
        /// In SVCB and HTTPS: a key that `mandatory` lists, or `alpn` for `no-default-alpn`.
        case inconsistentParameters = "a parameter that another one needs is missing"
        /// Behind `\#`, not as many octets as are said.
        case badLength = "the length does not match the data"
        /// Quotes or parentheses that do not match, a backslash at the end, or a second line.
        case badSyntax = "the text cannot be read"
    }

    /// What is wrong.
    public let code: Code
    /// The type that it should be data of.
    public let type: RRType
    /// The offending field's text, if text was parsed.
    public let field: String
    /// Where the offending field starts in the text, in octets; `nil` if it is not
    /// there or if octets were read.
    public let offset: Int?

    init(_ code: Code, _ type: RRType, field: String = "", offset: Int? = nil) {
        self.code = code
        self.type = type
        self.field = field
        self.offset = offset
    }

    init(_ code: Code, _ type: RRType, _ text: Span<UInt8>, _ field: TextField) {
        self.init(code, type, field: text.string(field), offset: field.start)
    }

    /// There is no presentation format but that of RFC 3597.
    static func noText(_ type: RRType, _ field: TextField?) -> RDataError {
        RDataError(.malformed, type, field: "write data of this type as \\# LENGTH HEX", offset: field?.start)
    }

    public var description: String {
        field.isEmpty ? "\(type): \(code.rawValue)" : "\(type): \(code.rawValue): '\(field)'"
    }
}
