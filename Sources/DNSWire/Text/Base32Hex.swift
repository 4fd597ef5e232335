/// Octets in base32 with the extended hex alphabet (RFC 4648 §7), unpadded, as hashed
/// names are written (RFC 5155 §3.3): either case in, lower case out.
enum Base32Hex {
    /// Appends the octets of one field and returns whether it was canonical base32hex.
    static func append(_ text: Span<UInt8>, _ field: TextField, to octets: inout [UInt8]) -> Bool {
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for i in field.start..<field.end {
            guard let value = value(text[i]) else { return false }
            bits = bits << 5 | UInt32(value)
            held += 5
            if held >= 8 {
                held -= 8
                octets.append(UInt8(truncatingIfNeeded: bits >> held))
                bits &= 1 << held - 1
            }
        }
        // A whole digit too many, or bits that stand for nothing.
        return held < 5 && bits == 0
    }

    static func append(_ octets: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) {
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for i in range {
            bits = bits << 8 | UInt32(octets[i])
            held += 8
            while held >= 5 {
                held -= 5
                text.append(digit(UInt8(bits >> held & 31)))
            }
            bits &= 1 << held - 1
        }
        if held > 0 { text.append(digit(UInt8(bits << (5 - held) & 31))) }
    }

    private static func digit(_ n: UInt8) -> UInt8 { n < 10 ? 0x30 + n : 0x57 + n }

    private static func value(_ c: UInt8) -> UInt8? {
        switch c {
        case 0x30...0x39: c - 0x30
        case 0x41...0x56: c - 0x37
        case 0x61...0x76: c - 0x57
        default: nil
        }
    }
}
