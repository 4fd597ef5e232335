import DNSClient
import DNSWire
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// Zones taken from a real server, and from servers that one should not trust.
@Suite struct TransferTests {
    static let zone = try! Name("example.test.")
    static let names = (0..<20_000).map { "h\($0)" }

    static var zoneText: String {
        "$TTL 300\n@ SOA ns hostmaster 7 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
            + names.enumerated().map { "\($1) A 10.1.\($0 / 256).\($0 % 256)\n" }.joined()
    }

    static func collect(_ transfer: ZoneTransfer) async throws -> [ResourceRecord] {
        var records: [ResourceRecord] = []
        for try await batch in transfer { records += batch }
        return records
    }

    static func code(_ transfer: ZoneTransfer) async -> TransferError.Code? {
        do {
            _ = try await within { try await collect(transfer) }
            return nil
        } catch {
            return (error as? TransferError)?.code
        }
    }

    // MARK: BIND

    @Test(arguments: [nil, TSIGAlgorithm.hmacSHA256])
    func bind(_ algorithm: TSIGAlgorithm?) async throws {
        let key = try algorithm.map { try AskingTests.RealServerTests.key($0) }
        let text = "key \"key.test.\" { algorithm hmac-sha256; secret \"\(AskingTests.RealServerTests.secret)\"; };"
        let server = try await NameServer(
            zones: ["example.test": Self.zoneText], statements: text,
            zoneOptions: "allow-transfer { \(key == nil ? "any" : "key key.test."); };")
        let from = DNSClient.Server(host: "127.0.0.1", port: Int(server.port))
        let client = DNSClient()
        let records = try await within(.seconds(60)) { try await Self.collect(client.transfer(Self.zone, from: from, key: key)) }
        #expect(records.count == Self.names.count + 3)
        #expect(records.first?.type == .soa && records.count { $0.type == .soa } == 1)
        #expect(Set(records).count == records.count)
        let expected = ResourceRecord(
            owner: try Name("h19999.example.test."), type: .a, ttl: 300, rdata: .a((10, 1, 78, 31)))
        #expect(records.contains(expected))

        // Refusals.
        #expect(await Self.code(client.transfer(try Name("other.test."), from: from, key: key)) == .notAuthoritative)
        if algorithm != nil {
            #expect(await Self.code(client.transfer(Self.zone, from: from)) == .refused)
            let wrong = try AskingTests.RealServerTests.key(.hmacSHA256, secret: Data("another secret of good length...".utf8).base64EncodedString())
            #expect(await Self.code(client.transfer(Self.zone, from: from, key: wrong)) == .notAuthoritative)
        }
        // Too many, and left off early.
        var options = DNSClient.TransferOptions()
        options.mostRecords = 10_000
        #expect(await Self.code(client.transfer(Self.zone, from: from, key: key, options)) == .tooLarge)
        for try await batch in client.transfer(Self.zone, from: from, key: key) {
            #expect(!batch.isEmpty)
            break
        }
        withExtendedLifetime(server) {}
    }

    // MARK: Scripted servers

    static func soa(_ serial: UInt32, _ owner: Name = zone) -> ResourceRecord {
        ResourceRecord(
            owner: owner, type: .soa, ttl: 60,
            rdata: .soa(primary: zone, mailbox: zone, serial: serial, refresh: 1, retry: 1, expire: 1, minimum: 1))
    }
    static func host(_ label: String, _ parent: String = "example.test.") -> ResourceRecord {
        ResourceRecord(owner: try! Name("\(label).\(parent)"), type: .a, ttl: 60, rdata: .a((10, 0, 0, 1)))
    }

    /// Messages that hold the batches, each with the question.
    static func messages(_ query: MessageView, _ batches: [[ResourceRecord]]) -> [[UInt8]] {
        batches.map { response(to: query, $0).wire }
    }

