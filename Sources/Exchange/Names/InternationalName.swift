internal import DNSWire
internal import Foundation

/// Names as people write them, in Unicode (RFC 5890): octoDNS and DNSControl take them, DNS takes A-labels.
enum InternationalName {
    struct Failure: Error { let message: String }

    /// A name in presentation format, of which labels may be in Unicode; completed by `origin` unless it ends in a dot.
    static func name(_ text: String, relativeTo origin: Name = .root) throws -> Name {
        try Name(text.utf8.allSatisfy { $0 < 0x80 } ? text : ascii(text), relativeTo: origin)
    }

    private static func ascii(_ text: String) throws -> String {
        // The other full stops of RFC 3490 §3.1 are not letters, and fail as such.
        try text.lowercased().unicodeScalars.split(separator: ".", omittingEmptySubsequences: false).map { label in
            if label.allSatisfy(\.isASCII) { return String(String.UnicodeScalarView(label)) }
            try check(label)
            guard let encoded = Punycode.encode(label) else { throw Failure(message: "a label is too long") }
            return "xn--\(encoded)"
        }.joined(separator: ".")
    }

    /// What IDNA 2008 asks of a label (RFC 5891 §4.2), and stricter where context would decide.
    private static func check(_ label: Substring.UnicodeScalarView) throws {
        let text = String(String.UnicodeScalarView(label))
        func refuse(_ why: String) -> Failure { Failure(message: "'\(text)': \(why)") }
        guard Array(text.precomposedStringWithCanonicalMapping.unicodeScalars) == Array(label) else {
            throw refuse("not in normalization form C")
        }
        guard text.first != "-", text.last != "-", !text.dropFirst(2).hasPrefix("--") else { throw refuse("hyphens where none may be") }
        if let first = label.first, isMark(first) { throw refuse("it begins with a combining mark") }
        for scalar in label where !isAllowed(scalar) {
            throw refuse("U+\(String(scalar.value, radix: 16, uppercase: true)) is not for domain names (RFC 5892)")
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    /// RFC 5892 §3, without what it allows by context.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2D, 0x30...0x39, 0x61...0x7A: return true
        case 0..<0x80: return false
        case 0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007: return true
        case 0x640, 0x7FA, 0x302E, 0x302F, 0x3031...0x3035, 0x303B, 0x660...0x669, 0x6F0...0x6F9: return false
        case 0x1100...0x11FF, 0xA960...0xA97C, 0xD7B0...0xD7FB: return false
        default: break
        }
        let properties = scalar.properties
        guard !properties.changesWhenNFKCCaseFolded, !properties.isDefaultIgnorableCodePoint else { return false }
        switch properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber: return true
        default: return false
        }
    }
}
