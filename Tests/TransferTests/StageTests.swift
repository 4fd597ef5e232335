import DNSClient
import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Transfer

/// Serials, restarts, several instances, views, signatures.
@Suite struct StageTests {
    let directory: TemporaryDirectory
    let pipe: Pipe

    init() throws {
        directory = try TemporaryDirectory("transfer")
        pipe = try Pipe("\(directory.path)/store")
    }

    /// Serials rise with what changed, and only with that; restarts and clocks are nothing to them.
    @Test func serials() async throws {
        let other = zone("other.test.", serial: 2_026_010_101)
        try await pipe.present(records(zone("example.test.") + other))
        // A clock of 1970.
        var primary = try await Primary(pipe.store, directory: directory.path, now: { 1 })
        try await primary.serial("example.test.", is: 1)
        #expect(try primary.serial("other.test.") == 2_026_010_101)
        try await pipe.present(records(zone("example.test.", serial: 1, "a.example.test. 5 IN A 10.0.0.1") + other))
        try await primary.serial("example.test.", is: 2)
        #expect(try primary.serial("other.test.") == 2_026_010_101)
        // A serial that somebody means.
        try await pipe.present(records(zone("example.test.", serial: 700) + other))
        try await primary.serial("example.test.", is: 700)
        await primary.stop()
        // Changes while nobody was there are one step.
        try await pipe.present(records(zone("example.test.", serial: 700, "b.example.test. 5 IN A 10.0.0.1") + other))
        try await pipe.present(records(zone("example.test.", serial: 700, "c.example.test. 5 IN A 10.0.0.1") + other))
        primary = try await Primary(pipe.store, directory: directory.path)
        try await primary.serial("example.test.", is: 701)
        // Gone, and back.
        try await pipe.present(records(other))
        try await primary.serves(6)
        #expect(try primary.serial("example.test.") == nil)
        try await pipe.present(records(zone("example.test.") + other))
        try await primary.serial("example.test.", is: 702)
        #expect(try primary.serial("other.test.") == 2_026_010_101)
        await primary.stop()
    }

    /// The store is lost with all serials in it; or put back from a copy.
    @Test func lostStore() async throws {
        try await pipe.present(records(zone("example.test.")))
        var primary = try await Primary(pipe.store, directory: directory.path)
        try await primary.serial("example.test.", is: 1)
        let copy = try #require(try await pipe.store.read(WellKnown.transfer))
        for i in 2...5 {
            try await pipe.present(records(zone("example.test.", "a.example.test. 5 IN A 10.0.0.\(i)")))
            try await primary.serial("example.test.", is: UInt32(i))
        }
        await primary.stop()
        let now = try #require(try await pipe.store.read(WellKnown.transfer))
        try await pipe.store.write(copy.value, at: WellKnown.transfer, expecting: now.version)
        primary = try await Primary(pipe.store, directory: directory.path)
        try await primary.serial("example.test.", is: 6)
        await primary.stop()

        let fresh = try Pipe("\(directory.path)/fresh")
        try await fresh.present(records(zone("example.test.")))
        primary = try await Primary(fresh.store, directory: directory.path)
        try await primary.serial("example.test.", is: 7)
        await primary.stop()
    }

    /// The same port again, with connections of the one before still there.
    @Test func restartsOnItsPort() async throws {
        try await pipe.present(records(zone("example.test.")))
        var primary = try await Primary(pipe.store, directory: directory.path)
        for _ in 0..<3 {
            try await primary.serves(1)
            #expect(try await transfer(.init(port: primary.port, zone: "example.test.")).error == nil)
            await primary.stop()
            primary = try await Primary(pipe.store, directory: directory.path, port: primary.port)
        }
        await primary.stop()
    }

    @Test func wraps() {
        var serials = ZoneSerials(steps: [.init(serial: Serial(.max - 1), presentation: 1)])
        for expected in [UInt32.max, 0, 1] {
            serials.step(to: 2, atLeast: nil)
            #expect(serials.serial.rawValue == expected)
        }
        // Not older ones, and not those of which nobody can say.
        for wish: UInt32 in [1, 0, .max, 0x8000_0002] {
            var other = serials
            other.step(to: 3, atLeast: Serial(wish))
            #expect(other.serial == Serial(2), "\(wish)")
        }
        for _ in 0..<300 { serials.step(to: 9, atLeast: nil) }
        #expect(serials.steps.count == ZoneSerials.most)
    }

