internal import DNSWire
internal import NIOCore

/// Addresses that start alike: `192.0.2.0/24`, `2001:db8::1`.
public struct AddressPrefix: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16.
    let octets: [UInt8]
    let length: Int
    public let description: String

    /// An address, or one with the number of bits that count; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let octets = IPv4Text.parse(parts[0]) ?? IPv6Text.parse(parts[0]) else { return nil }
        var length = octets.count * 8
        if parts.count == 2 {
            guard let bits = Int(parts[1]), (0...length).contains(bits) else { return nil }
            length = bits
        }
        self.octets = octets
        self.length = length
        description = text
    }

    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == octets.count else { return false }
        for i in 0..<length / 8 where address[i] != octets[i] { return false }
        let rest = length % 8
        return rest == 0 || (address[length / 8] ^ octets[length / 8]) >> UInt8(8 - rest) == 0
    }
}

extension SocketAddress {
    /// 4 or 16 octets in the order of the network; an IPv4 address mapped into IPv6 is one of IPv4.
    var octets: [UInt8]? {
        guard let text = ipAddress else { return nil }
        guard let octets = IPv4Text.parse(text) ?? IPv6Text.parse(text.prefix { $0 != "%" }) else { return nil }
        let isMapped = octets.count == 16 && octets[..<10].allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
        return isMapped ? Array(octets[12...]) : octets
    }
}
