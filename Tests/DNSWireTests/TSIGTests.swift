import DNSCrypto
import TestSupport
import Testing

@testable import DNSWire

@Suite struct TSIGTests {
    static let now: UInt64 = 1_700_000_000

    static func key(_ algorithm: TSIGAlgorithm = .hmacSHA256, secret: [UInt8] = Array(0..<32), shortestMAC: Int? = nil) -> TSIGKey {
        TSIGKey(name: try! Name("Transfer.Key."), algorithm: algorithm, secret: secret, shortestMAC: shortestMAC)
    }

    static func query() -> [UInt8] {
        var message = Message.query(try! Name("Example.test."), .any, id: 0x1234, recursionDesired: false)
        message.edns = EDNS()
        return message.wire
    }

    static func receive(_ client: inout TSIGClient, _ wire: [UInt8], at now: UInt64 = now) -> Result<Bool, TSIGError> {
        guard let view = try? MessageView(wire) else { return .failure(.malformed) }
        do throws(TSIGError) { return .success(try client.receive(view, at: now)) } catch { return .failure(error) }
    }

    static func serve(_ wire: [UInt8], _ key: TSIGKey?, at now: UInt64 = now) throws -> TSIGServer.Request {
        TSIGServer.receive(try MessageView(wire), at: now) { $0 == key?.name ? key : nil }
    }

    static func signed(_ request: TSIGServer.Request) throws -> TSIGServer {
        guard case .signed(let server) = request else { throw TestFailure("\(request)") }
        return server
    }

    static func refusal(_ request: TSIGServer.Request) throws -> TSIGRefusal {
        guard case .refused(let refusal) = request else { throw TestFailure("\(request)") }
        return refusal
    }

    /// A stream of answers, each signed.
    static func stream(_ count: Int, _ server: inout TSIGServer) throws -> [[UInt8]] {
        try (0..<count).map { i in
            var wire = MessageBuilderTests.sized(100 + i).message.wire
            try server.sign(&wire, at: now)
            return wire
        }
    }

    @Test(arguments: TSIGAlgorithm.allCases)
    func thereAndBack(_ algorithm: TSIGAlgorithm) throws {
        let key = Self.key(algorithm)
        var request = Self.query()
        var client = TSIGClient(key)
        try client.sign(&request, at: Self.now)
        #expect(request.count == Self.query().count + key.recordLength)
        #expect(try Message(wire: request).tsig?.mac.count == algorithm.length)
        var server = try Self.signed(Self.serve(request, key, at: Self.now + 300))
        #expect(server.key.name == key.name && !client.isAuthentic)
        for wire in try Self.stream(5, &server) {
            #expect(Self.receive(&client, wire) == .success(true))
            #expect(client.isAuthentic)
        }
        #expect(algorithm == TSIGAlgorithm(algorithm.name))
    }

