import DNSClient
import Foundation
import Glibc
import Subprocess
import TestSupport
import Testing

extension PipelineTests {
    /// What Prometheus and monitoring plugins get of real processes.
    @Suite(.serialized) struct MonitoringTests {
        static let rules = "ops/prometheus/freshet.rules.yml", dashboard = "ops/grafana/freshet.json"

        @Test func oneProcessTellsAll() async throws {
            try await withFleet(.embedded) { fleet in
                // Without a release there is nothing healthy to say.
                try fleet.startProxy(1, ["store": "elsewhere"])
                try await eventually("a proxy without a release is not healthy") {
                    let (status, text) = try await get("http://\(fleet.unbound(1).host):9153/healthz")
                    return status == 503 && text.contains("proxy: no release is deployed yet")
                }
                await fleet.kill("p1")
                try await startAllInOne(fleet)
                try await fleet.waitForHead(1)
                let url = "http://\(fleet.unbound(0).host):9153"

                try fleet.write("site/edits/one.yaml", "edits: [{action: set, name: one.mirrors.test, type: A, values: [192.0.2.111], owner: o, reason: r}]")
                try await fleet.commit("a change")
                try await fleet.waitForHead(1)
                try await eventually("it is healthy") { try await get(url + "/healthz") == (200, "ok\n") }
                _ = try await get("http://127.0.0.1:\(try port(fleet))/v1/registrations")
                let text = try await get(url + "/metrics").text
                for line in [
                    "freshet_configurator_leading 1", "freshet_presenter_leading 1", "freshet_publisher_leading 1", "freshet_proxy_healthy 1",
                    "freshet_configurator_source_failed{source=\"site/Servers\"} 0", "freshet_publisher_proxies 1",
                    "freshet_publisher_halted{kind=\"freeze\"} 0", "freshet_proxy_propagation_seconds_count 1",
                    "freshet_proxy_step_seconds_count{step=\"seenThroughUnbound\"} 1", "freshet_registrar_requests_total{action=\"list\",status=\"401\"} 1",
                    "freshet_registrar_registrations 0", "freshet_publisher_seeded_torrents 1", "freshet_publisher_releases_total{way=\"delta\"} 1",
                ] { #expect(text.contains("\n\(line)\n"), "\(line)\n\(text)") }
                for pattern in ["delta_bytes_total [1-9]", "checkpoints_total [1-9]", "part_seconds_count\\{part=\"compile\"\\} [2-9]", "part_seconds_count\\{part=\"publish\"\\} [2-9]"] {
                    #expect(try text.contains(Regex("\nfreshet_publisher_" + pattern)), "\(pattern)\n\(text)")
                }
                try await judge(text)
                try await age(fleet)
                try await checks(fleet)
                try await faults(fleet, url)
            }
        }

        /// By Prometheus, and beside what refers to it.
        private func judge(_ text: String) async throws {
            let promtool = try Program("promtool", hint: "apt-get install prometheus")
            let outcome = try await promtool.run(["check", "metrics"], input: Array(text.utf8))
            #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome.errors)\n\(text)")
            let known = Self.families(in: text)
            for file in [Self.rules, Self.dashboard] {
                let used = Self.names(in: String(decoding: try contents("\(packageRoot)/\(file)"), as: UTF8.self))
                #expect(used.count > 15)
                for name in used { #expect(known.contains { $0.covers(name) }, "\(file) wants \(name), which nobody tells") }
            }
            // The table for people: all there is, and nothing else.
            let docs = String(decoding: try contents("\(packageRoot)/docs/monitoring.md"), as: UTF8.self)
            let rows = docs.split(separator: "\n").filter { $0.hasPrefix("| `freshet_") }.map(String.init)
            let wanted = known.map(\.row)
            #expect(Set(rows) == Set(wanted), "as it should be:\n\(wanted.joined(separator: "\n"))")
        }

        /// The line that the documentation gives to people, as it stands there.
        private func age(_ fleet: Fleet) async throws {
            let docs = String(decoding: try contents("\(packageRoot)/docs/monitoring.md"), as: UTF8.self)
            let documented = try #require(docs.split(separator: "\n").first { $0.hasPrefix("$ dig +short TXT") })
            let line = String(documented.dropFirst(2))
                .replacing("example.net", with: "mirrors.test").replacing("192.0.2.53", with: fleet.unbound(0).host)
            let result = try await Program("sh", hint: "a shell").run(["-c", line])
            let age = try #require(Int(result.text.trimmingCharacters(in: .whitespacesAndNewlines)), "\(result)")
            #expect((0...10).contains(age))
        }

        private func checks(_ fleet: Fleet) async throws {
            func check(_ arguments: String...) async throws -> (status: Int32, text: String) {
                let outcome = try await fleet.freshet(["check"] + arguments)
            return (outcome.status, outcome.output)
            }
            let fine = try await check("fleet", "--expect", "1")
            #expect(fine.status == 0 && fine.text.hasPrefix("OK - 1 proxy at release ") && fine.text.contains(" | proxies=1;;1:;0 age_tinydns="), "\(fine)")
            let missing = try await check("fleet", "--expect", "2")
            #expect(missing.status == 2 && missing.text.hasPrefix("CRITICAL - 1 of 2 proxies do not report"), "\(missing)")
            let old = try await check("fleet", "--warning", "0.001", "--critical", "1000")
            #expect(old.status == 1 && old.text.contains("the stamp through unbound is"), "\(old)")
            #expect(try await check("conflicts").status == 0)
            let rollout = try await check("rollout")
            #expect(rollout.status == 0 && rollout.text.hasPrefix("OK - nothing is on its way"), "\(rollout)")
            #expect(try await fleet.freshet("freeze", "--reason", "an audit").status == 0)
            let halted = try await check("rollout")
            #expect(halted.status == 2 && halted.text.contains("halted (freeze)") && halted.text.contains("an audit"), "\(halted)")
            try await eventually("the metric says so too") {
                try await get("http://\(fleet.unbound(0).host):9153/metrics").text.contains("freshet_publisher_halted{kind=\"freeze\"} 1\n")
            }
            #expect(try await fleet.freshet("thaw").status == 0)
            let unknown = try await check("fleet", "--config", "/nowhere.yaml")
            #expect(unknown.status == 3 && unknown.text.hasPrefix("UNKNOWN - "), "\(unknown)")
            // As before, for hosts without a configuration.
            let stamp = ["--zone", "mirrors.test", "--pipeline", "test", "--server", fleet.unbound(0).host, "--recurse"]
            let outcome = try await fleet.freshet(["check"] + stamp)
            #expect(outcome.status == 0 && outcome.output.hasPrefix("OK - release "), "\(outcome)")
        }

        /// A rule or edits at fault are told by the metric; they are no fault of the process.
        private func faults(_ fleet: Fleet, _ url: String) async throws {
            try fleet.write("site/edits/one.yaml", "edits: [{action: fly}]")
            try await fleet.commit("nonsense")
            try await eventually("the edits failed") {
                try await get(url + "/metrics").text.contains("freshet_configurator_source_failed{source=\"edits\"} 1\n")
            }
            #expect(try await get(url + "/healthz").status == 200)
            Glibc.kill(try fleet.pid(of: "tinydns", 0), SIGSTOP)
            try await eventually("tinydns does not answer") {
                let (status, text) = try await get(url + "/healthz")
                return status == 503 && text.hasPrefix("proxy: ") && (text.contains("tinydns: no answer") || text.contains("\(fleet.tinydns(0)) does not show"))
            }
            Glibc.kill(try fleet.pid(of: "tinydns", 0), SIGCONT)
            try await eventually("it does again") { try await get(url + "/healthz").status == 200 }
        }

        private func startAllInOne(_ fleet: Fleet) async throws {
            for stage in ["configurator", "presenter", "publisher"] { await fleet.kill(stage) }
            try fleet.write("identities.yaml", "identities: []\n")
            try fleet.start(
                "run",
                [
                    "proxy.host": "p0", "proxy.tinydns.address": fleet.tinydns(0).host, "proxy.unbound.address": fleet.unbound(0).host,
                    "proxy.metrics": "\(fleet.unbound(0).host):9153", "registration.listen": "127.0.0.1:0",
                    "transfer.listen": "\(fleet.tinydns(1).host):5300",
                ])
        }

        private func port(_ fleet: Fleet) throws -> Int {
            let text = try String(contentsOfFile: fleet.directory.path + "/run.log", encoding: .utf8)
            return try #require(text.firstMatch(of: /registrations are taken.*:(\d+)/).flatMap { Int($0.1) }, "\(text)")
        }

        private func get(_ url: String) async throws -> (status: Int, text: String) {
            let result = try await Subprocess.run(
                .name("curl"), arguments: ["-s", "-w", "%{stderr}%{http_code}", url], output: .string(limit: 4 << 20), error: .string(limit: 1024))
            return (Int(result.standardError) ?? 0, result.standardOutput)
        }

        // MARK: Names

        struct Family {
            var name, help: String
            var type = ""

            /// Whether a query for `name` finds one of its series.
            func covers(_ name: String) -> Bool {
                name == self.name && type != "histogram" || type == "histogram" && ["_bucket", "_sum", "_count"].contains { self.name + $0 == name }
            }

            var row: String { "| `\(name)` | \(type) | \(help) |" }
        }

        static func families(in text: String) -> [Family] {
            var families: [Family] = []
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                guard words.count == 4, words[0] == "#" else { continue }
                if words[1] == "HELP" { families.append(Family(name: words[2], help: words[3])) } else { families[families.count - 1].type = words[3] }
            }
            return families
        }

        static func names(in text: String) -> Set<String> { Set(text.matches(of: /\bfreshet_[a-z_]+/).map { String($0.0) }) }
    }
}

/// Alerts, by Prometheus' own tests; and what people need beside them.
@Suite struct AlertTests {
    private func text(_ path: String) throws -> String { String(decoding: try contents("\(packageRoot)/\(path)"), as: UTF8.self) }

