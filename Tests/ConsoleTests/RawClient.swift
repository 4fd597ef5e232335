import Foundation
import Glibc
import TestSupport

/// One TCP connection to this host, on which anything can be said; nothing in it blocks.
final class RawClient {
    private let descriptor: Int32
    private(set) var received: [UInt8] = []
    private(set) var isClosed = false

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard outcome == 0 else { throw TestFailure("connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Whether the kernel took it.
    @discardableResult
    func send(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        return Glibc.send(descriptor, octets, octets.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) == octets.count
    }

    /// Takes what has come.
    func receive() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isClosed {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                received += buffer[..<count]
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                isClosed = true
            } else {
                return
            }
        }
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    func waitForClose(_ why: String) async throws {
        try await eventually("closed: \(why)") {
            receive()
            return isClosed
        }
    }

    /// Sends a request and returns the answer, head and body; the connection stays.
    func ask(_ method: String, _ path: String, _ headers: String = "", body: String = "") async throws -> String {
        received = []
        send("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        try await eventually("an answer to \(method) \(path)") {
            receive()
            guard let end = text.range(of: "\r\n\r\n") else { return isClosed }
            let length = text.lowercased().firstMatch(of: #/content-length: (\d+)/#).flatMap { Int($0.1) } ?? 0
            return isClosed || text[end.upperBound...].utf8.count >= length
        }
        return text
    }
}
