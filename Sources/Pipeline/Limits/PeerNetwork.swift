/// Whom an address counts as: itself with IPv4, its /64 with IPv6, where every host has
/// that many addresses.
public struct PeerNetwork: Hashable, Sendable {
    private enum Family: Hashable { case none, four, six }

    private let family: Family
    private let prefix: UInt64

    /// Of who has no address, such as a socket in the file system.
    public static let unknown = PeerNetwork(.none, [])

    /// - Parameter octets: of the address in network order, four or sixteen; else ``unknown``.
    public init(_ octets: some Collection<UInt8>) {
        switch octets.count {
        case 4: self.init(.four, octets)
        // ::ffff:192.0.2.1 is 192.0.2.1 (RFC 4291 §2.5.5.2): not all of IPv4 is one network.
        case 16 where octets.prefix(12).elementsEqual(Array(repeating: 0, count: 10) + [0xFF, 0xFF]): self.init(.four, octets.dropFirst(12))
        case 16: self.init(.six, octets.prefix(8))
        default: self = .unknown
        }
    }

    private init(_ family: Family, _ octets: some Sequence<UInt8>) {
        self.family = family
        prefix = octets.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