    /// After a restart a difference is made from history, the same as before.
    @Test func differencesFromHistory() async throws {
        var text = zone("example.test.")
        for i in 0..<400 { text += "h\(i).example.test. 60 IN A 10.0.\(i / 256).\(i % 256)\n" }
        let changes = (0..<6).map { text + "x\($0).example.test. 60 IN TXT \($0)\n" }
        for change in changes { try await pipe.present(records(change)) }
        var primary = try await Primary(pipe.store, directory: directory.path)
        try await primary.serial("example.test.", is: 1)
        for (i, change) in changes.reversed().enumerated() {
            try await pipe.present(records(change + "y\(i).example.test. 60 IN TXT y\n"))
            try await primary.serial("example.test.", is: UInt32(i + 2))
        }
        let whole = try await transfer(.init(port: primary.port, zone: "example.test."))
        await primary.stop()
        primary = try await Primary(pipe.store, directory: directory.path)
        try await primary.serial("example.test.", is: 7)
        #expect(primary.stage.shown.current?.past.isEmpty == true)
        let first = try records(changes[5]).flatMap { set in set.rdata.map { "\(set.key.owner) \(set.ttl) IN \(set.key.type) \($0.text(type: set.key.type))" } }
        let update = try await transfer(.init(port: primary.port, zone: "example.test.", type: "IXFR", serial: 1, records: first))
        #expect(update.error == nil && update.incremental)
        expectSame(update.records, whole.records)
        #expect(primary.stage.statistics.of(.ixfr) == 1)
        // The second time it is remembered.
        let again = try await transfer(.init(port: primary.port, zone: "example.test.", type: "IXFR", serial: 1, records: first, udp: true))
        #expect(again.error == nil && again.incremental)
        // Nothing newer.
        let current = try await transfer(.init(port: primary.port, zone: "example.test.", type: "IXFR", serial: 7, records: whole.records))
        #expect(current.error == nil && current.serial == 7)
        await primary.stop()
    }

    /// Two instances answer alike; when the one that numbers goes, the other goes on.
    @Test func instances() async throws {
        try await pipe.present(records(zone("example.test.")))
        let one = try await Primary(pipe.store, directory: directory.path, instance: "one")
        try await one.serial("example.test.", is: 1)
        let two = try await Primary(pipe.store, directory: directory.path, instance: "two")
        for i in 2...6 {
            try await pipe.present(records(zone("example.test.", "a.example.test. 5 IN A 10.0.0.\(i)")))
            try await one.serial("example.test.", is: UInt32(i))
            try await two.serial("example.test.", is: UInt32(i))
        }
        let a = try await transfer(.init(port: one.port, zone: "example.test."))
        let b = try await transfer(.init(port: two.port, zone: "example.test."))
        #expect(a.error == nil)
        expectSame(a.records, b.records)
        await one.stop()
        try await pipe.present(records(zone("example.test.", "b.example.test. 5 IN A 10.0.0.1")))
        try await two.serial("example.test.", is: 7)
        await two.stop()
    }

    /// Who is who by key, and sees what is for its view.
    @Test func views() async throws {
        try await pipe.present(
            records(
                zone(
                    "example.test.",
                    """
                    www.example.test. 60 IN A 192.0.2.80
                    www.example.test. 30 IN A 10.0.0.80 ;@in
                    db.example.test. 60 IN A 10.0.0.1 ;@in
                    alias.example.test. 60 IN CNAME www.example.test.
                    alias.example.test. 60 IN A 10.0.0.2 ;@in
                    """) + zone("intern.test.").replacingOccurrences(of: "\n", with: " ;@in\n")))
        let inside = try Primary.key("inside."), outside = try Primary.key("outside.")
        let primary = try await Primary(
            pipe.store, directory: directory.path, views: [View(name: "internal", location: Location("in"))],
            peers: [
                Peer(name: "in", addresses: [Primary.anyone], key: inside, view: "internal"),
                Peer(name: "out", addresses: [Primary.anyone], key: outside, zones: [try ZonePattern("example.test.")]),
                Peer(name: "elsewhere", addresses: [AddressPrefix("192.0.2.0/24")!]),
            ])
        try await primary.serves(1)
        let a = try await transfer(.init(port: primary.port, zone: "example.test.", key: "outside.:\(Primary.secret)"))
        #expect(a.error == nil)
        expectSame(
            a.records.filter { !$0.hasPrefix("example.") && !$0.hasPrefix("ns1") },
            ["alias.example.test. 60 IN CNAME www.example.test.", "www.example.test. 60 IN A 192.0.2.80"])
        let b = try await transfer(.init(port: primary.port, zone: "example.test.", key: "inside.:\(Primary.secret)"))
        expectSame(
            b.records.filter { !$0.hasPrefix("example.") && !$0.hasPrefix("ns1") },
            [
                "alias.example.test. 60 IN A 10.0.0.2", "db.example.test. 60 IN A 10.0.0.1", "www.example.test. 30 IN A 10.0.0.80",
                "www.example.test. 30 IN A 192.0.2.80",
            ])
        #expect(try await transfer(.init(port: primary.port, zone: "intern.test.", key: "inside.:\(Primary.secret)")).error == nil)
        for (zone, key, code) in [
            ("intern.test.", "outside.:\(Primary.secret)", "NOTAUTH"), ("example.test.", nil, "REFUSED"),
            ("example.test.", "stranger.:\(Primary.secret)", "Peer"), ("example.test.", "inside.:AAAA", "Peer"),
        ] {
            let refused = try await transfer(.init(port: primary.port, zone: zone, key: key))
            #expect(refused.error?.contains(code) ?? false, "\(zone) \(key ?? "") \(refused.error ?? "it was given")")
        }
        await primary.stop()
    }

