#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif

/// Where a peer listens: an IP address literal and a TCP port.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 or IPv6 literal in its usual spelling, without brackets.
    public let host: String
    public let port: UInt16

    /// Throws ``SwarmError/Code/badAddress`` if `host` is a name or otherwise
    /// not an address literal.
    public init(host: String, port: UInt16) throws(SwarmError) {
        guard let canonical = Self.canonical(AF_INET, host) ?? Self.canonical(AF_INET6, host) else {
            throw SwarmError(.badAddress, "'\(host)' is not an IP address")
        }
        self.host = canonical
        self.port = port
    }

    /// Parses `127.0.0.2:6881` or `[::1]:6881`.
    public init(_ text: String) throws(SwarmError) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            throw SwarmError(.badAddress, "'\(text)' is not address:port")
        }
        var host = text[..<colon]
        let bracketed = host.first == "[" && host.last == "]" && host.count > 2
        if bracketed { host = host.dropFirst().dropLast() }
        // Without brackets, ::1:80 could be either.
        guard bracketed == host.contains(":") else {
            throw SwarmError(.badAddress, "'\(text)': IPv6 addresses, and only these, are written in brackets")
        }
        try self.init(host: String(host), port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func port(_ text: Substring) -> UInt16? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt16(text) : nil
    }

    // One spelling for one address, so that equal peers are equal.
    private static func canonical(_ family: Int32, _ text: String) -> String? {
        var address = in6_addr()
        guard inet_pton(family, text, &address) == 1 else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, &address, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
