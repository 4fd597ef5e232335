import DNSCrypto
import TestSupport
import Testing

@testable import DNSWire

/// dnspython signs what we check, and the other way round.
@Suite struct TSIGOracleTests {
    static func theirs(_ key: TSIGKey, _ secret: [UInt8]) -> MessageOracle.Key {
        MessageOracle.Key(name: key.name.description, algorithm: key.algorithm.rawValue, secret: Hex.encode(secret))
    }

    struct Case {
        var key: TSIGKey
        var secret: [UInt8]
        var messages: [[UInt8]]
        var time: UInt64
    }

    static func cases(_ seed: UInt64) -> [Case] {
        var random = Seeded(seed)
        return TSIGAlgorithm.allCases.flatMap { algorithm in
            (0..<10).map { index in
                let secret = random.octets(1 + random.below(150))
                let messages = (0..<(index < 4 ? 1 : 2 + random.below(6))).map { _ in
                    var message = random.message(types: Seeded.plainTypes)
                    // dnspython holds no others.
                    message.opcode = .query
                    message.edns?.version = 0
                    return message.wire
                }
                let key = TSIGKey(name: random.name(below: try! Name("Key.")), algorithm: algorithm, secret: secret)
                return Case(key: key, secret: secret, messages: messages, time: UInt64(random.below(1 << 40)))
            }
        }
    }

    @Test func weCheckTheirRequests() async throws {
        let cases = Self.cases(70)
        let answers = try await MessageOracle.ask(
            cases.map {
                .init(op: "sign", wires: [Hex.encode($0.messages[0])], key: Self.theirs($0.key, $0.secret), time: $0.time)
            })
        for (one, answer) in zip(cases, answers) {
            let wire = try #require(answer.octets().first)
            _ = try TSIGTests.signed(TSIGTests.serve(wire, one.key, at: one.time))
            #expect(try TSIGTests.refusal(TSIGTests.serve(wire, one.key, at: one.time + 301)).error == .badTime)
        }
    }

    @Test func weCheckTheirAnswers() async throws {
        let cases = Self.cases(71)
        var random = Seeded(72), clients: [TSIGClient] = [], asks: [MessageOracle.Ask] = [], plain: [Set<Int>] = []
        for one in cases {
            var client = TSIGClient(one.key), request = TSIGTests.query()
            try client.sign(&request, at: one.time)
            clients.append(client)
            // The first and the last are signed, others perhaps not.
            plain.append(Set(one.messages.indices.dropFirst().dropLast().filter { _ in random.chance(2) }))
            let mac = try #require(Message(wire: request).tsig).mac
            asks.append(
                .init(
                    op: "sign", wires: one.messages.map { Hex.encode($0) }, key: Self.theirs(one.key, one.secret), time: one.time,
                    mac: Hex.encode(mac), plain: plain.last!.sorted()))
        }
        let answers = try await MessageOracle.ask(asks)
        for (index, one) in cases.enumerated() {
            let wires = try answers[index].octets()
            #expect(wires.count == one.messages.count)
            var good = clients[index]
            for (place, wire) in wires.enumerated() {
                #expect(TSIGTests.receive(&good, wire, at: one.time) == .success(!plain[index].contains(place)))
            }
            #expect(good.isAuthentic)
            // An unsigned message is vouched for by the next that is signed.
            if let changed = plain[index].first {
                var bad = clients[index], outcomes: [Bool?] = []
                for (place, wire) in wires.enumerated() {
                    var wire = wire
                    if place == changed { wire[3] ^= 0x10 }
                    outcomes.append(try? TSIGTests.receive(&bad, wire, at: one.time).get())
                }
                #expect(outcomes.contains(nil) && !bad.isAuthentic)
            }
        }
    }

    @Test func theyCheckOurs() async throws {
        let cases = Self.cases(73)
        var asks: [MessageOracle.Ask] = []
        for one in cases {
            var client = TSIGClient(one.key), request = one.messages[0]
            try client.sign(&request, at: one.time)
            let key = Self.theirs(one.key, one.secret)
            asks.append(.init(op: "verify", wires: [Hex.encode(request)], key: key, time: one.time))
            var server = try TSIGTests.signed(TSIGTests.serve(request, one.key, at: one.time))
            let stream = try one.messages.map { message in
                var wire = message
                try server.sign(&wire, at: one.time)
                return Hex.encode(wire)
            }
            let mac = Hex.encode(try #require(Message(wire: request).tsig).mac)
            asks.append(.init(op: "verify", wires: stream, key: key, time: one.time, mac: mac))
            // A judge that finds fault: another secret, and another request.
            asks.append(.init(op: "verify", wires: stream, key: Self.theirs(one.key, one.secret + [1]), time: one.time, mac: mac))
            asks.append(.init(op: "verify", wires: stream, key: key, time: one.time, mac: "00" + mac.dropFirst(2)))
        }
        for (index, answer) in try await MessageOracle.ask(asks).enumerated() {
            #expect((answer.error == nil) == (index % 4 < 2), "\(index) \(answer.error ?? "")")
        }
    }
}
