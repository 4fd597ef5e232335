import DNSWire
import Foundation
import Logging
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Configurator

@Suite struct RegistrationTests {
    private let directory: TemporaryDirectory
    private let store: EmbeddedStore
    private let clock = Clock()

    /// Stands until it is moved.
    private final class Clock: Sendable {
        private let time = Mutex(Instant(milliseconds: 1_000_000_000_000))
        var now: Instant { time.withLock { $0 } }
        func move(seconds: Int64) { time.withLock { $0 = $0.advanced(byMilliseconds: seconds * 1000) } }
    }

    private static let token = "correct horse"

    init() throws {
        directory = try TemporaryDirectory("registration")
        store = try EmbeddedStore(directory: "\(directory.path)/store")
        try write(Self.identities, to: "\(directory.path)/identities.yaml")
    }

    private static let identities = """
        identities:
          - name: web7
            tokens: ["sha256:\(Digest(of: token.utf8))"]
            names: [web7.example.net, "*.web7.example.net"]
            lease: 2h
          - name: hosts
            certificates: [Host.Example.net]
            names: ["*.example.net"]
            types: [A]
            permanent: true
        """

    private func registrar() -> Registrar { Registrar(store: store, sharding: Sharding(count: 8), now: { clock.now }) }

    /// A pipeline that grew gets more shards: nothing registered is lost, and nothing is there twice.
    @Test(arguments: [1, 5, 64]) func resharding(_ count: Int) async throws {
        func edit(_ host: Int, _ person: String, _ last: UInt8) throws -> Edit {
            Edit(
                action: .add, key: RecordKey(owner: try Name("h\(host).example.net."), type: .a), ttl: 60, rdata: [.a((192, 0, 2, last))],
                origin: Origin(source: Origin.registrations, person: person),
                expires: host % 3 == 0 ? clock.now.advanced(byMilliseconds: 10_000) : nil)
        }
        func all(_ sharding: Sharding) async throws -> [Edit] {
            let manifest = try #require(try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))).value
            #expect(manifest.sharding == sharding)
            var edits: [Edit] = []
            for (index, reference) in manifest.shards {
                let shard = try Edit.decode(try await store.require(reference.digest))
                #expect(shard.allSatisfy { sharding.index(of: $0.key.owner) == index } && shard.count == reference.count)
                edits += shard
            }
            return edits
        }
        for host in 0..<40 { try await registrar().register([try edit(host, "a", 1), try edit(host, "b", 2)]) }
        let before = try await all(Sharding(count: 8))
        clock.move(seconds: 11)
        let other = Registrar(store: store, sharding: Sharding(count: count), now: { clock.now })
        try await other.reshard()
        #expect(Set(try await all(Sharding(count: count))) == Set(before.filter { $0.expires == nil }))
        // Another one's first call does it too.
        try await registrar().register([try edit(1, "c", 3)])
        #expect(Set(try await all(Sharding(count: 8))) == Set(before.filter { $0.expires == nil } + [try edit(1, "c", 3)]))
    }

    private func service() throws -> RegistrationService {
        try RegistrationService(
            registrar: registrar(), identities: "\(directory.path)/identities.yaml", audit: "\(directory.path)/audit/log",
            logger: Logger(label: "test"), now: { clock.now })
    }

    private func call(
        _ service: RegistrationService, _ body: String, _ action: RegistrationService.Action = .register, token: String? = Self.token,
        certificate: [String] = [], network: [UInt8] = [127, 0, 0, 1]
    ) async -> (status: Int, text: String) {
        let reply = await service.respond(
            to: .init(
                action: action, token: token.map { Array($0.utf8) }, certificateNames: certificate, body: { Array(body.utf8) }, peer: "127.0.0.1",
                network: PeerNetwork(network)))
        return (reply.status, String(decoding: reply.body, as: UTF8.self))
    }

