import DNSClient
import DNSWire
import Foundation
import Logging
import Pipeline
import TestSupport
import Testing

@testable import Transfer

/// BIND, NSD and Knot as one pool.
@Suite(.serialized) struct PoolStageTests {
    let directory: TemporaryDirectory
    let pipe: Pipe

    init() throws {
        directory = try TemporaryDirectory("pools")
        pipe = try Pipe("\(directory.path)/store")
    }

    static let patience = SerialPoll.Patience(timeout: .milliseconds(400), interval: .milliseconds(150), retries: 4)

    func pool(_ name: String, _ ports: [Int], threshold: Int, _ change: (inout Pool) -> Void = { _ in }) -> Pool {
        var pool = Pool(
            name: name, nameservers: ports.map { .init(.init(host: "127.0.0.1", port: $0)) }, threshold: threshold, poll: Self.patience,
            recovery: .milliseconds(500))
        change(&pool)
        return pool
    }

    func primary(_ pools: [Pool], port: Int = 0, instance: String = "one") async throws -> Primary {
        try await Primary(pipe.store, directory: directory.path, peers: [], port: port, instance: instance, change: { $0.pools = pools })
    }

    func status(_ pool: String, _ zone: String) async throws -> PoolRecord? {
        let name = try Name(zone)
        return try await PoolLedger(store: pipe.store).records(of: name)[PoolZone(pool: pool, zone: name)]
    }

    func waits(_ pool: String, _ zone: String, for change: PoolChange, _ status: PoolStatus) async throws {
        do {
            try await eventually("\(zone) is \(status.rawValue) in \(pool)", within: .seconds(40)) {
                let record = try await self.status(pool, zone)
                return record?.change == change && record?.status == status
            }
        } catch {
            throw TestFailure("\(error): \(String(describing: try await self.status(pool, zone)))")
        }
    }

