internal import DNSWire

/// A network of IPv4 addresses: 192.0.2.0/24.
public struct IPv4Prefix: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The network's first address.
    public let first: UInt32
    /// How many bits its addresses have in common, 0 to 32.
    public let length: Int

    /// `nil` if `length` is not 0 to 32 or `first` is not the first address of such a network.
    public init?(first: UInt32, length: Int) {
        guard (0...32).contains(length), first & Self.hostMask(length) == 0 else { return nil }
        self.first = first
        self.length = length
    }

    /// The network of a length, 0 to 32, that holds an address.
    init(holding address: UInt32, length: Int) {
        precondition((0...32).contains(length), "an IPv4 prefix has 0 to 32 bits")
        first = address & ~Self.hostMask(length)
        self.length = length
    }

    /// `192.0.2.0/24`, or an address alone for a /32; `nil` for other text, also if the
    /// address is not the network's first.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = Self.address(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(first: address, length: 32)
            return
        }
        // No sign, no leading zero.
        guard let length = Int(parts[1]), String(length) == parts[1] else { return nil }
        self.init(first: address, length: length)
    }

    public var last: UInt32 { first | Self.hostMask(length) }
    public var count: Int { 1 << (32 - length) }

    public func contains(_ address: UInt32) -> Bool { address & ~Self.hostMask(length) == first }
    public func contains(_ other: IPv4Prefix) -> Bool { length <= other.length && contains(other.first) }

    public var description: String { "\(Self.text(first))/\(length)" }

    /// By first address; of networks that share it, the largest first.
    public static func < (a: IPv4Prefix, b: IPv4Prefix) -> Bool { (a.first, a.length) < (b.first, b.length) }

    /// Bits that may differ within a network.
    private static func hostMask(_ length: Int) -> UInt32 { length == 0 ? .max : (1 << UInt32(32 - length)) &- 1 }

    /// The number of an address in dotted-quad text.
    static func address(_ text: some StringProtocol) -> UInt32? {
        IPv4Text.parse(text).map { $0.reduce(0) { $0 << 8 | UInt32($1) } }
    }

    static func text(_ address: UInt32) -> String {
        (0..<4).map { String(address >> UInt32(24 - 8 * $0) & 0xFF) }.joined(separator: ".")
    }
}