    func code(_ options: DNSClient.TransferOptions = .init(), _ answer: @escaping Responder.Answer) async throws -> TransferError.Code? {
        let responder = try await Responder(answer)
        defer { withExtendedLifetime(responder) {} }
        return await Self.code(DNSClient().transfer(Self.zone, from: .init(host: "127.0.0.1", port: responder.port), options))
    }

    func code(_ batches: [[ResourceRecord]]) async throws -> TransferError.Code? {
        var options = DNSClient.TransferOptions()
        options.patience = .milliseconds(500)
        return try await code(options) { query, _, _ in Self.messages(query, batches) }
    }

    @Test func goodOnes() async throws {
        #expect(try await code([[Self.soa(1), Self.soa(1)]]) == nil)
        #expect(try await code([[Self.soa(1)], [Self.host("a"), Self.host("b")], [Self.soa(1)]]) == nil)
        // Later messages need no question.
        #expect(
            try await code { query, _, _ in
                Self.messages(query, [[Self.soa(1)]])
                    + [[Self.host("a")], [Self.soa(1)]].map { records in
                        var message = response(to: query, records)
                        message.questions = []
                        return message.wire
                    }
            } == nil)
    }

    @Test func notZones() async throws {
        let start = Self.soa(1), end = Self.soa(1)
        #expect(try await code([[start, Self.host("a")], [Self.soa(2)]]) == .malformed)
        #expect(try await code([[start, Self.host("a", "example.org."), end]]) == .malformed)
        #expect(try await code([[start, Self.soa(1, try Name("sub.example.test.")), end]]) == .malformed)
        #expect(try await code([[Self.host("a"), start, end]]) == .malformed)
        #expect(try await code([[Self.soa(1, try Name("test.")), end]]) == .malformed)
        #expect(try await code([[start, end, Self.host("a")]]) == .malformed)
        #expect(try await code([[]]) == .malformed)
        #expect(try await code([[start], [], [end]]) == .malformed)
        var other = Self.host("a")
        other.rrClass = RRClass(rawValue: 3)
        #expect(try await code([[start, other, end]]) == .malformed)
        var options = DNSClient.TransferOptions()
        options.patience = .milliseconds(500)
        for change in [
            { (message: inout Message) in message.id ^= 1 }, { $0.flags.remove(.response) }, { $0.flags.insert(.truncated) },
            { $0.questions = [Question(name: Self.zone, type: .any)] }, { $0.questions = [] }, { $0.opcode = Opcode(rawValue: 4) },
        ] as [@Sendable (inout Message) -> Void] {
            let code = try await code(options) { query, _, _ in
                var message = response(to: query, [start, end])
                change(&message)
                return [message.wire]
            }
            #expect(code == .malformed)
        }
        #expect(try await code(options) { _, _, _ in [[UInt8](repeating: 0xFF, count: 40)] } == .malformed)
    }

    @Test(arguments: [(UInt16(5), TransferError.Code.refused), (9, .notAuthoritative), (2, .failed), (1, .failed)])
    func errors(_ rcode: UInt16, _ expected: TransferError.Code) async throws {
        let code = try await code { query, _, _ in
            var message = response(to: query)
            message.responseCode = ResponseCode(rawValue: rcode)
            return [message.wire]
        }
        #expect(code == expected)
    }

    /// An error in the middle is one too.
    @Test func errorLater() async throws {
        let code = try await code { query, _, _ in
            var message = response(to: query)
            message.responseCode = .serverFailure
            return Self.messages(query, [[Self.soa(1), Self.host("a")]]) + [message.wire]
        }
        #expect(code == .failed)
    }

    /// What no signature vouches for is not given, and is no end.
    @Test(arguments: [[soa(1)], [host("b")], [host("b"), soa(1)]])
    func unsignedTail(_ tail: [ResourceRecord]) async throws {
        let key = try AskingTests.RealServerTests.key(.hmacSHA256)
        let responder = try await Responder { query, _, _ in
            guard case .signed(var tsig) = TSIGServer.receive(query, at: UInt64(Date().timeIntervalSince1970), keys: { _ in key }) else { return [] }
            var first = response(to: query, [Self.soa(1), Self.host("a")]).wire
            try? tsig.sign(&first, at: UInt64(Date().timeIntervalSince1970))
            return [first] + Self.messages(query, [tail])
        }
        var options = DNSClient.TransferOptions()
        options.patience = .milliseconds(300)
        var iterator = DNSClient().transfer(Self.zone, from: .init(host: "127.0.0.1", port: responder.port), key: key, options)
            .makeAsyncIterator()
        #expect(try await iterator.next()?.count == 2)
        await #expect { try await iterator.next() } throws: { ($0 as? TransferError)?.code == .timeout }
        #expect(try await iterator.next() == nil)
        withExtendedLifetime(responder) {}
    }

    @Test func silent() async throws {
        var options = DNSClient.TransferOptions()
        options.patience = .milliseconds(200)
        #expect(try await code(options) { _, _, _ in [] } == .timeout)
        #expect(try await code(options) { query, _, _ in Self.messages(query, [[Self.soa(1), Self.host("a")]]) } == .timeout)
    }

    @Test func nobodyThere() async throws {
        let port = Int(try freePorts(1)[0])
        #expect(await Self.code(DNSClient().transfer(Self.zone, from: .init(host: "127.0.0.1", port: port))) == .unreachable)
        #expect(await Self.code(DNSClient().transfer(Self.zone, from: .init(host: "localhost", port: port))) == .badAddress)
    }

    /// The connection ends in the middle: of the zone, of a message, of a length.
    @Test(arguments: [0, 1, 2, 11, 40, 100_000])
    func cutShort(_ octets: Int) async throws {
        let stream = try await Stream { query in
            var framed: [UInt8] = []
            for message in Self.messages(query, [[Self.soa(1), Self.host("a")], [Self.host("b")]]) { try? Framing.append(message, to: &framed) }
            return (Array(framed.prefix(octets)), repeats: false)
        }
        #expect(await Self.code(DNSClient().transfer(Self.zone, from: stream.server)) == .cutShort)
    }

    /// A server that never ends is stopped by the time; one that nobody reads from has to wait.
    @Test func neverEnds() async throws {
        let stream = try await Stream { query in
            var framed: [UInt8] = []
            try? Framing.append(Self.messages(query, [[Self.soa(1)]])[0], to: &framed)
            return (framed, repeats: true)
        } again: { query in
            var framed: [UInt8] = []
            try? Framing.append(Self.messages(query, [(0..<500).map { Self.host("h\($0)") }])[0], to: &framed)
            return framed
        }
        var options = DNSClient.TransferOptions()
        options.timeout = .milliseconds(600)
        #expect(await Self.code(DNSClient().transfer(Self.zone, from: stream.server, options)) == .timeout)
        options = .init()
        options.mostRecords = 100_000
        #expect(await Self.code(DNSClient().transfer(Self.zone, from: stream.server, options)) == .tooLarge)

        var iterator = DNSClient().transfer(Self.zone, from: stream.server).makeAsyncIterator()
        _ = try await iterator.next()
        // It sends until nothing more fits in between: what it has sent by then stays.
        let before = try await stream.standstill()
        for _ in 0..<2000 { _ = try await iterator.next() }
        #expect(try await stream.standstill() > before)
        #expect(before < 24 << 20)
    }

    @Test func cancelled() async throws {
        let responder = try await Responder { query, _, _ in Self.messages(query, [[Self.soa(1), Self.host("a")]]) }
        let task = Task { [port = responder.port] in
            try await Self.collect(DNSClient().transfer(Self.zone, from: .init(host: "127.0.0.1", port: port)))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await within { try await task.value } }
        withExtendedLifetime(responder) {}
    }
}
