/// Scalars that YAML 1.1 and 1.2 read as the same text.
enum YAMLText {
    private static let words: Set<String> = ["null", "yes", "no", "true", "false", "on", "off", "y", "n"]

    /// `text` bare if all readers take it for text, in quotes otherwise. ASCII only.
    static func scalar(_ text: String) -> String {
        let octets = Array(text.utf8)
        let isPlain = octets.allSatisfy { isLetter($0) || $0 >= 0x30 && $0 <= 0x39 || "._-/+".utf8.contains($0) }
        if isPlain, let first = octets.first, isLetter(first) || first == UInt8(ascii: "_"), !words.contains(text.lowercased()) { return text }
        if octets.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return "'\(text.replacing("'", with: "''"))'" }
        var quoted = "\""
        for octet in octets {
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += "\\\(Character(Unicode.Scalar(octet)))"
            case 0x20..<0x7F: quoted.unicodeScalars.append(Unicode.Scalar(octet))
            default: quoted += "\\x" + (octet < 16 ? "0" : "") + String(octet, radix: 16)
            }
        }
        return quoted + "\""
    }

    private static func isLetter(_ octet: UInt8) -> Bool { octet | 0x20 >= 0x61 && octet | 0x20 <= 0x7A }
}

/// Names as natsort orders them, which octoDNS asks for: runs of digits as numbers, the rest by octets.
struct NaturalKey: Comparable {
    private enum Part: Equatable {
        case text([UInt8])
        /// Without zeros in front.
        case digits([UInt8])
    }

    private let parts: [Part]

    init(_ text: String) {
        var parts: [Part] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            if !digits.isEmpty {
                // Text and numbers take turns, so that none is compared with the other.
                if parts.isEmpty { parts.append(.text([])) }
                parts.append(.digits(Array(digits.drop { $0 == 0x30 })))
                rest = rest.dropFirst(digits.count)
            } else {
                let word = rest.prefix { $0 < 0x30 || $0 > 0x39 }
                parts.append(.text(Array(word)))
                rest = rest.dropFirst(word.count)
            }
        }
        self.parts = parts
    }

    static func < (a: NaturalKey, b: NaturalKey) -> Bool {
        for (left, right) in zip(a.parts, b.parts) where left != right {
            switch (left, right) {
            case (.digits(let x), .digits(let y)): return x.count == y.count ? x.lexicographicallyPrecedes(y) : x.count < y.count
            case (.text(let x), .text(let y)): return x.lexicographicallyPrecedes(y)
            case (.text, .digits): return true
            case (.digits, .text): return false
            }
        }
        return a.parts.count < b.parts.count
    }
}
