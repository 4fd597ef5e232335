import DNSWire
import Foundation
import Glibc
import Pipeline
import TestSupport
import Testing

/// A change goes ahead to a canary, on to the fleet, or back; with real daemons.
@Suite(.serialized)
struct RolloutTests {
    private func edit(_ fleet: Fleet, _ address: String) async throws {
        try fleet.write(
            "site/edits/canary.yaml",
            """
            edits:
              - {action: set, name: ahead.mirrors.test, type: A, ttl: 300, values: [\(address)], owner: o, reason: r}
            """)
        try await fleet.commit("ahead at \(address)")
    }

    private func served(_ fleet: Fleet, _ index: Int) async throws -> [String] {
        try await fleet.ask("ahead.mirrors.test", .a, at: fleet.unbound(index))
    }

    private func until(_ fleet: Fleet, _ index: Int, _ addresses: [String]) async throws {
        try await eventually("p\(index) has \(addresses)", within: .seconds(30)) { try await served(fleet, index) == addresses }
    }

    private func untilRollout(_ fleet: Fleet, says words: String) async throws {
        try await eventually("the rollout says '\(words)'", within: .seconds(30)) {
            try await fleet.freshet("rollout", "status", "--json").output.contains(words)
        }
    }

    /// The last presentation that brought this address.
    private func presentation(_ fleet: Fleet, serving address: String) async throws -> Int {
        let history = try await fleet.freshet("history", "ahead.mirrors.test", "--json")
        let rows = try #require(JSONSerialization.jsonObject(with: Data(history.output.utf8)) as? [[String: Any]])
        let row = try #require(rows.first { ($0["after"] as? String)?.contains(address) ?? false })
        return try #require(row["presentation"] as? Int)
    }

    @Test(arguments: Fleet.Backend.allCases)
    func aheadAndBack(_ backend: Fleet.Backend) async throws {
        let rings = "rollout: {grace: 500ms, rings: [{name: canary, labels: role=canary, soak: 2s, deadline: 60s}]}"
        let keys = "policy: {people: [keys/ada.public]}"
        try await withFleet(backend, more: "\(rings)\n\(keys)") { fleet in
            try fleet.startProxy(0, ["proxy.labels.role": "canary"])
            try fleet.startProxy(1)
            try await fleet.waitForHead(2)

            // Ahead, then everybody.
            try await edit(fleet, "192.0.2.1")
            try await until(fleet, 0, ["192.0.2.1"])
            #expect(try await served(fleet, 1) == [])
            try await until(fleet, 1, ["192.0.2.1"])
            try await untilRollout(fleet, says: "to the whole fleet")

            // The canary's resolver stops answering: back, and halted.
            try await edit(fleet, "192.0.2.2")
            try await until(fleet, 0, ["192.0.2.2"])
            let unbound = try fleet.pid(of: "unbound", 0)
            #expect(kill(unbound, SIGSTOP) == 0)
            try await untilRollout(fleet, says: "taken back")
            #expect(kill(unbound, SIGCONT) == 0)
            try await until(fleet, 0, ["192.0.2.1"])
            #expect(try await served(fleet, 1) == ["192.0.2.1"])
            let status = try await fleet.freshet("rollout")
            #expect(status.output.contains("halted (rollout)") && status.output.contains("p0"), "\(status.output)")

            // Nothing but emergency edits goes live now, and those at once and everywhere.
            let emergency = try await fleet.freshet(
                "emergency", "set", "sos.mirrors.test", "A", "192.0.2.99", "--expires", "1h", "--reason", "fire",
                "--key", fleet.directory.path + "/keys/ada.private")
            #expect(emergency.status == 0, "\(emergency.errors)")
            for index in 0...1 {
                try await eventually("the emergency edit is served", within: .seconds(30)) {
                    try await fleet.ask("sos.mirrors.test", .a, at: fleet.unbound(index)) == ["192.0.2.99"]
                }
                #expect(try await served(fleet, index) == ["192.0.2.1"])
            }

            // Thawed, it tries again, and a person takes it through.
            #expect(try await fleet.freshet("thaw").status == 0)
            try await until(fleet, 0, ["192.0.2.2"])
            #expect(try await fleet.freshet("rollout", "promote", "--reason", "hurry", "--person", "ada").status == 0)
            try await until(fleet, 1, ["192.0.2.2"])
            #expect(try await fleet.freshet("rollout", "status", "--json").output.contains("promote (hurry)"))

            // What was served before comes back for everybody, under a new number; a freeze holds.
            let before = try await presentation(fleet, serving: "192.0.2.1")
            #expect(try await fleet.freshet("rollback", "--presentation", "\(before)", "--reason", "wrong").status == 0)
            for index in 0...1 { try await until(fleet, index, ["192.0.2.1"]) }
            #expect(try await fleet.freshet("thaw").status == 0)
            for index in 0...1 { try await until(fleet, index, ["192.0.2.2"]) }
            #expect(try await fleet.freshet("freeze", "--reason", "night").status == 0)
            try await edit(fleet, "192.0.2.3")
            try await eventually("the configuration has the commit", within: .seconds(30)) {
                try String(contentsOfFile: fleet.directory.path + "/configurator.log", encoding: .utf8).contains("ahead at 192.0.2.3")
            }
            #expect(try await served(fleet, 0) == ["192.0.2.2"])
            #expect(try await fleet.freshet("thaw").status == 0)
            for index in 0...1 { try await until(fleet, index, ["192.0.2.3"]) }
        }
    }
}
