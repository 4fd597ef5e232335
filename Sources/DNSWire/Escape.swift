/// The backslash escapes of master files (RFC 1035 §5.1).
enum Escape {
    /// Reads what follows a backslash: `DDD` (decimal, at most 255) or one octet.
    static func next(_ bytes: inout some IteratorProtocol<UInt8>) -> UInt8? {
        guard let first = bytes.next() else { return nil }
        guard let hundreds = digit(first) else { return first }
        guard let tens = bytes.next().flatMap(digit), let ones = bytes.next().flatMap(digit) else { return nil }
        return UInt8(exactly: hundreds * 100 + tens * 10 + ones)
    }

    /// The octets that a text with escapes stands for; `nil` if an escape is broken.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        var bytes = text.makeIterator()
        while let c = bytes.next() {
            guard c == UInt8(ascii: "\\") else {
                octets.append(c)
                continue
            }
            guard let octet = next(&bytes) else { return nil }
            octets.append(octet)
        }
        return octets
    }

    /// Appends `octet`, escaped if it is `special` or not printable ASCII.
    static func append(_ octet: UInt8, to text: inout [UInt8], special: (UInt8) -> Bool) {
        if octet < 0x20 || octet > 0x7E || (octet == 0x20 && special(0x20)) {
            text.append(UInt8(ascii: "\\"))
            for power in [100, 10, 1] as [UInt8] { text.append(UInt8(ascii: "0") + octet / power % 10) }
        } else {
            if special(octet) { text.append(UInt8(ascii: "\\")) }
            text.append(octet)
        }
    }

    static func inName(_ c: UInt8) -> Bool { c == 0x20 || ".\\\"();@$".utf8.contains(c) }
    static func inQuotes(_ c: UInt8) -> Bool { c == UInt8(ascii: "\\") || c == UInt8(ascii: "\"") }

    private static func digit(_ c: UInt8) -> Int? {
        c >= 0x30 && c <= 0x39 ? Int(c) - 0x30 : nil
    }
}
