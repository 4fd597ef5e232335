/// The backslash escapes of master files (RFC 1035 §5.1).
enum Escape {
    /// Reads what follows a backslash, `DDD` (decimal, at most 255) or one octet,
    /// and moves `at` behind it; `nil` if the escape is broken.
    static func next(_ text: Span<UInt8>, _ at: inout Int, _ end: Int) -> UInt8? {
        guard at < end else { return nil }
        let first = text[at]
        at += 1
        guard first >= 0x30, first <= 0x39 else { return first }
        guard at + 1 < end else { return nil }
        let tens = text[at] &- 0x30, ones = text[at + 1] &- 0x30
        guard tens < 10, ones < 10 else { return nil }
        at += 2
        return UInt8(exactly: Int(first - 0x30) * 100 + Int(tens) * 10 + Int(ones))
    }

    /// Appends the octets that a field with escapes stands for; `false` if an escape is broken.
    static func decode(_ text: Span<UInt8>, _ field: TextField, to octets: inout [UInt8]) -> Bool {
        var at = field.start
        while at < field.end {
            let octet = text[at]
            at += 1
            if octet == UInt8(ascii: "\\") {
                guard let escaped = next(text, &at, field.end) else { return false }
                octets.append(escaped)
            } else {
                octets.append(octet)
            }
        }
        return true
    }

    /// Appends `octet`, escaped if it is `special` or not printable ASCII.
    @inline(__always)
    static func append(_ octet: UInt8, to text: inout [UInt8], special: (UInt8) -> Bool) {
        if octet < 0x20 || octet > 0x7E || (octet == 0x20 && special(0x20)) {
            text.append(UInt8(ascii: "\\"))
            text.append(0x30 + octet / 100)
            text.append(0x30 + octet / 10 % 10)
            text.append(0x30 + octet % 10)
        } else {
            if special(octet) { text.append(UInt8(ascii: "\\")) }
            text.append(octet)
        }
    }

    static func inName(_ c: UInt8) -> Bool {
        switch c {
        case 0x20, UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: ";"), UInt8(ascii: "@"), UInt8(ascii: "$"):
            true
        default: false
        }
    }

    static func inQuotes(_ c: UInt8) -> Bool { c == UInt8(ascii: "\\") || c == UInt8(ascii: "\"") }
}
