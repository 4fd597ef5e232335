import DNSCrypto
import DNSWire
import Foundation
import TestSupport
import Testing

@testable import DNSClient

/// One after the other: they wait for clocks, and count the process's descriptors.
@Suite(.serialized) enum AskingTests {}

extension AskingTests {
    /// Each test has a server of its own.
    @Suite(.serialized) struct DNSClientTests {
        static let name = try! Name("www.example.test.")
        static let address = ResourceRecord(owner: name, type: .a, ttl: 60, rdata: .a((192, 0, 2, 1)))

        static func server(_ responder: Responder) -> DNSClient.Server { .init(host: "127.0.0.1", port: responder.port) }

        static func options(_ change: (inout DNSClient.Options) -> Void) -> DNSClient.Options {
            var options = DNSClient.Options()
            options.patience = .milliseconds(40)
            options.timeout = .seconds(20)
            change(&options)
            return options
        }

        func ask(
            _ responder: Responder, _ name: Name = name, client: DNSClient = DNSClient(),
            _ change: (inout DNSClient.Options) -> Void = { _ in }
        ) async throws -> Message {
            try await client.ask(.query(name, .a, id: 0, recursionDesired: false), at: [Self.server(responder)], Self.options(change))
        }

        static func code(_ body: () async throws -> Message) async -> DNSClientError.Code? {
            do { _ = try await body() } catch let error as DNSClientError { return error.code } catch { return nil }
            return nil
        }

        @Test func retries() async throws {
            let responder = try await Responder { query, number, _ in
                number < 3 ? [] : [response(to: query, [Self.address]).wire]
            }
            #expect(try await ask(responder).answers == [Self.address])
        }

        /// The answer to the first try comes after the second was sent, and counts.
        @Test func lateAnswer() async throws {
            let first = Kept()
            let responder = try await Responder { query, number, _ in
                if number == 1 {
                    first.keep(response(to: query, [Self.address]).wire)
                    return []
                }
                // Only the first try is ever answered.
                return number == 2 ? first.take() : []
            }
            // On one socket, as the responder answers to where the query before it came from.
            let answer = try await ask(responder, client: DNSClient(sockets: 1)) { $0.tries = 2 }
            #expect(answer.answers == [Self.address])
        }

        @Test func turns() async throws {
            let silent = try await Responder { _, _, _ in [] }
            let responder = try await Responder { query, _, _ in [response(to: query, [Self.address]).wire] }
            let answer = try await DNSClient().ask(
                .query(Self.name, .a, id: 0, recursionDesired: false), at: [Self.server(silent), Self.server(responder)], Self.options { _ in })
            #expect(answer.answers == [Self.address])
        }

        @Test func deadline() async throws {
            let responder = try await Responder { _, _, _ in [] }
            let start = ContinuousClock.now
            #expect(await Self.code { try await ask(responder) { $0.timeout = .milliseconds(150) } } == .timeout)
            let took = ContinuousClock.now - start
            #expect(took >= .milliseconds(150) && took < .seconds(10))
            #expect(await Self.code { try await ask(responder) { $0.timeout = .milliseconds(50); $0.overTCP = true } } == .timeout)
        }

        /// Everything that is not the answer is dropped, and the true answer taken when it comes.
        @Test func forgeries() async throws {
            let responder = try await Responder { query, _, _ in
                let right = response(to: query, [Self.address])
                var otherID = right
                otherID.id &+= 1
                var otherName = right
                otherName.questions[0].name = try! Name("ww.example.test.")
                var otherType = right
                otherType.questions[0].type = .aaaa
                var noQuestion = right
                noQuestion.questions = []
                var noResponse = right
                noResponse.flags.remove(.response)
                var otherOpcode = right
                otherOpcode.opcode = .notify
                for forged in [otherID, otherName, otherType, noQuestion, noResponse, otherOpcode] { precondition(forged != right) }
                let poison = ResourceRecord(owner: Self.name, type: .a, ttl: 60, rdata: .a((6, 6, 6, 6)))
                return [otherID, otherName, otherType, noQuestion, noResponse, otherOpcode].map {
                    var forged = $0
                    forged.answers = [poison]
                    return forged.wire
                } + [Array(right.wire.prefix(20)), Array(right.wire.prefix(5)), right.wire]
            }
            #expect(try await ask(responder).answers == [Self.address])
        }

