internal import Dispatch
internal import Foundation
internal import Glibc

/// unbound's remote control over its Unix socket, as unbound-control(8) speaks it when no
/// certificates are used: starting that program for each changed name took longer than all else.
struct UnboundControl: Sendable {
    let socketPath: String

    private static let queue = DispatchQueue(label: "unbound-control")

    /// Runs commands one after another; throws what unbound says of the first that it refuses.
    func run(_ commands: [[String]]) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // Blocking calls have no place in the cooperative pool.
            Self.queue.async {
                continuation.resume(with: Result { for command in commands { try exchange(command) } })
            }
        }
    }

    /// `UBCT1 `, the words, a newline; the answer ends with the connection.
    private func exchange(_ words: [String]) throws {
        // A word with a space would be two, and one with a newline another command. Names in
        // presentation format have neither.
        guard words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
            throw ProxyError(.daemon, "unbound-control: \(words) cannot be said")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw fault("a socket") }
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(socketPath.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw ProxyError(.daemon, "the path of unbound's socket is too long: \(socketPath)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard connected == 0 else { throw fault("connect to \(socketPath)") }
        let request = Array("UBCT1 \(words.joined(separator: " "))\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { throw fault("send") }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault("no answer to '\(words[0])'") }
            if count == 0 { break }
            answer += buffer[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasPrefix("ok") else { throw ProxyError(.daemon, "unbound: \(words.joined(separator: " ")): \(text)") }
    }

    private func fault(_ what: String) -> ProxyError {
        ProxyError(.daemon, "unbound-control: \(what): \(String(cString: strerror(errno)))")
    }
}
