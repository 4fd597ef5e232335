/// The key of a service parameter (RFC 9460 §14.3).
public struct SvcParamKey: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Keys a client must know to use the record (RFC 9460 §8).
    public static let mandatory = SvcParamKey(rawValue: 0)
    /// Application protocols (RFC 9460 §7.1).
    public static let alpn = SvcParamKey(rawValue: 1)
    /// The scheme's default protocol is not offered (RFC 9460 §7.1).
    public static let noDefaultALPN = SvcParamKey(rawValue: 2)
    /// RFC 9460 §7.2.
    public static let port = SvcParamKey(rawValue: 3)
    /// RFC 9460 §7.3.
    public static let ipv4Hint = SvcParamKey(rawValue: 4)
    /// Keys for Encrypted ClientHello (RFC 9848).
    public static let ech = SvcParamKey(rawValue: 5)
    /// RFC 9460 §7.3.
    public static let ipv6Hint = SvcParamKey(rawValue: 6)
    /// The URI template of DNS over HTTPS (RFC 9461 §5).
    public static let dohPath = SvcParamKey(rawValue: 7)
    /// The service is an oblivious HTTP target (RFC 9540 §3).
    public static let ohttp = SvcParamKey(rawValue: 8)

    private static let names: [StaticString] = [
        "MANDATORY", "ALPN", "NO-DEFAULT-ALPN", "PORT", "IPV4HINT", "ECH", "IPV6HINT", "DOHPATH", "OHTTP",
    ]

    /// Whether an octet may stand in a key (RFC 9460 §2.1).
    static func isCharacter(_ c: UInt8) -> Bool {
        (0x61...0x7A).contains(c) || (0x30...0x39).contains(c) || c == UInt8(ascii: "-")
    }

    /// Parses a key; `isNumber` says whether it is in the form `key12345`.
    init?(_ text: Span<UInt8>, _ field: TextField, isNumber: inout Bool) {
        for i in field.start..<field.end where !Self.isCharacter(text[i]) { return nil }
        isNumber = false
        if let known = Self.names.firstIndex(where: { text.matches(field, $0) }) {
            rawValue = UInt16(known)
            return
        }
        let digits = TextField(start: field.start + 3, end: field.end, isQuoted: false)
        let prefix = TextField(start: field.start, end: field.start + 3, isQuoted: false)
        guard field.count > 3, text.matches(prefix, "KEY"), let number = text.decimal(digits, limit: 65_535),
            digits.count == 1 || text[digits.start] != 0x30
        else { return nil }
        isNumber = true
        rawValue = UInt16(number)
    }

    func appendText(to text: inout [UInt8]) {
        if rawValue < Self.names.count {
            Self.names[Int(rawValue)].withUTF8Buffer { text.append(contentsOf: $0.lazy.map(ASCII.lower)) }
        } else {
            text.append(ascii: "key")
            text.append(decimal: rawValue)
        }
    }
}

extension SvcParamKey: CustomStringConvertible {
    public var description: String {
        var text: [UInt8] = []
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension SvcParamKey: Comparable {
    public static func < (a: SvcParamKey, b: SvcParamKey) -> Bool { a.rawValue < b.rawValue }
}
