internal import Dispatch
internal import Foundation
internal import Glibc
internal import Pipeline

/// unbound's remote control over its Unix socket, as unbound-control(8) speaks it when no
/// certificates are used: starting that program for each changed name took longer than all else.
struct UnboundControl: Sendable {
    let socketPath: String

    private static let queue = DispatchQueue(label: "unbound-control")

    /// Runs commands one after another; throws what unbound says of the first that it refuses.
    func run(_ commands: [[String]]) async throws {
        try await blocking {
            for command in commands {
                let text = try exchange(command)
                guard text.hasPrefix("ok") else { throw ProxyError(.daemon, "unbound: \(command.joined(separator: " ")): \(text)") }
            }
        }
    }

    /// What unbound has counted since its start (unbound-control(8), stats_noreset).
    func statistics() async throws -> UnboundStatistics { try await blocking { UnboundStatistics(try exchange(["stats_noreset"])) } }

    /// Blocking calls have no place in the cooperative pool.
    private func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { continuation.resume(with: Result { try body() }) }
        }
    }

    /// `UBCT1 `, the words, a newline; the answer ends with the connection.
    private func exchange(_ words: [String]) throws -> String {
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
        return String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func fault(_ what: String) -> ProxyError {
        ProxyError(.daemon, "unbound-control: \(what): \(String(cString: strerror(errno)))")
    }
}

/// Counts of a resolver since its start.
struct UnboundStatistics: Sendable, Equatable {
    var queries: UInt64 = 0
    /// Answered SERVFAIL.
    var failures: UInt64 = 0
    /// Answers that were not in the cache.
    var recursions: UInt64 = 0
    /// Seconds that clients waited for those, in all.
    var waited: Double = 0

    init() {}

    /// Reads lines of `name=value`.
    init(_ text: String) {
        var mean = 0.0
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...]
            switch line[..<equals] {
            case "total.num.queries": queries = UInt64(value) ?? 0
            case "num.answer.rcode.SERVFAIL": failures = UInt64(value) ?? 0
            case "total.num.recursivereplies": recursions = UInt64(value) ?? 0
            case "total.recursion.time.avg": mean = Double(value) ?? 0
            default: break
            }
        }
        waited = mean * Double(recursions)
    }

    /// What came since; `nil` if the daemon was started anew.
    func since(_ earlier: UnboundStatistics) -> Deployment.Load? {
        guard queries >= earlier.queries, failures >= earlier.failures, recursions >= earlier.recursions else { return nil }
        let count = recursions - earlier.recursions
        let mean = count == 0 ? 0 : max(0, waited - earlier.waited) / Double(count)
        return Deployment.Load(
            queries: queries - earlier.queries, failures: failures - earlier.failures, latency: Int(min(mean, 1000) * 1_000_000))
    }
}
