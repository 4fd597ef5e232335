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

    /// Whether it is the root, which has no labels.
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
        for j in 0..<other.wire.count where ASCII.lower(wire[i + j]) != ASCII.lower(other.wire[j]) { return false }
        return true
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
        // Most equal names are of one case, and octets are compared many at a time.
        if a.wire == b.wire { return true }
        guard a.wire.count == b.wire.count else { return false }
        for i in 0..<a.wire.count where ASCII.lower(a.wire[i]) != ASCII.lower(b.wire[i]) { return false }
        return true
    }

    public func hash(into hasher: inout Hasher) {
        // A hasher takes octets together much quicker than one by one.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: wire.count) { lower in
            for i in 0..<wire.count { lower[i] = ASCII.lower(wire[i]) }
            hasher.combine(bytes: UnsafeRawBufferPointer(lower))
        }
    }
}

extension Name {
    /// Canonical order (RFC 4034 §6.1): by labels from the right, each as lower-case octets.
    public func precedes(_ other: Name) -> Bool { Self.order(wire, other.wire) < 0 }

    /// Below, at or above zero as `a` comes before, with or after `b` in canonical order.
    static func order(_ a: [UInt8], _ b: [UInt8]) -> Int {
        // A name has at most 127 labels: their starts fit in fixed room on the stack.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { starts in
            let labelsOfA = collectStarts(a, into: UnsafeMutableBufferPointer(rebasing: starts[..<128]))
            let labelsOfB = collectStarts(b, into: UnsafeMutableBufferPointer(rebasing: starts[128...]))
            for i in 1...max(1, min(labelsOfA, labelsOfB)) where min(labelsOfA, labelsOfB) > 0 {
                let x = Int(starts[labelsOfA - i]), y = Int(starts[128 + labelsOfB - i])
                let lengthX = Int(a[x]), lengthY = Int(b[y])
                for j in 0..<min(lengthX, lengthY) {
                    let difference = Int(ASCII.lower(a[x + 1 + j])) - Int(ASCII.lower(b[y + 1 + j]))
                    if difference != 0 { return difference }
                }
                if lengthX != lengthY { return lengthX - lengthY }
            }
            return labelsOfA - labelsOfB
        }
    }

    /// Writes where each label starts, the root's left out, and returns how many there are.
    private static func collectStarts(_ wire: [UInt8], into starts: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0, at = 0
        while wire[at] != 0 {
            starts[count] = UInt8(at)
            count += 1
            at += 1 + Int(wire[at])
        }
        return count
    }
}

/// Why octets or text are not a domain name.
public struct NameError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Sendable {
        /// Two dots in a row, a dot before the first label, or no text at all.
        case emptyLabel = "empty label"
        /// A label has at most 63 octets, escapes counted as what they stand for.
        case labelTooLong = "label over 63 octets"
        /// A name has at most 255 octets on the wire, the root's among them.
        case nameTooLong = "name over 255 octets"
        /// A backslash at the end, or digits behind it that are not three, or over 255.
        case badEscape = "bad escape"
        /// Wire octets without the root's zero.
        case unterminated = "name ends too soon"
        /// Wire octets that go on behind the root's zero.
        case trailingOctets = "octets after the name"
    }

    /// What is wrong.
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

    @inlinable
    static func upper(_ c: UInt8) -> UInt8 { c >= 97 && c <= 122 ? c - 32 : c }
}