    private func alerts(_ text: String) -> [String] { text.matches(of: /- alert: (\w+)/).map { String($0.1) } }

    @Test func promtool() async throws {
        let promtool = try Program("promtool", hint: "apt-get install prometheus")
        let rules = try await promtool.run(["check", "rules", "freshet.rules.yml"], in: packageRoot + "/ops/prometheus")
        #expect(rules.succeeded, "\(rules.text)\(rules.errors)")
        let tests = try await promtool.run(["test", "rules", "freshet.test.yml"], in: packageRoot + "/ops/prometheus")
        #expect(tests.succeeded, "\(tests.text)\(tests.errors)")
    }

    /// Each has a test that it fires and one that it does not, and says what to do.
    @Test func everyAlertIsTestedAndExplained() throws {
        let rules = try text(PipelineTests.MonitoringTests.rules), tests = try text("ops/prometheus/freshet.test.yml")
        let docs = try text("docs/monitoring.md")
        let names = alerts(rules)
        #expect(names.count > 15 && Set(names).count == names.count)
        for block in rules.split(separator: "- alert: ").dropFirst() {
            let name = String(block.prefix { $0 != "\n" })
            for field in ["summary: '", "description: '", "runbook_url: docs/monitoring.md#\(name.lowercased())", "severity: "] {
                #expect(block.contains(field), "\(name) has no \(field)")
            }
            #expect(tests.contains("alertname: \(name)\n        exp_alerts:"), "\(name) is never seen to fire")
            #expect(tests.contains("alertname: \(name)}"), "\(name) is never seen not to fire")
            #expect(docs.contains("\n### \(name)\n"), "docs/monitoring.md does not say what to do about \(name)")
        }
    }

    @Test func theDashboardIsWhole() throws {
        let json = try #require(JSONSerialization.jsonObject(with: Data(try contents("\(packageRoot)/ops/grafana/freshet.json"))) as? [String: Any])
        let panels = try #require(json["panels"] as? [[String: Any]])
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count && json["uid"] as? String == "freshet")
        // No two lie over each other.
        var taken: Set<[Int]> = []
        for panel in panels {
            let place = try #require(panel["gridPos"] as? [String: Int])
            for x in place["x"]!..<place["x"]! + place["w"]! {
                for y in place["y"]!..<place["y"]! + place["h"]! { #expect(x < 24 && taken.insert([x, y]).inserted, "\(panel["title"] ?? "")") }
            }
        }
    }
}
