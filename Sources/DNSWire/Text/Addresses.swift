/// Dotted-quad text (RFC 1123 §2.1): four decimal numbers without leading zeros.
public enum IPv4Text {
    /// The four octets; `nil` if the text is no address.
    public static func parse(_ text: some StringProtocol) -> [UInt8]? {
        let octets = Array(text.utf8)
        var address: [UInt8] = []
        return append(octets.span, 0..<octets.count, to: &address) ? address : nil
    }

    /// Appends the octets of an address and returns whether it was one; if not, part of
    /// it may be left behind.
    static func append(_ text: Span<UInt8>, _ range: Range<Int>, to wire: inout [UInt8]) -> Bool {
        var at = range.lowerBound
        for part in 0..<4 {
            if part > 0 {
                guard at < range.upperBound, text[at] == UInt8(ascii: ".") else { return false }
                at += 1
            }
            let start = at
            var value = 0
            while at < range.upperBound, at - start < 3, case let digit = text[at] &- 0x30, digit < 10 {
                value = value * 10 + Int(digit)
                at += 1
            }
            guard at > start, value <= 255, at - start == 1 || text[start] != 0x30 else { return false }
            wire.append(UInt8(value))
        }
        return at == range.upperBound
    }

    /// Appends the text of the four octets at `start`.
    static func append(_ wire: [UInt8], _ start: Int, to text: inout [UInt8]) {
        for i in 0..<4 {
            if i > 0 { text.append(UInt8(ascii: ".")) }
            text.append(decimal: wire[start + i])
        }
    }
}

/// IPv6 text (RFC 4291 §2.2 in, RFC 5952 out).
public enum IPv6Text {
    /// The sixteen octets; `nil` if the text is no address.
    public static func parse(_ text: some StringProtocol) -> [UInt8]? {
        let octets = Array(text.utf8)
        var address: [UInt8] = []
        return append(octets.span, 0..<octets.count, to: &address) ? address : nil
    }

    /// The canonical text of sixteen octets.
    public static func format(_ octets: [UInt8]) -> String {
        precondition(octets.count == 16, "an IPv6 address has 16 octets")
        var text: [UInt8] = []
        append(octets, 0, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the octets of an address and returns whether it was one; if not, part of
    /// it may be left behind.
    static func append(_ text: Span<UInt8>, _ range: Range<Int>, to wire: inout [UInt8]) -> Bool {
        let first = wire.count, end = range.upperBound
        let colon = UInt8(ascii: ":")
        var at = range.lowerBound
        /// Where `::` stands.
        var gap: Int?
        if at + 1 < end, text[at] == colon, text[at + 1] == colon {
            gap = first
            at += 2
        }
        while at < end {
            guard wire.count - first < 16 else { return false }
            let start = at
            var group: UInt16 = 0
            while at < end, at - start < 4, let digit = Hex.value(text[at]) {
                group = group << 4 | UInt16(digit)
                at += 1
            }
            if at < end, text[at] == UInt8(ascii: ".") {
                // A dotted quad may only be the last 32 bits.
                guard wire.count - first <= 12, IPv4Text.append(text, start..<end, to: &wire) else { return false }
                break
            }
            guard at > start else { return false }
            wire.append(network: group)
            guard at < end else { break }
            guard text[at] == colon, at + 1 < end else { return false }
            at += 1
            if text[at] == colon {
                guard gap == nil else { return false }
                gap = wire.count
                at += 1
            }
        }
        let missing = 16 - (wire.count - first)
        guard let gap else { return missing == 0 }
        guard missing >= 2 else { return false }
        wire.insert(contentsOf: repeatElement(0, count: missing), at: gap)
        return true
    }

    /// Appends the canonical text of the sixteen octets at `start`: the longest run of
    /// two zero groups or more, the first of equals, becomes `::`.
    static func append(_ wire: [UInt8], _ start: Int, to text: inout [UInt8]) {
        func group(_ i: Int) -> UInt16 { UInt16(wire[start + 2 * i]) << 8 | UInt16(wire[start + 2 * i + 1]) }
        var zeros = 0..<1
        var i = 0
        while i < 8 {
            var end = i
            while end < 8, group(end) == 0 { end += 1 }
            if end - i > zeros.count { zeros = i..<end }
            i = max(end, i + 1)
        }
        i = 0
        while i < 8 {
            if zeros.count > 1, i == zeros.lowerBound {
                text.append(ascii: "::")
                i = zeros.upperBound
                continue
            }
            if i > 0, zeros.count == 1 || i != zeros.upperBound { text.append(UInt8(ascii: ":")) }
            let value = group(i)
            var shift = max(0, (15 - value.leadingZeroBitCount) / 4 * 4)
            while shift >= 0 {
                text.append(Hex.digit(UInt8(value >> UInt16(shift) & 15)))
                shift -= 4
            }
            i += 1
        }
    }
}

extension FixedWidthInteger {
    /// Digits alone: the standard library's parser also takes a sign, even `-0`.
    init?(decimal text: some StringProtocol) {
        guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        self.init(text)
    }
}