    @Test func threshold() async throws {
        let ports = try freePorts(4).map { Int($0) }
        let text = zone("example.test.") + zone("other.test.")
        try await pipe.present(records(text))
        let pools = [pool("most", Array(ports[..<3]), threshold: 66) { $0.nsRecords = [try! Name("ns1.example.test."), try! Name("ns2.example.test.")] },
                     pool("all", Array(ports[..<3]), threshold: 100)]
        var primary = try await primary(pools, port: ports[3])
        // Nobody is there: given up, with no serial of anybody.
        try await waits("most", "example.test.", for: .present(Serial(1)), .error)
        let nobody = try #require(try await status("most", "example.test."))
        #expect(nobody.servers.values.allSatisfy { $0.answer == .unanswered && $0.attempts >= 5 })
        // And asked again later.
        let zones = ["example.test.", "other.test."]
        let bind = try await Secondary(.bind, port: ports[0], primary: primary.port, zones: zones)
        let nsd = try await Secondary(.nsd, port: ports[1], primary: primary.port, zones: zones)
        let knot = try await Secondary(.knot, port: ports[2], primary: primary.port, zones: zones)
        for pool in ["most", "all"] {
            for zone in zones { try await waits(pool, zone, for: .present(Serial(1)), .active) }
        }
        let misplaced = try #require(try await status("most", "example.test."))
        #expect(try misplaced.missing == [Name("ns2.example.test.")] && misplaced.foreign.isEmpty)
        #expect(try await status("most", "other.test.")?.foreign == [Name("ns1.other.test.")])
        #expect(try await status("all", "other.test.")?.foreign == [])

        // A change is pending, then active, with the serial of each.
        try await pipe.present(records(text + "a.example.test. 5 IN A 10.0.0.1\n"))
        try await eventually("all three have it") {
            let record = try await status("all", "example.test.")
            return record?.change == .present(Serial(2)) && record?.status == .active
                && record?.servers.values.allSatisfy { $0.answer == .serves(Serial(2)) } ?? false
        }

        // One is stopped: two of three are enough for one pool, and not for the other.
        await knot.stop()
        try await pipe.present(records(text + "b.example.test. 5 IN A 10.0.0.1\n"))
        try await waits("most", "example.test.", for: .present(Serial(3)), .active)
        try await waits("all", "example.test.", for: .present(Serial(3)), .error)
        let split = try #require(try await status("all", "example.test."))
        #expect(split.servers[.init(host: "127.0.0.1", port: ports[2])]?.answer.serial == nil)
        #expect(split.servers[.init(host: "127.0.0.1", port: ports[0])]?.answer == .serves(Serial(3)))
        #expect(try await status("all", "other.test.")?.status == .active)

        // A restart in the middle: another instance goes on where this one ended.
        try await pipe.present(records(text + "c.example.test. 5 IN A 10.0.0.1\n"))
        try await eventually("it is pending, and some have answered") {
            let record = try await status("all", "example.test.")
            return record?.change == .present(Serial(4)) && record?.servers.values.contains { $0.attempts > 0 } ?? false
        }
        await primary.stop()
        let before = try #require(try await status("all", "example.test."))
        primary = try await self.primary(pools, port: ports[3], instance: "two")
        try await waits("all", "example.test.", for: .present(Serial(4)), .error)
        let after = try #require(try await status("all", "example.test."))
        #expect(after.begun == before.begun)
        for (server, heard) in before.servers { #expect(after.servers[server]!.attempts >= heard.attempts) }
        try await waits("most", "example.test.", for: .present(Serial(4)), .active)
        let health = await primary.stage.health()
        #expect(health.faults == [])
        await primary.stop()
        for server in [bind, nsd] { await server.stop() }
    }

    /// BIND and Knot drop a zone that their catalog has no longer; they answer REFUSED for it, and are well.
    @Test func deletion() async throws {
        let ports = try freePorts(4).map { Int($0) }
        let text = zone("example.test."), young = zone("young.test.", serial: 5)
        try await pipe.present(records(text + young))
        // Without a zone it refuses everything.
        let refusing = try await Secondary(.bind, port: ports[2], primary: ports[3], zones: [])
        let pools = [
            pool("catalog", Array(ports[..<2]), threshold: 100) { $0.catalog = try! Name("catalog.test.") },
            pool("broken", [ports[2]], threshold: 1),
        ]
        let primary = try await primary(pools, port: ports[3])
        let bind = try await Secondary(.bind, port: ports[0], primary: primary.port, zones: [], catalog: "catalog.test.")
        let knot = try await Secondary(.knot, port: ports[1], primary: primary.port, zones: [], catalog: "catalog.test.")
        try await waits("catalog", "young.test.", for: .present(Serial(5)), .active)
        try await waits("broken", "young.test.", for: .present(Serial(5)), .error)
        try await pipe.present(records(text))
        try await waits("catalog", "young.test.", for: .absent, .active)
        // Who refuses everything has dropped nothing.
        try await waits("broken", "young.test.", for: .absent, .error)
        #expect(try await status("broken", "young.test.")?.servers.values.first?.answer == .disowns(.refused))
        // It comes back.
        try await pipe.present(records(text + young))
        try await waits("catalog", "young.test.", for: .present(Serial(6)), .active)
        await primary.stop()
        for server in [bind, knot, refusing] { await server.stop() }
    }

    /// What was asked before a restart is not asked again.
    @Test func goesOn() async throws {
        let ports = try freePorts(1).map { Int($0) }
        try await pipe.present(records(zone("example.test.")))
        let pools = [pool("p", ports, threshold: 100) { $0.recovery = .seconds(3600) }], rule = pools[0].rule
        let server = PoolRecord.Server(host: "127.0.0.1", port: ports[0])
        try await PoolLedger(store: pipe.store).update([PoolZone(pool: "p", zone: try Name("example.test.")): { _ in
            var record = PoolRecord(change: .present(Serial(1)), begun: Instant(milliseconds: 1), servers: [:])
            record.setServers([server], by: rule)
            record.hear(.init(attempts: rule.attempts - 1), from: server, by: rule)
            return record
        }])
        let primary = try await primary(pools)
        try await waits("p", "example.test.", for: .present(Serial(1)), .error)
        #expect(await primary.stage.pools.counts[.unanswered] == 1)
        #expect(try await status("p", "example.test.")?.begun == Instant(milliseconds: 1))
        await primary.stop()
    }

    /// The calls as JSON. The primary stands for a name server that has everything.
    @Test func calls() async throws {
        let ports = try freePorts(2).map { Int($0) }
        try await pipe.present(records(zone("example.test.")))
        let pools = [pool("p", ports, threshold: 100) { $0.poll.retries = 0 }]
        let primary = try await primary(pools, port: ports[0])
        try await waits("p", "example.test.", for: .present(Serial(1)), .error)
        let secret = Array("secret".utf8)
        let api = PoolAPI(pools: pools, store: pipe.store, tokens: [Digest(of: secret)], logger: Logger(label: "api"))
        func call(_ name: String, _ body: String, token: [UInt8]? = secret) async throws -> (status: Int, json: [String: Any]) {
            let (status, json) = await api.respond(to: name, token: token, body: Array(body.utf8))
            return (status, try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any] ?? [:])
        }
        let zone = #""zone": "example.test.""#
        for name in ["notify_zone_changed", "poll_for_serial_number", "update_status"] {
            #expect(try await call(name, "{\(zone)}", token: nil).status == 401)
            #expect(try await call(name, "{\(zone)}", token: Array("other".utf8)).status == 401)
            #expect(try await call(name, "{").status == 422)
            #expect(try await call(name, #"{"zone": "unknown.test."}"#).status == 404)
            #expect(try await call(name, #"{"zone": "a..b"}"#).status == 422)
            // Nobody beside the pool is reached from here.
            #expect(try await call(name, #"{\#(zone), "nameserver": {"host": "192.0.2.1"}, "status": "ERROR"}"#).status == 422)
        }
        #expect(try await call("poll_for_serial_number", "{\(zone), \"max_retries\": 1000, \"timeout\": 60}").status == 422)
        #expect(try await call("poll_for_serial_number", "{\(zone), \"timeout\": 1e300}").status == 422)
        // The caller's patience, and no other: two questions to who is not there.
        let begun = ContinuousClock.now
        let polled = try await call("poll_for_serial_number", "{\(zone), \"timeout\": 0.2, \"retry_interval\": 0.3, \"max_retries\": 1, \"delay\": 0.4}")
        #expect(ContinuousClock.now - begun >= .milliseconds(700))
        #expect(polled.status == 200 && polled.json["status"] as? String == "ERROR")
        let servers = try #require(polled.json["nameservers"] as? [[String: Any]]).sorted { $0["port"] as! Int == ports[0] && $1["port"] as! Int != ports[0] }
        #expect(servers[0]["actual_serial"] as? Int == 1 && servers[0]["status"] as? String == "SUCCESS" && servers[0]["retries"] as? Int == 0)
        #expect(servers[1]["actual_serial"] == nil && servers[1]["status"] as? String == "ERROR" && servers[1]["retries"] as? Int == 1)
        let told = try await call("notify_zone_changed", "{\(zone), \"host\": \"127.0.0.1\", \"port\": \(ports[1]), \"timeout\": 0.1, \"retry_interval\": 0, \"max_retries\": 2}")
        let answer = try #require((told.json["servers"] as? [[String: Any]])?.first)
        #expect(told.status == 200 && answer["response"] == nil && answer["retries"] as? Int == 2)
        // A success with an old serial is none.
        let update = #"{\#(zone), "nameserver": {"host": "127.0.0.1", "port": \#(ports[1])}, "status": "SUCCESS""#
        #expect(try await call("update_status", update + "}").status == 422)
        #expect(try await call("update_status", update + #", "actual_serial": 0}"#).json["status"] as? String == "ERROR")
        #expect(try await call("update_status", update + #", "actual_serial": 1}"#).json["status"] as? String == "ACTIVE")
        try await waits("p", "example.test.", for: .present(Serial(1)), .active)
        let status = await api.respond(to: "status", query: ["pool": "p", "status": "ACTIVE"], token: nil, body: [])
        #expect(status.status == 200 && String(decoding: status.json, as: UTF8.self).contains("example.test."))
        #expect(await api.respond(to: "status", query: ["zone": "unknown.test."], token: nil, body: []).status == 404)
        await primary.stop()
    }
}