        /// From another port than was asked, the right octets are nothing.
        @Test func otherPort() async throws {
            let sent = Kept()
            let responder = try await Responder(answersFromElsewhere: true) { query, _, _ in
                sent.keep([1])
                return [response(to: query, [Self.address]).wire]
            }
            #expect(await Self.code { try await ask(responder) { $0.timeout = .milliseconds(150) } } == .timeout)
            #expect(sent.count > 0)
        }

        @Test func mixedCase() async throws {
            let name = try Name("abcdefghijklmnopqrstuvwxyz.example.test.")
            let seen = Kept()
            let faithful = try await Responder { query, _, _ in
                seen.keep(Message(query).questions[0].name.wire)
                return [response(to: query, [Self.address]).wire]
            }
            let folding = try await Responder { query, _, _ in
                var folded = response(to: query, [Self.address])
                folded.questions[0].name = name
                return [folded.wire]
            }
            #expect(try await ask(faithful, name) { $0.mixesCase = true }.answers == [Self.address])
            // 33 letters: once in 2^33 runs they come out as they were.
            #expect(seen.take().allSatisfy { $0 != name.wire && $0.map { $0 | 0x20 } == name.wire.map { $0 | 0x20 } })
            #expect(await Self.code { try await ask(folding, name) { $0.mixesCase = true; $0.timeout = .seconds(1) } } == .malformed)
            #expect(try await ask(folding, name).answers == [Self.address])
        }

        @Test func truncation() async throws {
            let records = (0..<200).map { ResourceRecord(owner: Self.name, type: .a, ttl: 60, rdata: .a((10, 0, 0, UInt8($0)))) }
            let responder = try await Responder { query, _, overTCP in
                [response(to: query, records).wire(limit: overTCP ? 65_535 : 512)]
            }
            #expect(try await ask(responder).answers.count == 200)
        }

        /// tinydns' way to cut: header and question, with the counts of the whole.
        @Test func tinydnsTruncation() async throws {
            let responder = try await Responder { query, _, overTCP in
                let whole = response(to: query, [Self.address]).wire
                guard !overTCP else { return [whole] }
                var cut = Array(whole.prefix(12 + Self.name.wire.count + 4))
                cut[2] |= 2
                return [cut]
            }
            #expect(try await ask(responder).answers == [Self.address])
        }

        @Test func cancellation() async throws {
            let asked = Kept()
            let responder = try await Responder { query, _, _ in
                asked.keep([1])
                return []
            }
            // The first round opens what stays open for the process's life.
            var before = Int.max
            for round in 0..<4 {
                let overTCP = round % 2 == 1
                if round == 2 { before = try descriptors() }
                let task = Task {
                    try await ask(responder) { $0.timeout = .seconds(60); $0.patience = .seconds(30); $0.overTCP = overTCP }
                }
                try await eventually("the query is under way") { asked.count > 0 }
                _ = asked.take()
                let start = ContinuousClock.now
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(ContinuousClock.now - start < .seconds(5))
            }
            try await eventually("all sockets are closed") { try descriptors() <= before }
        }

