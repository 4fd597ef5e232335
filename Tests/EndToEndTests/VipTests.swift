import DNSClient
import Foundation
import Glibc
import Pipeline
import TestSupport
import Testing

/// Two sites, ExaBGP and BIRD: where the routes lead when something fails.
@Suite(.serialized)
struct VipTests {
    private static let settings = """
        vip: {prefixes: [192.0.2.53/32], bound: 8s}
        """

    private func withSites(_ backend: Fleet.Backend, settings: String = Self.settings, _ body: (Fleet, Router) async throws -> Void) async throws {
        try await withFleet(backend, more: settings) { fleet in
            for index in 0..<2 { try fleet.startProxy(index) }
            try await fleet.waitForHead(2)
            let router = try Router(in: fleet.directory.path, address: fleet.tinydns(2).host, sites: [fleet.tinydns(0).host, fleet.tinydns(1).host])
            do {
                for index in 0..<2 { try router.start(index, running: command(fleet, index)) }
                try await router.waitForRoutes([0, 1], "both are fresh")
                try await body(fleet, router)
            } catch {
                await router.stop()
                throw error
            }
            await router.stop()
            // Their ExaBGP is gone: nobody listens to them any more.
            try await eventually("freshet vip ends when ExaBGP does") { speakers(fleet).isEmpty }
        }
    }

    private func command(_ fleet: Fleet, _ index: Int) throws -> [String] {
        let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return [
            (here as NSString).deletingLastPathComponent + "/freshet", "vip", "--config", fleet.directory.path + "/pipeline.yaml",
            "--log-format", "text",
        ] + overrides(fleet, index)
    }

    private func overrides(_ fleet: Fleet, _ index: Int) -> [String] {
        [
            "--set", "proxy.host=p\(index)", "--set", "proxy.tinydns.address=\(fleet.tinydns(index).host)", "--set",
            "proxy.unbound.address=\(fleet.unbound(index).host)",
        ]
    }

