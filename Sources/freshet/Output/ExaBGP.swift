import Foundation
import Logging
import Synchronization

/// ExaBGP at the other end of stdout and stdin (version 4, text encoder).
final class ExaBGP: Sendable {
    struct Gone: Error, CustomStringConvertible {
        let description = "ExaBGP is gone"
    }

    private struct Answers {
        var said = 0
        var heard = 0
        var ended = false
    }

    private let answers = Mutex(Answers())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// Says lines; also without any it throws if nobody reads them any more.
    func say(_ lines: [String]) throws {
        var end = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        guard poll(&end, 1, 0) >= 0 || errno == EINTR, end.revents & Int16(POLLERR | POLLNVAL) == 0 else { throw Gone() }
        guard !lines.isEmpty else { return }
        answers.withLock { $0.said += lines.count }
        var rest = Array((lines.joined(separator: "\n") + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw Gone()
            }
        }
    }

    /// Reads what ExaBGP answers (`done`, or `error`), so that its pipe never fills.
    func listen() {
        Thread.detachNewThread { [self] in
            var octets = [UInt8](repeating: 0, count: 4096)
            var line: [UInt8] = []
            while true {
                let count = read(STDIN_FILENO, &octets, octets.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                for octet in octets[..<count] {
                    if octet == UInt8(ascii: "\n") {
                        take(String(decoding: line, as: UTF8.self))
                        line = []
                    } else if line.count < 1000 {
                        line.append(octet)
                    }
                }
            }
            answers.withLock { $0.ended = true }
        }
    }

    private func take(_ line: String) {
        if line == "done" || line.hasPrefix("error") { answers.withLock { $0.heard += 1 } }
        if line.hasPrefix("error") { logger.error("ExaBGP did not take a route", metadata: ["answer": "\(line)"]) }
    }

    /// Waits until all that was said is answered, a second at most: ExaBGP may be told
    /// not to answer (exabgp.api.ack).
    func untilHeard() async {
        let deadline = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < deadline, answers.withLock({ $0.heard < $0.said && !$0.ended }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
