/// Octets in base64 (RFC 4648 §4), padded, without line breaks.
///
/// Only the one canonical text of some octets is taken (RFC 4648 §3.5): bits that
/// stand for nothing are zero, and the padding is there.
enum Base64 {
    /// Appends the octets of digits that may be spread over several fields.
    static func append(
        _ text: Span<UInt8>, _ fields: some Sequence<TextField>, _ type: RRType, to octets: inout [UInt8]
    ) throws(RDataError) {
        var bits: UInt32 = 0
        var digits = 0, padding = 0
        var last: TextField?
        for field in fields {
            last = field
            for i in field.start..<field.end {
                if text[i] == UInt8(ascii: "=") {
                    padding += 1
                    guard padding + digits <= 4, digits >= 2 else { throw RDataError(.badBase64, type, text, field) }
                    continue
                }
                guard padding == 0, let value = value(text[i]) else { throw RDataError(.badBase64, type, text, field) }
                bits = bits << 6 | UInt32(value)
                digits += 1
                if digits == 4 {
                    octets.append(UInt8(truncatingIfNeeded: bits >> 16))
                    octets.append(UInt8(truncatingIfNeeded: bits >> 8))
                    octets.append(UInt8(truncatingIfNeeded: bits))
                    (bits, digits) = (0, 0)
                }
            }
        }
        guard let last, digits > 0 else { return }
        let unused = digits == 2 ? bits & 15 : bits & 3
        guard digits + padding == 4, unused == 0 else { throw RDataError(.badBase64, type, text, last) }
        octets.append(UInt8(truncatingIfNeeded: digits == 2 ? bits >> 4 : bits >> 10))
        if digits == 3 { octets.append(UInt8(truncatingIfNeeded: bits >> 2)) }
    }

    static func append(_ octets: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) {
        var at = range.lowerBound
        while at < range.upperBound {
            let count = min(3, range.upperBound - at)
            var bits: UInt32 = 0
            for i in 0..<3 { bits = bits << 8 | (i < count ? UInt32(octets[at + i]) : 0) }
            for i in 0..<4 {
                let value = UInt8(bits >> UInt32(18 - 6 * i) & 63)
                text.append(i <= count ? digit(value) : UInt8(ascii: "="))
            }
            at += count
        }
    }

    private static func digit(_ n: UInt8) -> UInt8 {
        switch n {
        case 0..<26: 0x41 + n
        case 26..<52: 0x61 + n - 26
        case 52..<62: 0x30 + n - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(_ c: UInt8) -> UInt8? {
        switch c {
        case 0x41...0x5A: c - 0x41
        case 0x61...0x7A: c - 0x61 + 26
        case 0x30...0x39: c - 0x30 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