        /// One query that is cancelled leaves its neighbours alone.
        @Test func cancelsOnlyItself() async throws {
            let responder = try await Responder { query, number, _ in
                Message(query).questions[0].name == Self.name ? [response(to: query, [Self.address]).wire] : []
            }
            let client = DNSClient(sockets: 1)
            let other = try Name("silent.example.test.")
            let task = Task { try await ask(responder, other, client: client) { $0.timeout = .seconds(60) } }
            for _ in 0..<50 { #expect(try await ask(responder, client: client).answers == [Self.address]) }
            task.cancel()
            for _ in 0..<50 { #expect(try await ask(responder, client: client).answers == [Self.address]) }
            await #expect(throws: CancellationError.self) { try await task.value }
        }

        /// Also while a connection is being made: to a server whose queue is full.
        @Test func cancelsConnecting() async throws {
            let full = try FullListener()
            let before = try full.clients()
            let server = DNSClient.Server(host: "127.0.0.1", port: Int(full.port))
            let task = Task {
                try await DNSClient().ask(
                    .query(Self.name, .a, id: 0, recursionDesired: false), at: [server], Self.options { $0.overTCP = true; $0.timeout = .seconds(60) })
            }
            try await eventually("it connects") { try full.clients() > before }
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - start < .seconds(10))
            try await eventually("the socket is closed") { try full.clients() == before }
        }

        /// A server that takes a connection and says nothing leaves time for the next.
        @Test func hangingServer() async throws {
            let silent = try await Responder { _, _, _ in [] }
            let good = try await Responder { query, _, _ in [response(to: query, [Self.address]).wire] }
            let answer = try await DNSClient().ask(
                .query(Self.name, .a, id: 0, recursionDesired: false), at: [Self.server(silent), Self.server(good)],
                Self.options { $0.overTCP = true; $0.timeout = .seconds(4) })
            #expect(answer.answers == [Self.address])
        }

        /// Octets that look like a cut answer to another question are no answer.
        @Test func forgedTruncation() async throws {
            let responder = try await Responder { query, _, overTCP in
                precondition(!overTCP)
                var cut = Array(query.octets.prefix(12)) + [9]
                cut[2] = 0x82
                var other = response(to: query, flags: .truncated)
                other.questions[0].name = .root
                var withCounts = other.wire
                withCounts[7] = 1
                return [cut, withCounts, response(to: query, [Self.address]).wire]
            }
            #expect(try await ask(responder).answers == [Self.address])
        }

        /// An error without a question proves nothing to a client that mixed its letters.
        @Test func errorWithoutQuestion() async throws {
            let responder = try await Responder { query, _, _ in
                var refusal = response(to: query)
                refusal.questions = []
                refusal.responseCode = .refused
                return [refusal.wire, response(to: query, [Self.address]).wire]
            }
            #expect(try await ask(responder) { $0.mixesCase = true }.answers == [Self.address])
            #expect(try await ask(responder).responseCode == .refused)
        }

        @Test func whatCannotBeSent() async throws {
            let responder = try await Responder { query, _, _ in [response(to: query, [Self.address]).wire] }
            var large = Message.query(Self.name, .a, id: 0, recursionDesired: false)
            large.additional = (0..<1300).map { n in
                ResourceRecord(owner: Self.name, type: .txt, ttl: 0, rdata: .txt("\(n) " + String(repeating: "x", count: 50)))
            }
            for overTCP in [false, true] {
                #expect(await Self.code { try await DNSClient().ask(large, at: [Self.server(responder)], Self.options { $0.overTCP = overTCP }) } == .unsendable)
            }
            for source in ["nonsense", "localhost", "::1"] {
                for overTCP in [false, true] {
                    #expect(await Self.code { try await ask(responder) { $0.source = source; $0.overTCP = overTCP } } == .badAddress, "\(source)")
                }
            }
            #expect(try await ask(responder) { $0.timeout = .seconds(Int64.max); $0.source = "127.0.0.1" }.answers == [Self.address])
        }

        private func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    }
}

/// A listening socket that accepts nothing, its queue filled.
final class FullListener: Sendable {
    let port: UInt16
    private let sockets: [Int32]

    init() throws {
        var sockets = [socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)]
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(sockets[0], $0, length) == 0 && listen(sockets[0], 0) == 0 && getsockname(sockets[0], $0, &length) == 0
            }
        }
        guard isListening else { throw TestFailure("no listener: \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        for _ in 0..<4 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, length) }
            }
            sockets.append(client)
        }
        self.sockets = sockets
    }

    /// How many sockets are connected to it, or try to be: the kernel's table,
    /// as the process's own descriptors come and go with other tests.
    func clients() throws -> Int {
        // By hand: each read of this file ends with a page, which others take for the end of the file.
        let file = open("/proc/net/tcp", O_RDONLY)
        guard file >= 0 else { throw TestFailure("no table of connections: \(errno)") }
        defer { close(file) }
        var table: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(file, &page, page.count), count > 0 { table += page[..<count] }
        return String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst().count { line in
            let fields = line.split(separator: " ")
            return fields.count > 2 && fields[2].split(separator: ":").last.flatMap { UInt16($0, radix: 16) } == port
        }
    }

    deinit { for socket in sockets { close(socket) } }
}

/// What a responder saw, for the test to look at.
final class Kept: @unchecked Sendable {
    // The lock guards the array.
    private let lock = NSLock()
    private var octets: [[UInt8]] = []

    func keep(_ more: [UInt8]) { lock.withLock { octets.append(more) } }
    func take() -> [[UInt8]] { lock.withLock { defer { octets = [] }; return octets } }
    var count: Int { lock.withLock { octets.count } }
}
