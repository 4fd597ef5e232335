/// Octets in hexadecimal (RFC 4648 §8): either case in, lower case out.
enum Hex {
    static func append(_ octets: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) {
        func digit(_ n: UInt8) -> UInt8 { n < 10 ? 0x30 + n : 0x57 + n }
        for i in range {
            text.append(digit(octets[i] >> 4))
            text.append(digit(octets[i] & 15))
        }
    }

    /// Appends the octets of digits that may be spread over several fields.
    static func append(
        _ text: Span<UInt8>, _ fields: some Sequence<TextField>, _ type: RRType, to octets: inout [UInt8]
    ) throws(RDataError) {
        var high: UInt8?
        for field in fields {
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
        if high != nil { throw RDataError(.badHex, type) }
    }

    private static func value(_ c: UInt8) -> UInt8? {
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
