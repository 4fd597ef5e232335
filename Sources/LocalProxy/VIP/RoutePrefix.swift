internal import DNSWire

/// A prefix of addresses that routes lead to (RFC 4632 §3.1, RFC 4291 §2.3).
///
/// Its text is made of its octets, never of what was read: nothing else can get into a
/// command for the router.
public struct RoutePrefix: Hashable, Sendable, CustomStringConvertible {
    /// Four octets or sixteen; those bits behind `length` are zero.
    public let octets: [UInt8]
    public let length: Int

    /// Parses `192.0.2.53/32` or `2001:db8::53/128`; the bits behind the length must be zero.
    public init(_ text: String) throws(RouteFault) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let octets = IPv4Text.parse(parts[0]) ?? IPv6Text.parse(parts[0]) else {
            throw RouteFault("'\(text)' is not a prefix such as 192.0.2.53/32 or 2001:db8::53/128")
        }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }), digits.count == 1 || digits.first != 0x30,
            let length = Int(parts[1]), (1...octets.count * 8).contains(length)
        else { throw RouteFault("'\(text)': the length of the prefix is not one from 1 to \(octets.count * 8)") }
        for bit in length..<octets.count * 8 where octets[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 {
            throw RouteFault("'\(text)': there are bits behind the prefix")
        }
        self.octets = octets
        self.length = length
    }

    public var isIPv6: Bool { octets.count == 16 }
    public var description: String { "\(addressText(octets))/\(length)" }
}

/// Where the router is to send what is for the prefixes.
public enum NextHop: Hashable, Sendable, CustomStringConvertible {
    /// The address that the session has here.
    case own
    /// Four octets or sixteen.
    case address([UInt8])

    public init(_ text: String) throws(RouteFault) {
        if text == "self" {
            self = .own
        } else if let octets = IPv4Text.parse(text) ?? IPv6Text.parse(text) {
            self = .address(octets)
        } else {
            throw RouteFault("'\(text)' is neither 'self' nor an address")
        }
    }

    public var description: String {
        switch self {
        case .own: "self"
        case .address(let octets): addressText(octets)
        }
    }
}

/// Why a text is no prefix or next hop.
public struct RouteFault: Error, CustomStringConvertible, Sendable {
    public let description: String
    init(_ description: String) { self.description = description }
}

private func addressText(_ octets: [UInt8]) -> String {
    octets.count == 16 ? IPv6Text.format(octets) : octets.map { String($0) }.joined(separator: ".")
}
