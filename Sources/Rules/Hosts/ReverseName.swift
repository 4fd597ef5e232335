internal import DNSWire

/// Names of reverse mapping.
enum ReverseName {
    static let ipv4 = try! Name("in-addr.arpa.")
    static let ipv6 = try! Name("ip6.arpa.")

    /// `4.3.2.1.in-addr.arpa.` or 32 nibbles under `ip6.arpa.`; `nil` unless 4 or 16 octets.
    static func of(address octets: [UInt8]) -> Name? {
        switch octets.count {
        case 4: return try? Name(octets.reversed().map(String.init).joined(separator: "."), relativeTo: ipv4)
        case 16:
            let nibbles = octets.reversed().flatMap { [$0 & 15, $0 >> 4] }
            return try? Name(nibbles.map { String($0, radix: 16) }.joined(separator: "."), relativeTo: ipv6)
        default: return nil
        }
    }
}
