/// Octets in hexadecimal (RFC 4648 §8): either case in, lower case out.
enum Hex {
    static func append(_ octets: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) {
        for i in range { append(octets[i], to: &text) }
    }

    /// Appends the two digits of an octet.
    static func append(_ octet: UInt8, to text: inout [UInt8]) {
        text.append(digit(octet >> 4))
        text.append(digit(octet & 15))
    }

    /// Appends the octets of digits that may be spread over several fields.
    static func append(
        _ text: Span<UInt8>, _ fields: some Sequence<TextField>, _ type: RRType, to octets: inout [UInt8]
    ) throws(RDataError) {
        var high: UInt8?
        var last: TextField?
        for field in fields {
            last = field
            for i in field.start..<field.end {
                guard let digit = value(text[i]) else { throw RDataError(.badHex, type, text, field) }
                if let upper = high {
                    octets.append(upper << 4 | digit)
                    high = nil
                } else {
                    high = digit
                }
            }
        }
        if high != nil, let last { throw RDataError(.badHex, type, text, last) }
    }

    /// Appends the octets of pairs of digits with dashes between them, `count` of them
    /// (RFC 7043 §3.2); returns whether the field was that.
    static func appendDashed(_ text: Span<UInt8>, _ field: TextField, count: Int, to octets: inout [UInt8]) -> Bool {
        guard field.count == 3 * count - 1 else { return false }
        for i in 0..<count {
            let at = field.start + 3 * i
            guard let high = value(text[at]), let low = value(text[at + 1]) else { return false }
            guard i == count - 1 || text[at + 2] == UInt8(ascii: "-") else { return false }
            octets.append(high << 4 | low)
        }
        return true
    }

    static func digit(_ n: UInt8) -> UInt8 { n < 10 ? 0x30 + n : 0x57 + n }

    static func value(_ c: UInt8) -> UInt8? {
        switch c {
        case 0x30...0x39: c - 0x30
        case 0x41...0x46: c - 0x37
        case 0x61...0x66: c - 0x57
        default: nil
        }
    }

    static func encode(_ octets: [UInt8]) -> String {
        var text: [UInt8] = []
        append(octets, octets.indices, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The octets of a text of digits alone.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        var octets: [UInt8] = []
        let whole = TextField(start: 0, end: digits.count, isQuoted: false)
        do { try append(digits.span, CollectionOfOne(whole), .any, to: &octets) } catch { return nil }
        return octets
    }
}