    /// Whatever single bit is turned over, in any place.
    @Test func flippedBits() throws {
        let key = Self.key()
        var request = Self.query()
        var client = TSIGClient(key)
        try client.sign(&request, at: Self.now)
        var server = try Self.signed(Self.serve(request, key))
        let answers = try Self.stream(2, &server)
        // What may change unseen: the id, which forwarders replace, and the case of the key's names.
        func isFree(_ wire: [UInt8], _ bit: Int) -> Bool {
            let at = bit / 8, start = wire.count - key.recordLength
            let name = start..<start + key.name.wire.count, algorithm = name.upperBound + 10..<name.upperBound + 10 + key.algorithm.name.wire.count
            let isLetter = (0x61...0x7A).contains(wire[at] | 0x20)
            return at < 2 || ((name.contains(at) || algorithm.contains(at)) && bit % 8 == 5 && isLetter)
        }
        var free = 0
        for bit in 0..<request.count * 8 {
            var bad = request
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let view = try? MessageView(bad) else { continue }
            if case .signed = TSIGServer.receive(view, at: Self.now, keys: { $0 == key.name ? key : nil }) {
                #expect(isFree(request, bit), "octet \(bit / 8)")
                free += 1
            }
        }
        #expect(free == 16 + "TransferKey".utf8.count + "hmacsha".utf8.count)
        for bit in 0..<answers[0].count * 8 where !isFree(answers[0], bit) {
            var bad = answers[0], client = client
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect((try? Self.receive(&client, bad).get()) != true, "octet \(bit / 8)")
            // And a client that was not fooled can go on.
            #expect(Self.receive(&client, answers[0]) == .success(true))
        }
        #expect(Self.receive(&client, answers[0]) == .success(true))
        for bit in 0..<answers[1].count * 8 where !isFree(answers[1], bit) {
            var bad = answers[1], client = client
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            // Of later records the times alone are signed: the rest must be looked at.
            let outcome = Self.receive(&client, bad)
            #expect((try? outcome.get()) != true, "octet \(bit / 8)")
            if case .failure(.refused(_, let isAuthentic, _)) = outcome { #expect(!isAuthentic) }
        }
    }

    @Test func wrongKeys() throws {
        var request = Self.query()
        var client = TSIGClient(Self.key())
        try client.sign(&request, at: Self.now)
        let view = try MessageView(request)
        for (other, error) in [
            (nil, .badKey), (Self.key(secret: [1]), .badSignature), (Self.key(.hmacSHA512), .badKey),
        ] as [(TSIGKey?, TSIGError)] {
            let refusal = try Self.refusal(Self.serve(request, other))
            #expect(refusal.error == error && refusal.responseCode == .notAuthoritative)
            let answer = try Message(wire: refusal.answer(to: view))
            #expect(answer.id == 0x1234 && answer.responseCode == .notAuthoritative && answer.flags == .response)
            #expect(answer.questions == view.questions.map(\.question) && answer.edns != nil)
            #expect(answer.tsig?.error == error.code && answer.tsig?.mac == [] && answer.tsig?.originalID == 0x1234)
            #expect(Self.receive(&client, answer.wire) == .failure(.refused(error.code!, isAuthentic: false, serverTime: nil)))
        }
    }

    @Test(arguments: [301, -301, 1_000_000, -1_000_000] as [Int64])
    func wrongTime(_ ahead: Int64) throws {
        let key = Self.key()
        var request = Self.query()
        var client = TSIGClient(key)
        try client.sign(&request, at: Self.now)
        let there = UInt64(Int64(Self.now) + ahead)
        let refusal = try Self.refusal(Self.serve(request, key, at: there))
        #expect(refusal.error == .badTime)
        let answer = refusal.answer(to: try MessageView(request))
        let tsig = try #require(Message(wire: answer).tsig)
        #expect(tsig.time == Self.now && tsig.error == .badTime && tsig.other == Array(there.octets.dropFirst(2)))
        // Signed: the client learns the server's time, and can trust that it is the server's.
        #expect(Self.receive(&client, answer) == .failure(.refused(.badTime, isAuthentic: true, serverTime: there)))
        var forged = answer
        forged[forged.count - 1] ^= 1
        #expect(Self.receive(&client, forged) == .failure(.badSignature))
        // At the edge of the fudge it is still good.
        for edge in [Self.now - 300, Self.now + 300] { _ = try Self.signed(Self.serve(request, key, at: edge)) }
    }

    /// The client's clock counts too.
    @Test func oldAnswers() throws {
        let key = Self.key()
        var request = Self.query()
        var client = TSIGClient(key)
        try client.sign(&request, at: Self.now)
        var server = try Self.signed(Self.serve(request, key))
        let answer = try Self.stream(1, &server)[0]
        #expect(Self.receive(&client, answer, at: Self.now + 301) == .failure(.badTime))
        #expect(Self.receive(&client, answer, at: Self.now + 300) == .success(true))
    }

    /// An answer to another request is none to this one.
    @Test func answersBelongToRequests() throws {
        let key = Self.key()
        var first = Self.query(), second = Self.query()
        var a = TSIGClient(key), b = TSIGClient(key)
        try a.sign(&first, at: Self.now)
        try b.sign(&second, at: Self.now + 1)
        var server = try Self.signed(Self.serve(first, key))
        let answers = try Self.stream(3, &server)
        #expect(Self.receive(&b, answers[0]) == .failure(.badSignature))
        // Neither may a message be left out of a stream, nor come twice.
        #expect(Self.receive(&a, answers[0]) == .success(true))
        #expect(Self.receive(&a, answers[2]) == .failure(.badSignature))
        #expect(Self.receive(&a, answers[0]) == .failure(.badSignature))
        #expect(Self.receive(&a, answers[1]) == .success(true))
        #expect(Self.receive(&a, answers[2]) == .success(true))
    }

    @Test func cutMACs() throws {
        let full = Self.key(), half = Self.key(shortestMAC: 16)
        for (length, whole, lenient) in [
            (32, nil, nil), (31, .badTruncation, nil), (16, .badTruncation, nil), (15, .malformed, .malformed), (0, .malformed, .malformed),
            (33, .malformed, .malformed),
        ] as [(Int, TSIGError?, TSIGError?)] {
            var request = Self.query()
            var client = TSIGClient(full)
            try client.sign(&request, at: Self.now)
            var tsig = try #require(Message(wire: request).tsig)
            tsig.mac = Array((tsig.mac + [0]).prefix(length))
            var cut = Self.query()
            try tsig.put(to: &cut)
            for (key, error) in [(full, whole), (half, lenient)] {
                let outcome = try Self.serve(cut, key)
                guard let error else {
                    _ = try Self.signed(outcome)
                    continue
                }
                let refusal = try Self.refusal(outcome)
                #expect(refusal.error == error)
                let answer = refusal.answer(to: try MessageView(cut))
                if error == .malformed {
                    #expect(try Message(wire: answer).tsig == nil && Message(wire: answer).responseCode == .formatError)
                } else {
                    let answered = try #require(Message(wire: answer).tsig)
                    #expect(answered.error == .badTruncation && answered.mac.count == 32)
                }
            }
        }
        #expect(Self.key(.hmacSHA1, shortestMAC: 0).shortestMAC == 10 && Self.key(.hmacSHA512, shortestMAC: 999).shortestMAC == 64)
    }

    @Test func unsignedMessages() throws {
        let key = Self.key(), plain = MessageBuilderTests.sized(9).message.wire
        var request = Self.query()
        var client = TSIGClient(key)
        try client.sign(&request, at: Self.now)
        #expect(Self.receive(&client, plain) == .failure(.unsigned))
        var server = try Self.signed(Self.serve(request, key))
        #expect(Self.receive(&client, try Self.stream(1, &server)[0]) == .success(true))
        for _ in 0..<99 {
            #expect(Self.receive(&client, plain) == .success(false))
            #expect(!client.isAuthentic)
        }
        #expect(Self.receive(&client, plain) == .failure(.tooManyUnsigned))
        guard case .unsigned = try Self.serve(Self.query(), key) else { throw TestFailure("signed?") }
    }

    @Test func whatCannotBeSigned() throws {
        let key = Self.key()
        var client = TSIGClient(key)
        // A message of so many octets: one record of data that nobody reads.
        func message(_ count: Int) -> [UInt8] {
            var message = Message(id: 1)
            message.answers = [ResourceRecord(owner: .root, type: RRType(rawValue: 65_280), ttl: 0, rdata: RData(opaque: Array(repeating: 0, count: count - 23)))]
            return message.wire
        }
        var signed = message(100)
        try client.sign(&signed, at: 0)
        for var wire in [[], [1, 2, 3], Array(repeating: 1, count: 40), message(65_535 - key.recordLength + 1), signed] {
            let before = wire
            #expect(throws: TSIGError.unsignable) { try client.sign(&wire, at: 0) }
            #expect(wire == before)
        }
        var most = message(65_535 - key.recordLength)
        try client.sign(&most, at: 0)
        #expect(most.count == 65_535)
    }

    @Test func secretsStaySecret() throws {
        let key = TSIGKey(name: try Name("k."), algorithm: .hmacSHA256, base64: "c2VjcmV0c2VjcmV0")!
        var text = "\(key) \(String(reflecting: key))"
        dump(key, to: &text)
        dump(TSIGClient(key), to: &text)
        for trace in ["c2Vj", "secret", "115", "Symmetric"] { #expect(!text.contains(trace), "\(text)") }
        #expect(text.hasPrefix("k. (hmac-sha256)"))
        #expect(TSIGKey(name: .root, algorithm: .hmacSHA1, base64: "not base64!") == nil)
        #expect(TSIGKey(name: .root, algorithm: .hmacSHA1, base64: "") == nil)
        // Octets and base64 are two ways to the same key.
        var a = Self.query(), b = Self.query()
        var first = TSIGClient(key), second = TSIGClient(TSIGKey(name: try Name("k."), algorithm: .hmacSHA256, secret: Array("secretsecret".utf8)))
        try first.sign(&a, at: 1)
        try second.sign(&b, at: 1)
        #expect(a == b)
    }
}

extension ResourceRecord {
    /// An answer of this record alone.
    var message: Message {
        var message = Message(id: 0x1234, flags: .response)
        message.answers = [self]
        return message
    }
}