    /// The processes of `freshet vip` that belong to the fleet.
    private func speakers(_ fleet: Fleet, _ host: String = "") -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { pid in
            guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.count > 1 && words[1] == "vip" && words.contains(fleet.directory.path + "/pipeline.yaml")
                && (host.isEmpty || words.contains("proxy.host=\(host)"))
        }
    }

    private func reasons(_ fleet: Fleet) async throws -> [String: String] {
        struct Report: Decodable {
            struct Site: Decodable { var host, state, reason: String }
            var sites: [Site]
        }
        let output = try await fleet.freshet("status", "--json").output
        let sites = try JSONDecoder().decode(Report.self, from: Data(output.utf8)).sites
        return Dictionary(sites.map { ($0.host, "\($0.state): \($0.reason)") }) { $1 }
    }

    @Test(arguments: Fleet.Backend.allCases)
    func routesLeadToWhereAnswersAreFresh(_ backend: Fleet.Backend) async throws {
        try await withSites(backend) { fleet, router in
            try await eventually("both tell that they are fresh") { try await reasons(fleet) == ["p0": "announced: fresh", "p1": "announced: fresh"] }

            // tinydns of the first hangs.
            let tinydns = try fleet.pid(of: "tinydns", 0)
            kill(tinydns, SIGSTOP)
            try await router.waitForRoutes([1], "tinydns of p0 does not answer", within: .seconds(5))
            #expect(try await fleet.freshet(["vip", "--explain"] + overrides(fleet, 0)).output.contains("dark is dark"))
            kill(tinydns, SIGCONT)
            let goesOn = ContinuousClock.now
            try await router.waitForRoutes([0, 1], "it answers again")
            #expect(ContinuousClock.now - goesOn > .milliseconds(800), "ten good probes take a second")

            // The first proxy is dead; its name servers are not, and are fresh for as long as the stamp is.
            let before = try await router.withdrawals(1)
            await fleet.kill("p0")
            let killed = ContinuousClock.now
            try await router.waitForRoutes([1], "p0 alone is stale", within: .seconds(30))
            #expect(ContinuousClock.now - killed > .seconds(3), "a dead proxy is no reason, an old stamp is")
            #expect(try await reasons(fleet)["p0"] == "withdrawn: stale; other sites are fresh")

            // And now the other one hangs: stale beats dark, at once.
            let other = try fleet.pid(of: "tinydns", 1)
            kill(other, SIGSTOP)
            try await router.waitForRoutes([0], "p1 is dark")
            kill(other, SIGCONT)
            try await router.waitForRoutes([1], "p1 is back, and p0 still stale")
            try fleet.startProxy(0)
            try await router.waitForRoutes([0, 1], "p0 follows again")
            #expect(try await router.withdrawals(1) == before + 1)

            // Nothing is published any more: all are stale, and all stay.
            let counts = (try await router.withdrawals(0), try await router.withdrawals(1))
            await fleet.kill("publisher")
            try await eventually("both are stale", within: .seconds(30)) {
                try await reasons(fleet).values.allSatisfy { $0 == "announced: stale; too few other sites are fresh" }
            }
            #expect(try await router.routes() == [0, 1])
            #expect(try await fleet.freshet(["vip", "--dry-run"] + overrides(fleet, 1)).output.contains("stale beats dark"))
            // A site that does not answer goes all the same.
            kill(other, SIGSTOP)
            try await router.waitForRoutes([0], "p1 is dark, p0 stale")
            kill(other, SIGCONT)
            try await router.waitForRoutes([0, 1], "stale is better than dark")
            #expect(try await router.withdrawals(0) == counts.0)
            #expect(try await router.withdrawals(1) == counts.1 + 1)
            try fleet.start("publisher")
            try await eventually("both are fresh again", within: .seconds(30)) {
                try await reasons(fleet).values.allSatisfy { $0 == "announced: fresh" }
            }

            // Who is asked to stop withdraws first; ExaBGP starts another.
            let speaker = try #require(speakers(fleet, "p0").first)
            kill(speaker, SIGTERM)
            try await eventually("it withdrew before it went") { try await router.withdrawals(0) == counts.0 + 1 }
            try await router.waitForRoutes([0, 1], "another was started")
            // One that is killed says nothing: the route stays, and the next one judges anew.
            let next = try #require(speakers(fleet, "p0").first)
            kill(next, SIGKILL)
            try await eventually("ExaBGP starts another") { speakers(fleet, "p0").contains { $0 != next } }
            try await eventually("it announces") { try await reasons(fleet)["p0"] == "announced: fresh" }
            #expect(try await router.withdrawals(0) == counts.0 + 1)

            guard backend == .zooKeeper else { return }
            // Without the store health still decides, and nobody is withdrawn for what is not known.
            await fleet.zooKeeper?.stop()
            kill(other, SIGSTOP)
            try await router.waitForRoutes([0], "p1 is dark, without the store")
            kill(other, SIGCONT)
            try await router.waitForRoutes([0, 1], "p1 is back, without the store")
            try await eventually("stamps are old", within: .seconds(30)) {
                try await fleet.freshet(["vip", "--explain"] + overrides(fleet, 1) + ["--set", "vip.zone=mirrors.test"]).output.contains("stale beats dark")
            }
            #expect(try await router.routes() == [0, 1])
        }
    }

    /// Stale sites stay, behind those that are fresh; they neither count who else is there nor
    /// ask for leave.
    @Test func aStaleSiteRaisesItsMED() async throws {
        let settings = "vip: {prefixes: [192.0.2.53/32], bound: 4s, stale: med, med: 777}"
        try await withSites(.embedded, settings: settings) { fleet, router in
            try await router.waitForMEDs([0: 0, 1: 0], best: 0, "both are fresh")
            await fleet.kill("p0")
            try await router.waitForMEDs([0: 777, 1: 0], best: 1, "p0 is stale")
            #expect(try await reasons(fleet)["p0"] == "raised: stale: for those who have no better")
            #expect(try await fleet.freshet(["vip", "--explain"] + overrides(fleet, 0)).output.contains("announce route 192.0.2.53/32 next-hop self med 777"))
            // Dark is dark, and who comes back stale comes back raised.
            let tinydns = try fleet.pid(of: "tinydns", 0)
            kill(tinydns, SIGSTOP)
            try await router.waitForRoutes([1], "tinydns of p0 does not answer")
            kill(tinydns, SIGCONT)
            try await router.waitForMEDs([0: 777, 1: 0], best: 1, "it answers, and is stale")
            let counts = (try await router.withdrawals(0), try await router.withdrawals(1))
            // All are: then none is behind.
            await fleet.kill("publisher")
            try await router.waitForMEDs([0: 777, 1: 777], best: 0, "both are stale")
            try fleet.start("publisher")
            try await router.waitForMEDs([0: 777, 1: 0], best: 1, "p1 is fresh again")
            try fleet.startProxy(0)
            try await router.waitForMEDs([0: 0, 1: 0], best: 0, "p0 is fresh again")
            #expect(try await reasons(fleet)["p0"] == "announced: fresh")
            #expect(try await (router.withdrawals(0), router.withdrawals(1)) == counts, "no route went meanwhile")
        }
    }

    /// From the moment at which tinydns does not answer any more to that at which BIRD has
    /// no route to it.
    @Test func aDeadServerIsWithdrawnWithinASecond() async throws {
        try await withSites(.embedded) { fleet, router in
            let tinydns = try fleet.pid(of: "tinydns", 0)
            var times: [Duration] = [], returns: [Duration] = []
            for _ in 0..<10 {
                kill(tinydns, SIGSTOP)
                let dead = ContinuousClock.now
                try await router.waitForRoutes([1], "p0 is dark")
                times.append(.now - dead)
                kill(tinydns, SIGCONT)
                let alive = ContinuousClock.now
                try await router.waitForRoutes([0, 1], "p0 is back")
                returns.append(.now - alive)
            }
            for (what, list) in [("withdrawn", times), ("announced again", returns)] {
                let sorted = list.map { Int($0 / .milliseconds(1)) }.sorted()
                print("vip: \(what) after \(sorted[0])-\(sorted[sorted.count - 1]) ms, median \(sorted[sorted.count / 2]) ms: \(sorted)")
            }
            #expect(times.sorted()[5] < .seconds(1))
            #expect(returns.allSatisfy { $0 > .milliseconds(800) })
        }
    }
}

