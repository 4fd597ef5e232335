/// Dotted-quad text (RFC 1123 §2.1): four decimal numbers without leading zeros.
public enum IPv4Text {
    public static func parse(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            guard let n = UInt8(decimal: part), part.count == 1 || part.utf8.first != 0x30 else { return nil }
            octets.append(n)
        }
        return octets
    }
}

/// IPv6 text (RFC 4291 §2.2 in, RFC 5952 out).
public enum IPv6Text {
    public static func parse(_ text: some StringProtocol) -> [UInt8]? {
        let halves = text.components(separatedByDouble: ":")
        guard halves.count <= 2 else { return nil }
        // A dotted quad may only be the last 32 bits.
        guard let head = groups(halves[0], dotted: halves.count == 1) else { return nil }
        guard halves.count == 2 else { return head.count == 16 ? head : nil }
        guard let tail = groups(halves[1], dotted: true), head.count + tail.count <= 14 else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The octets of `a:b:c` or `a:b:1.2.3.4`; empty for empty text.
    private static func groups(_ text: String, dotted: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        var octets: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (i, part) in parts.enumerated() {
            if dotted, i == parts.count - 1, part.contains(".") {
                guard let v4 = IPv4Text.parse(part) else { return nil }
                octets += v4
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
                    let n = UInt16(part, radix: 16)
                else { return nil }
                octets += n.octets
            }
        }
        return octets.count <= 16 ? octets : nil
    }

    public static func format(_ octets: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]) }
        var best = 0..<0
        var i = 0
        while i < 8 {
            var j = i
            while j < 8, groups[j] == 0 { j += 1 }
            if j - i > best.count { best = i..<j }
            i = max(j, i + 1)
        }
        let hex = groups.map { String($0, radix: 16) }
        guard best.count >= 2 else { return hex.joined(separator: ":") }
        return hex[..<best.lowerBound].joined(separator: ":") + "::" + hex[best.upperBound...].joined(separator: ":")
    }
}

extension StringProtocol {
    /// Splits at the first doubled separator; three parts or more mean there were several.
    fileprivate func components(separatedByDouble separator: Character) -> [String] {
        var parts: [String] = []
        var current = ""
        var i = startIndex
        while i < endIndex {
            let next = index(after: i)
            if self[i] == separator, next < endIndex, self[next] == separator {
                parts.append(current)
                current = ""
                i = index(after: next)
            } else {
                current.append(self[i])
                i = next
            }
        }
        return parts + [current]
    }
}

extension FixedWidthInteger {
    /// Digits alone: the standard library's parser also takes a sign, even `-0`.
    init?(decimal text: some StringProtocol) {
        guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        self.init(text)
    }
}
