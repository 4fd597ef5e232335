/// A domain name: 1 to 255 octets of labels, root included (RFC 1035 §2.3.4).
///
/// Any octet may stand in a label (RFC 2181 §11). Case is kept, and ignored by
/// `==` and `hash` (RFC 4343). Held as uncompressed wire octets, validated once.
public struct Name: Sendable {
    /// Length-prefixed labels, ending in the zero octet of the root.
    public let wire: [UInt8]

    /// The root, `.`.
    public static let root = Name(unchecked: [0])

    /// The caller vouches that `wire` is one whole, valid, uncompressed name.
    init(unchecked wire: [UInt8]) { self.wire = wire }

    /// Takes uncompressed wire octets that hold one name and nothing else.
    public init(wire: [UInt8]) throws(NameError) {
        var i = 0
        while true {
            guard i < wire.count else { throw NameError(.unterminated, "") }
            let length = Int(wire[i])
            if length == 0 { break }
            guard length <= 63 else { throw NameError(.labelTooLong, "") }
            i += 1 + length
        }
        guard i == wire.count - 1 else { throw NameError(.trailingOctets, "") }
        guard wire.count <= 255 else { throw NameError(.nameTooLong, "") }
        self.wire = wire
    }

    /// Parses presentation format (RFC 1035 §5.1): `\.`, `\\` and `\DDD` escape octets.
    ///
    /// A name that does not end in a dot is completed by `origin`; `@` stands for
    /// `origin` itself.
    public init(_ text: String, relativeTo origin: Name = .root) throws(NameError) {
        if text == "@" {
            self = origin
            return
        }
        if text == "." {
            self = .root
            return
        }
        var wire: [UInt8] = []
        var label: [UInt8] = []
        var absolute = false
        var bytes = text.utf8.makeIterator()
        func close() throws(NameError) {
            guard !label.isEmpty else { throw NameError(.emptyLabel, text) }
            guard label.count <= 63 else { throw NameError(.labelTooLong, text) }
            wire.append(UInt8(label.count))
            wire.append(contentsOf: label)
            label.removeAll(keepingCapacity: true)
        }
        while let c = bytes.next() {
            absolute = false
            switch c {
            case UInt8(ascii: "."):
                try close()
                absolute = true
            case UInt8(ascii: "\\"):
                guard let octet = Escape.next(&bytes) else { throw NameError(.badEscape, text) }
                label.append(octet)
            default:
                label.append(c)
            }
        }
        if absolute {
            wire.append(0)
        } else {
            try close()
            wire.append(contentsOf: origin.wire)
        }
        guard wire.count <= 255 else { throw NameError(.nameTooLong, text) }
        self.wire = wire
    }

    public var isRoot: Bool { wire.count == 1 }

    /// The labels from left to right, without the root's.
    public var labels: [ArraySlice<UInt8>] {
        var labels: [ArraySlice<UInt8>] = []
        var i = 0
        while wire[i] != 0 {
            let end = i + 1 + Int(wire[i])
            labels.append(wire[i + 1..<end])
            i = end
        }
        return labels
    }

    /// The name without its leftmost label; `nil` for the root.
    public var parent: Name? {
        isRoot ? nil : Name(unchecked: Array(wire[(1 + Int(wire[0]))...]))
    }

    /// Whether this name is `other` or below it.
    public func isWithin(_ other: Name) -> Bool {
        var i = 0
        while wire.count - i > other.wire.count { i += 1 + Int(wire[i]) }
        guard wire.count - i == other.wire.count else { return false }
        return zip(wire[i...], other.wire).allSatisfy { ASCII.lower($0) == ASCII.lower($1) }
    }

    /// Whether the leftmost label is `*` (RFC 4592).
    public var isWildcard: Bool { wire.count > 2 && wire[0] == 1 && wire[1] == UInt8(ascii: "*") }

    /// The wire octets in lower case (RFC 4034 §6.2): equal names give equal octets.
    public var canonicalWire: [UInt8] {
        // A length octet is at most 63, below the letters: one map serves both.
        wire.map(ASCII.lower)
    }
}

extension Name: Hashable {
    public static func == (a: Name, b: Name) -> Bool {
        a.wire.count == b.wire.count && zip(a.wire, b.wire).allSatisfy { ASCII.lower($0) == ASCII.lower($1) }
    }

    public func hash(into hasher: inout Hasher) {
        for octet in wire { hasher.combine(ASCII.lower(octet)) }
    }
}

extension Name {
    /// Canonical order (RFC 4034 §6.1): by labels from the right, each as lower-case octets.
    public func precedes(_ other: Name) -> Bool {
        let a = labels, b = other.labels
        for (x, y) in zip(a.reversed(), b.reversed()) {
            if x.lexicographicallyPrecedes(y, by: { ASCII.lower($0) < ASCII.lower($1) }) { return true }
            if y.lexicographicallyPrecedes(x, by: { ASCII.lower($0) < ASCII.lower($1) }) { return false }
        }
        return a.count < b.count
    }
}

extension Name: CustomStringConvertible {
    /// Absolute presentation format, escaped so that parsing gives the same octets.
    public var description: String {
        if isRoot { return "." }
        var text: [UInt8] = []
        for label in labels {
            for octet in label { Escape.append(octet, to: &text, special: Escape.inName) }
            text.append(UInt8(ascii: "."))
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Why octets or text are not a domain name.
public struct NameError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case emptyLabel = "empty label"
        case labelTooLong = "label over 63 octets"
        case nameTooLong = "name over 255 octets"
        case badEscape = "bad escape"
        case unterminated = "name ends too soon"
        case trailingOctets = "octets after the name"
    }

    public let code: Code
    /// The text that was parsed; empty for wire octets.
    public let text: String

    init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    public var description: String { text.isEmpty ? code.rawValue : "\(code.rawValue) in '\(text)'" }
}

/// ASCII case folding (RFC 4343 §3): other octets have no case.
@usableFromInline
enum ASCII {
    @inlinable
    static func lower(_ c: UInt8) -> UInt8 { c >= 65 && c <= 90 ? c + 32 : c }
}