    /// The table of what is answered to what.
    @Test func answers() async throws {
        try await pipe.present(records(zone("example.test.")))
        let primary = try await Primary(pipe.store, directory: directory.path)
        try await primary.serves(1)
        let client = DNSClient(), server = DNSClient.Server(host: "127.0.0.1", port: primary.port)
        func ask(_ name: String, _ type: RRType, tcp: Bool = false, _ change: (inout Message) -> Void = { _ in }) async throws -> Message {
            var message = Message.query(try Name(name), type, id: 0, recursionDesired: true)
            change(&message)
            var options = DNSClient.Options()
            options.overTCP = tcp
            return try await client.ask(message, at: [server], options)
        }
        for tcp in [false, true] {
            let soa = try await ask("example.test.", .soa, tcp: tcp) { $0.edns = EDNS(options: [.expire(nil)]) }
            #expect(soa.flags == [.response, .authoritative, .recursionDesired])
            #expect(soa.answers.count == 1 && soa.answers[0].type == .soa && soa.answers[0].ttl == 300)
            #expect(soa.edns?.options == [.expire(86400)])
            #expect(try await ask("example.test.", .soa, tcp: tcp).edns == nil)
            #expect(try await ask("EXAMPLE.test.", .soa, tcp: tcp).answers.count == 1)
            for (name, type) in [("example.test.", RRType.ns), ("ns1.example.test.", .a), ("example.test.", .any), (".", .ns)] {
                #expect(try await ask(name, type, tcp: tcp).responseCode == .refused)
            }
            #expect(try await ask("ns1.example.test.", .soa, tcp: tcp).responseCode == .notAuthoritative)
            #expect(try await ask("example.test.", .ixfr, tcp: tcp).responseCode == .formatError)
            #expect(try await ask("example.test.", .soa, tcp: tcp) { $0.edns = EDNS(version: 1) }.responseCode == .badVersion)
            #expect(try await ask("example.test.", .soa, tcp: tcp) { $0.opcode = .update }.responseCode == .notImplemented)
            #expect(try await ask("example.test.", .soa, tcp: tcp) { $0.opcode = .notify }.responseCode == .refused)
        }
        #expect(try await ask("example.test.", .axfr).responseCode == .formatError)
        await primary.stop()
    }

    /// Garbage is answered, or not; nothing ends.
    @Test func garbage() async throws {
        try await pipe.present(records(zone("example.test.")))
        let key = try Primary.key()
        let primary = try await Primary(
            pipe.store, directory: directory.path,
            peers: [Peer(name: "a", addresses: [Primary.anyone]), Peer(name: "b", addresses: [], key: key)])
        try await primary.serves(1)
        let responder = primary.stage.responder
        var random = Seeded(5)
        for i in 0..<20_000 {
            var message = Message.query(try Name(random.pick(["example.test.", "a.test.", "."])), random.pick([.soa, .axfr, .ixfr, .a]), id: 7, recursionDesired: false)
            if random.chance(2) { message.authority = [ResourceRecord(owner: message.questions[0].name, type: .soa, ttl: 0, rdata: random.rdata(.soa))] }
            if random.chance(3) { message.edns = EDNS(options: [.expire(nil)]) }
            var octets = message.wire
            if random.chance(3) {
                var signer = TSIGClient(key)
                try signer.sign(&octets, at: UInt64(Date().timeIntervalSince1970))
            }
            if i % 3 > 0 { octets = random.mutate(octets) }
            if random.chance(50) { octets = random.octets(random.below(40)) }
            switch responder.reply(to: octets, from: [127, 0, 0, 1], over: random.chance(2) ? .udp : .tcp) {
            case .message(let answer):
                let view = try MessageView(answer)
                let id = try MessageHeader(octets).id
                #expect(view.flags.contains(.response) && view.id == id)
            case .stream(var stream):
                while let message = stream.next() { _ = try MessageView(message) }
            case .none, .later: break
            }
        }
        await primary.stop()
    }

    /// While zones change without pause, each transfer is of one presentation.
    @Test func neverTorn() async throws {
        func text(_ round: Int) -> String {
            (0..<3000).reduce(zone("example.test.")) { $0 + "h\($1).example.test. 60 IN TXT \"\(round) some text that takes room in the message\"\n" }
        }
        let rounds = try (0..<4).map { try records(text($0)) }
        try await pipe.present(rounds[0])
        let primary = try await Primary(pipe.store, directory: directory.path)
        try await primary.serves(1)
        let changing = Task { [pipe] in
            var i = 0
            while !Task.isCancelled {
                i += 1
                try await pipe.present(rounds[i % 4])
            }
        }
        var serials: Set<UInt32> = []
        for _ in 0..<10 {
            let found = try await transfer(.init(port: primary.port, zone: "example.test."))
            #expect(found.error == nil)
            let texts = Set(found.records.filter { $0.contains("TXT") }.map { $0.split(separator: "\"")[1].prefix(2) })
            #expect(texts.count == 1 && found.records.count == 3003)
            serials.insert(found.serial)
        }
        #expect(serials.count > 2)
        changing.cancel()
        _ = try? await changing.value
        await primary.stop()
    }
}