    private func number() async throws -> UInt64 {
        try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))?.value.number ?? 0
    }

    private static func row(_ name: String, _ type: String = "A", _ value: String = "192.0.2.7", _ more: String = "") -> String {
        #"{"name":"\#(name)","type":"\#(type)","values":["\#(value)"]\#(more)}"#
    }

    private static func batch(_ rows: String...) -> String { #"{"registrations":[\#(rows.joined(separator: ","))]}"# }

    @Test func whoMayWhat() async throws {
        let service = try service()
        let good = Self.batch(Self.row("web7.example.net"), Self.row("a.web7.example.net", "TXT", "hello"))
        #expect(await call(service, good).status == 200)
        for (body, status, word) in [
            (Self.batch(Self.row("web8.example.net")), 403, "web8.example.net."), (Self.batch(Self.row("web7.example.net", "NS", "a.")), 403, "NS"),
            (Self.batch(Self.row("example.net"), Self.row("web7.example.net")), 403, "registrations[0]"),
        ] {
            let answer = await call(service, body)
            #expect(answer.status == status && answer.text.contains(word), "\(answer)")
        }
        #expect(await call(service, good, token: nil).status == 401)
        #expect(await call(service, good, token: "wrong").status == 401)
        // A wrong token is not made good by a certificate.
        #expect(await call(service, Self.batch(Self.row("b.example.net")), token: "wrong", certificate: ["host.example.net"]).status == 401)
        #expect(await call(service, Self.batch(Self.row("b.example.net")), token: nil, certificate: ["host.example.net"]).status == 200)
        #expect(await call(service, Self.batch(Self.row("b.example.net", "TXT", "x")), token: nil, certificate: ["host.example.net"]).status == 403)
        let kept = try await registrar().registrations(of: "web7")
        #expect(Set(kept.map { "\($0.key)" }) == ["web7.example.net. A", "a.web7.example.net. TXT"])
    }

    /// Every fault at once, and nothing of the batch is taken.
    @Test func allOrNothing() async throws {
        let service = try service()
        let answer = await call(
            service,
            Self.batch(
                Self.row("web7.example.net"), Self.row("a..b"), Self.row("web7.example.net", "A", "192.0.2.300"),
                Self.row("c.web7.example.net", "A", "192.0.2.1", #","lease":"3h""#), Self.row("d.web7.example.net", "A", "192.0.2.1", #","lease":"permanent""#),
                Self.row("web7.example.net"), Self.row("e.web7.example.net", "NOTYPE")))
        #expect(answer.status == 422)
        for index in [1, 2, 3, 4, 5, 6] { #expect(answer.text.contains("registrations[\(index)]"), "\(index): \(answer.text)") }
        for body in ["", "[]", "{}", #"{"registrations":[]}"#, #"{"registrations":{}}"#, "\u{0}", String(repeating: "[", count: 100_000)] {
            #expect(await call(service, body).status == 422, "\(body.prefix(30))")
        }
        #expect(try await number() == 0)
    }

    /// Renewing early writes nothing; the answer says when the lease really ends.
    @Test func leases() async throws {
        let service = try service()
        let body = Self.batch(Self.row("web7.example.net", "A", "192.0.2.7", #","lease":"1h""#))
        let first = await call(service, body)
        #expect(first.text.contains("\(clock.now.advanced(byMilliseconds: 3_600_000))"))
        clock.move(seconds: 600)
        #expect(await call(service, body).text == first.text)
        #expect(try await number() == 1)
        clock.move(seconds: 1300)
        #expect(await call(service, body).text.contains("\(clock.now.advanced(byMilliseconds: 3_600_000))"))
        #expect(try await number() == 2)
        // Another value counts at once.
        #expect(await call(service, Self.batch(Self.row("web7.example.net", "A", "192.0.2.8"))).status == 200)
        #expect(try await number() == 3)
        clock.move(seconds: 3601)
        #expect(try await registrar().registrations(of: "web7").isEmpty)
        try await registrar().sweep()
        #expect(try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))?.value.shards.isEmpty == true)
        #expect(try await number() == 4)
        try await registrar().sweep()
        #expect(try await number() == 4)
    }

    @Test func metrics() async throws {
        let registrar = registrar()
        let service = try RegistrationService(
            registrar: registrar, identities: "\(directory.path)/identities.yaml", audit: "\(directory.path)/audit/log",
            logger: Logger(label: "test"), now: { clock.now })
        func tells(_ lines: String...) async {
            let health = await service.health()
            #expect(health.faults.isEmpty)
            for line in lines { #expect(health.metrics.text.contains("freshet_registrar_\(line)\n"), "\(line)\n\(health.metrics.text)") }
        }
        await tells("registrations 0", "ended_total 0", "audit_failed 0", "request_seconds_count 0")
        _ = await call(service, Self.batch(Self.row("web7.example.net"), Self.row("a.web7.example.net")))
        _ = await call(service, Self.batch(Self.row("web7.example.net")))
        _ = await call(service, Self.batch(Self.row("web7.example.net")), token: "wrong")
        _ = await call(service, Self.batch(Self.row("elsewhere.example.org")))
        _ = await call(service, "{")
        _ = await call(service, "", .list)
        await tells(
            "requests_total{action=\"register\",status=\"200\"} 2", "requests_total{action=\"register\",status=\"401\"} 1",
            "requests_total{action=\"register\",status=\"403\"} 1", "requests_total{action=\"register\",status=\"422\"} 1",
            "requests_total{action=\"list\",status=\"200\"} 1", "registrations 2", "request_seconds_count 6", "ended_total 0")
        clock.move(seconds: 3 * 3600)
        try await registrar.sweep()
        await tells("registrations 0", "ended_total 2")
        try await registrar.sweep()
        await tells("ended_total 2")
    }

    @Test func takingBack() async throws {
        let service = try service()
        let own = Self.batch(Self.row("x.web7.example.net")), key = #"{"registrations":[{"name":"x.web7.example.net","type":"A"}]}"#
        #expect(await call(service, own).status == 200)
        #expect(await call(service, own, token: nil, certificate: ["host.example.net"]).status == 200)
        #expect(await call(service, key, .deregister).status == 200)
        // The other's stays.
        #expect(try await registrar().registrations(of: "hosts").count == 1)
        let before = try await number()
        #expect(await call(service, key, .deregister).status == 200)
        #expect(try await number() == before)
        #expect(await call(service, "", .list).text == #"{"registrations":[]}"# + "\n")
    }

    /// Two thousand calls at once are few generations, and none is lost.
    @Test func bursts() async throws {
        let service = try service()
        await withTaskGroup(of: Int.self) { group in
            for index in 0..<2000 {
                group.addTask { await call(service, Self.batch(Self.row("n\(index).web7.example.net"))).status }
            }
            for await status in group where status != 200 { Issue.record("answered \(status)") }
        }
        #expect(try await registrar().registrations(of: "web7").count == 2000)
        #expect(try await number() < 200)
        let log = try String(contentsOfFile: "\(directory.path)/audit/log", encoding: .utf8)
        #expect(log.split(separator: "\n").count == 2000)
        #expect(!log.contains(Self.token))
    }

    /// A process that was killed, or a disk that was full, left half a line: those after it can be read.
    @Test(arguments: ["", "{\"whole\":1}\n", "{\"whole\":1}\n{\"to"])
    func aTornAuditLog(_ left: String) async throws {
        let directory = try TemporaryDirectory("audit")
        let path = "\(directory.path)/audit.jsonl"
        try write(Array(left.utf8), to: path)
        for _ in 0..<2 {
            let log = try AuditLog(path)
            for peer in ["a", "b"] {
                #expect(await log.append(.init(time: "t", peer: peer, identity: nil, action: "list", status: 200, generation: nil, records: [])))
            }
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix(left) && text.hasSuffix("\n"))
        let lines = text.split(separator: "\n").map { try? JSONSerialization.jsonObject(with: Data($0.utf8)) }
        #expect(lines.compactMap { $0 }.count == 4 + (left.isEmpty ? 0 : 1))
        #expect(lines.count { $0 == nil } == (left.hasSuffix("to") ? 1 : 0))
    }

    /// Each has its own limit: an address, an identity, and those whom nobody knows least of all.
    @Test func limits() async throws {
        let clock = clock, start = ContinuousClock.now, first = clock.now
        let limits = RegistrationLimits(
            peers: RateLimit(every: .seconds(1), burst: 20), identities: RateLimit(every: .seconds(2), burst: 5),
            strangers: RateLimit(every: .seconds(60), burst: 2))
        let service = try RegistrationService(
            registrar: registrar(), identities: "\(directory.path)/identities.yaml", audit: "\(directory.path)/audit/log", limits: limits,
            logger: Logger(label: "test"), now: { clock.now }, clock: { start + .milliseconds(clock.now - first) })
        func ask(_ token: String?, _ host: UInt8, certificate: [String] = []) async -> String {
            let reply = await service.respond(
                to: .init(action: .list, token: token.map { Array($0.utf8) }, certificateNames: certificate, body: { [] }, peer: "", network: .init([192, 0, 2, host])))
            return reply.retryAfter.map { "\(reply.status) in \($0)" } ?? "\(reply.status)"
        }
        // Two wrong tokens, and none; who is known is let through beside them.
        #expect(await ask("wrong", 1) == "401")
        #expect(await ask("other", 1) == "401")
        #expect(await ask("wrong", 1) == "429 in 60")
        #expect(await ask(nil, 1) == "429 in 60")
        #expect(await ask("wrong", 2) == "401")
        #expect(await ask(Self.token, 1) == "200")
        let log = try String(contentsOfFile: "\(directory.path)/audit/log", encoding: .utf8)
        #expect(log.split(separator: "\n").count == 3, "who is turned away does not fill the disk")
        clock.move(seconds: 59)
        #expect(await ask("wrong", 1) == "429 in 1")
        clock.move(seconds: 1)
        #expect(await ask("wrong", 1) == "401")
        #expect(await ask("wrong", 1) == "429 in 60")

        // One identity, from wherever; the other is not concerned.
        for host in 3..<8 as Range<UInt8> { #expect(await ask(Self.token, host) == "200") }
        #expect(await ask(Self.token, 8) == "429 in 2")
        #expect(await ask(nil, 8, certificate: ["host.example.net"]) == "200")
        clock.move(seconds: 2)
        #expect(await ask(Self.token, 8) == "200")
        #expect(await ask(Self.token, 8) == "429 in 2")

        // One address, whoever asks there.
        clock.move(seconds: 1000)
        for _ in 0..<2 { #expect(await ask("wrong", 9) == "401") }
        for _ in 0..<18 { #expect(await ask("wrong", 9) == "429 in 60") }
        #expect(await ask(nil, 9, certificate: ["host.example.net"]) == "429 in 1")
        #expect(await ask(nil, 10, certificate: ["host.example.net"]) == "200")
        clock.move(seconds: 1)
        #expect(await ask(nil, 9, certificate: ["host.example.net"]) == "200")

        let text = await service.health().metrics.text
        for line in ["{limit=\"peer\"} 1", "{limit=\"identity\"} 2", "{limit=\"stranger\"} 22"] {
            #expect(text.contains("freshet_registrar_limited_total\(line)\n"), "\(line)\n\(text)")
        }
        #expect(text.contains("requests_total{action=\"list\",status=\"429\"} 25"), "\(text)")
    }

    /// Strangers' bodies are not read, and one that is too large is refused.
    @Test func bodies() async throws {
        let service = try service()
        let isRead = Mutex(false)
        func post(_ token: String, _ body: [UInt8]?) async -> Int {
            isRead.withLock { $0 = false }
            let read: @Sendable () async -> [UInt8]? = {
                isRead.withLock { $0 = true }
                return body
            }
            return await service.respond(
                to: .init(action: .register, token: Array(token.utf8), certificateNames: [], body: read, peer: "", network: .unknown)).status
        }
        #expect(await post("wrong", []) == 401)
        #expect(!isRead.withLock { $0 })
        #expect(await post(Self.token, nil) == 413)
        #expect(isRead.withLock { $0 })
        #expect(await post(Self.token, Array(Self.batch(Self.row("web7.example.net")).utf8)) == 200)
    }

    @Test func faultyIdentities() throws {
        func faults(_ text: String) -> [String] {
            do {
                _ = try Identities(parsing: text, file: "identities.yaml")
                return []
            } catch { return (error as? ConfiguratorError)?.faults ?? ["\(error)"] }
        }
        #expect(faults(Self.identities).isEmpty)
        let all = faults(
            """
            identities:
              - {name: a, names: [x..y, b.test], tokens: [secret]}
              - {name: a, names: [b.test], lease: soon}
              - {name: c, names: [b.test], certificates: [q], types: [WHAT]}
              - {name: d, names: [b.test], certificates: [Q]}
            """)
        for (line, word) in [(2, "x..y"), (2, "sha256"), (3, "twice"), (3, "soon"), (3, "known by"), (4, "WHAT"), (5, "another's")] {
            #expect(all.contains { $0.hasPrefix("identities.yaml:\(line):") && $0.contains(word) }, "\(line) \(word): \(all)")
        }
        #expect(!all.joined().contains("secret") || all.contains { $0.contains("never write the token") })
    }
}
