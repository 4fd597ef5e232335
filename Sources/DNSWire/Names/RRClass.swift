/// A class of records (RFC 1035 §3.2.4, RFC 6895 §3.2).
public struct RRClass: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The Internet.
    public static let `in` = RRClass(rawValue: 1)
    /// Chaosnet; today what servers tell about themselves (RFC 4892).
    public static let ch = RRClass(rawValue: 3)
    /// Hesiod.
    public static let hs = RRClass(rawValue: 4)
    /// In updates: none (RFC 2136 §2.4).
    public static let none = RRClass(rawValue: 254)
    /// In questions, and of TSIG records: any.
    public static let any = RRClass(rawValue: 255)

    private static let mnemonics: [(RRClass, String)] = [
        (.in, "IN"), (.ch, "CH"), (.hs, "HS"), (.none, "NONE"), (.any, "ANY"),
    ]

    /// Parses a mnemonic in either case, or `CLASS12345` (RFC 3597 §5).
    public init?(_ text: some StringProtocol) {
        let upper = text.uppercased()
        if let known = Self.mnemonics.first(where: { $0.1 == upper }) {
            self = known.0
        } else if upper.hasPrefix("CLASS"), let number = UInt16(decimal: upper.dropFirst(5)) {
            self.init(rawValue: number)
        } else {
            return nil
        }
    }
}

extension RRClass: CustomStringConvertible {
    public var description: String {
        Self.mnemonics.first { $0.0 == self }?.1 ?? "CLASS\(rawValue)"
    }
}
