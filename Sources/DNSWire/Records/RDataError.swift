/// Why octets or text are not data of a type.
public struct RDataError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case malformed = "malformed data"
        case tooLong = "data over 65535 octets"
        case missingField = "a field is missing"
        case extraField = "a field too many"
        case badNumber = "not a number in range"
        case badAddress = "not an address"
        case badName = "not a domain name"
        case badString = "not a character-string of at most 255 octets"
        case badHex = "not an even number of hexadecimal digits"
        case badBase64 = "not base64 with its padding"
        case badBase32 = "not base32hex without padding"
        case badType = "not a record type"
        case badTime = "not a time: YYYYMMDDHHmmSS or seconds"
        case badLocation = "not a coordinate, altitude or size in range"
        case badParameter = "not a service parameter, or not its form"
        case repeatedParameter = "a service parameter given twice"
        case inconsistentParameters = "a parameter that another one needs is missing"
        case badLength = "the length does not match the data"
        case badSyntax = "the text cannot be read"
    }

    public let code: Code
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
