/// A zone's serial number (RFC 1982): 32 bits that wrap around.
///
/// Not `Comparable`: of two serials exactly 2³¹ apart neither is the newer, and
/// "newer" does not carry from one pair to the next, so there is nothing to sort by.
public struct Serial: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The serial of this number.
    public init(_ value: UInt32) { rawValue = value }

    /// How one serial stands to another.
    public enum Relation: Sendable {
        /// This serial is older than the other, the same, or newer.
        case older, equal, newer
        /// Exactly 2³¹ apart (RFC 1982 §3.2): a server may take either for the newer.
        case undefined
    }

    /// How this serial stands to another: `.newer` if it is newer than `other` (RFC 1982 §3.2).
    public func relation(to other: Serial) -> Relation {
        switch rawValue &- other.rawValue {
        case 0: .equal
        case 1..<0x8000_0000: .newer
        case 0x8000_0000: .undefined
        default: .older
        }
    }

    /// Whether this one is certainly newer than `other`.
    public func isNewer(than other: Serial) -> Bool { relation(to: other) == .newer }

    /// This serial raised by `increment`, at most 2³¹ − 1 (RFC 1982 §3.1).
    public func adding(_ increment: UInt32) -> Serial {
        precondition(increment < 0x8000_0000, "RFC 1982 defines no addition of 2^31 or more")
        return Serial(rawValue &+ increment)
    }

    /// The serial that follows.
    public var next: Serial { adding(1) }
}

extension Serial: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
