internal import Glibc
internal import NIOCore

/// A socket that is bound to an address, and that no child process inherits: a daemon that
/// outlives us would else keep the port.
struct BoundSocket {
    let descriptor: Int32
    let port: Int

    enum Kind { case stream, datagram }

    /// - Throws: `IOError`.
    init(_ kind: Kind, _ endpoint: TransferSettings.Endpoint, port: Int) throws {
        let address = try SocketAddress(ipAddress: endpoint.address, port: port)
        let isIPv6 = address.protocol == .inet6
        let type = (kind == .stream ? SOCK_STREAM : SOCK_DGRAM).rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(type), 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do {
            var on: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            if kind == .stream { setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size) }
            // The wildcard of IPv6 is to leave that of IPv4 alone.
            if isIPv6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size) }
            let bound = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
            guard bound == 0 else { throw IOError(errnoCode: errno, reason: "bind to \(endpoint.address) port \(port)") }
            self.port = try Self.port(of: descriptor)
            self.descriptor = descriptor
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func port(of descriptor: Int32) throws -> Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return try withUnsafeMutablePointer(to: &storage) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                guard getsockname(descriptor, $0, &length) == 0 else { throw IOError(errnoCode: errno, reason: "getsockname") }
            }
            // In both families the port is behind the family.
            return pointer.withMemoryRebound(to: UInt16.self, capacity: 2) { Int(UInt16(bigEndian: $0[1])) }
        }
    }
}
