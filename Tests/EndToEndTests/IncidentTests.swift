import DNSClient
import DNSWire
import Foundation
import Pipeline
import Subprocess
import TestSupport
import Testing

extension PipelineTests {
    /// What people do in an incident, and what they can ask afterwards.
    @Suite(.serialized) struct IncidentTests {
        static let name = "web1.mirrors.test"

        @Test(arguments: Fleet.Backend.allCases) func emergencyThenReview(_ backend: Fleet.Backend) async throws {
            try await withFleet(backend) { fleet in
                try fleet.startProxy(0)
                try await fleet.waitForHead(1)
                #expect(try await fleet.freshet("keys", "generate", "--name", "eve").status == 0)
                try await policy(fleet, "policy: {people: [keys/ada.public]}", metrics: true)

                try await emergency(fleet)
                try await reviewTakesItsPlace(fleet)
                try await withdrawal(fleet)
                try await history(fleet)
            }
        }

        private func emergency(_ fleet: Fleet) async throws {
            func set(_ person: String, _ values: String...) async throws -> Fleet.Outcome {
                try await fleet.freshet(
                    ["emergency", "set", Self.name, "A"] + values + ["--expires", "1h", "--reason", "rack 7 burns", "--key", "keys/\(person).private"])
            }
            // Eve has a key, but may not sign.
            let eve = try await set("eve", "192.0.2.66")
            #expect(eve.status != 0 && !eve.errors.isEmpty)
            #expect(try await fleet.freshet("emergency", "list").output.contains("no emergency edits"))
            #expect(try await set("ada", "192.0.2.200").status == 0)
            try await served(["192.0.2.200"], fleet)
            // The inventory's name stays what it was for what is judged in a plan.
            #expect(try await fleet.freshet("plan").status == 0)
            let status = try await fleet.freshet("status").output
            #expect(status.contains("emergency") && status.contains("\(Self.name). A by ada"), "\(status)")
            let conflicts = try await fleet.freshet("conflicts").output
            #expect(conflicts.contains("policy 'emergency'") && conflicts.contains("rack 7 burns") && conflicts.contains("192.0.2.10"), "\(conflicts)")
            let explain = try await fleet.freshet("explain", Self.name, "A").output
            #expect(explain.contains("from emergency by ada (rack 7 burns)") && explain.contains("in place of site/Servers"), "\(explain)")
            try await eventually("the Presenter counts it", within: .seconds(10)) {
                let metrics = try await metrics(fleet)
                return metrics.contains("freshet_presenter_conflicts{policy=\"emergency\"} 1")
                    && metrics.contains("freshet_presenter_findings{level=\"error\"} 0")
            }
        }

        private func reviewTakesItsPlace(_ fleet: Fleet) async throws {
            try fleet.write(
                "site/edits/lasting.yaml",
                "edits: [{action: set, name: \(Self.name), type: A, values: [192.0.2.201], overrides: emergency, owner: ben, reason: web1 moved}]")
            try await fleet.commit("what the emergency edit did, otherwise")
            try await fleet.waitForHead(1)
            try await served(["192.0.2.201"], fleet)
            let conflicts = try await fleet.freshet("conflicts").output
            #expect(conflicts.contains("emergency replaced"), "\(conflicts)")
            let explain = try await fleet.freshet("explain", Self.name, "A").output
            #expect(explain.contains("from edits edits/lasting.yaml:1 by ben (web1 moved)"), "\(explain)")
            #expect(try await fleet.freshet("emergency", "withdraw", Self.name, "A").status == 0)
            #expect(try await fleet.freshet("emergency", "withdraw", Self.name, "A").status != 0)
            try await eventually("nothing is left of it", within: .seconds(20)) {
                try await !fleet.freshet("conflicts").output.contains("emergency replaced")
            }
            try await served(["192.0.2.201"], fleet)
        }

        /// Of what no review replaced, what was there before comes back.
        private func withdrawal(_ fleet: Fleet) async throws {
            let signed = try await fleet.freshet(
                "emergency", "remove", "push1.mirrors.test", "A", "--expires", "1h", "--reason", "it attacks us", "--key", "keys/ada.private")
            #expect(signed.status == 0, "\(signed.errors)")
            try await eventually("it is gone", within: .seconds(20)) { try await fleet.ask("push1.mirrors.test", .a, at: fleet.unbound(0)) == [] }
            // Its alias leads nowhere now.
            try await eventually("the Presenter sees that", within: .seconds(10)) {
                try await metrics(fleet).contains("code=\"dangling-target\"")
            }
            #expect(try await fleet.freshet("emergency", "withdraw", "push1.mirrors.test", "A").status == 0)
            try await eventually("it is back", within: .seconds(20)) {
                try await fleet.ask("push1.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.20"]
            }
            try await eventually("and seen", within: .seconds(10)) { try await !metrics(fleet).contains("code=\"dangling-target\"") }
            #expect(try await fleet.freshet("emergency", "list").output.contains("no emergency edits"))
        }

        private struct Event: Decodable {
            var presentation: UInt64
            var at: String
            var before, after: String?
        }

        private func history(_ fleet: Fleet) async throws {
            func events(_ name: String) async throws -> [Event] {
                try JSONDecoder().decode([Event].self, from: Data(try await fleet.freshet("history", name, "A", "--json").output.utf8))
            }
            let events = try await events(Self.name)
            let values = events.map { String(($0.after ?? "").split(separator: " ").last ?? "") }
            #expect(values == ["192.0.2.201", "192.0.2.200", "192.0.2.10"])
            guard values.count == 3 else { return }
            let all = try JSONDecoder().decode([Event].self, from: Data(try await fleet.freshet("history", "--json").output.utf8))
            #expect(all.count >= 5 && all.map(\.presentation) == all.map(\.presentation).sorted(by: >))
            // By number and by time, as it was served.
            for (event, value) in zip(events, values) {
                for at in ["\(event.presentation)", event.at] {
                    let show = try await fleet.freshet("show", "--at", at, Self.name).output
                    #expect(show.contains(value), "\(at): \(show)")
                }
            }
            let rule = try await fleet.freshet("show", "--at", "\(events[1].presentation)", "--source", "site/Servers", Self.name).output
            #expect(rule.contains("192.0.2.10"), "\(rule)")
            let diff = try await fleet.freshet("diff", "\(events[2].presentation)", "\(events[0].presentation)", "--json").output
            struct Diff: Decodable {
                struct Change: Decodable { var owner: String; var before, after: [String] }
                var records: [Change]
            }
            let changes = try JSONDecoder().decode(Diff.self, from: Data(diff.utf8)).records
            #expect(changes.map(\.owner) == [Self.name + "."] && changes.map(\.before) == [["192.0.2.10"]] && changes.map(\.after) == [["192.0.2.201"]])
            #expect(try await fleet.freshet("show", "--at", "2001-01-01T00:00:00Z", Self.name).errors.contains("not kept"))

            try await releases(fleet)
        }

        /// The release in which a value first went out, also when later ones came.
        private func releases(_ fleet: Fleet) async throws {
            func release(_ name: String) async throws -> Int? {
                let explain = try await fleet.freshet("explain", name, "A").output
                return explain.firstMatch(of: /first in release (\d+)/).flatMap { Int($0.1) }
            }
            let first = try #require(try await release(Self.name))
            let push = try #require(try await release("push1.mirrors.test"))
            // Never touched since the first.
            let untouched = try #require(try await release("ns1.mirrors.test"))
            #expect(untouched < first && first < push)
            #expect(try await fleet.freshet("register", "web9.mirrors.test", "A", "192.0.2.9", "--person", "web9").status == 0)
            try await eventually("a later release", within: .seconds(20)) {
                try await fleet.ask("web9.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.9"]
            }
            let later = try #require(try await release("web9.mirrors.test"))
            #expect(later > push)
            #expect(try await release(Self.name) == first)
            #expect(try await release("push1.mirrors.test") == push)
        }

        @Test func aConflictThatBlocks() async throws {
            try await withFleet(.embedded) { fleet in
                try fleet.startProxy(0)
                try await fleet.waitForHead(1)
                try await policy(fleet, "policy: {exceptions: [{name: ns2.mirrors.test, types: A, block: true}]}")
                // The demo's edits: one conflict, at ns2.
                try FileManager.default.copyItem(atPath: Fleet.root + "/demo/changes/edits.yaml", toPath: fleet.site + "/edits/mirrors.yaml")
                let plan = try await fleet.freshet("plan", "--format", "json")
                let json = try #require(JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any])
                let digest = try #require(json["digest"] as? String)
                #expect(plan.status == 2 && json["needsAcknowledgement"] as? Bool == true)
                try await fleet.commit("edits")
                try await eventually("it is held", within: .seconds(30)) {
                    let status = try await fleet.freshet("status", "--json").output
                    return status.contains(digest) && status.contains("a conflict at ns2.mirrors.test. A")
                }
                // Nothing of the commit is served, what has no conflict neither.
                #expect(try await fleet.ask(PipelineTests.IncidentTests.name, .a, at: fleet.tinydns(0)) == ["192.0.2.10"])
                #expect(try await !fleet.freshet("conflicts").output.contains("ns2.mirrors.test"))

                // Who says so settles it: then nobody has to let it through.
                let edits = try String(contentsOfFile: fleet.site + "/edits/mirrors.yaml", encoding: .utf8)
                try fleet.write("site/edits/mirrors.yaml", edits + "    overrides: site/Servers\n")
                try await fleet.commit("carol says whose it is")
                try await fleet.waitForHead(1)
                #expect(try await fleet.ask("ns2.mirrors.test", .a, at: fleet.tinydns(0)) == ["198.51.100.2"])
                #expect(try await !fleet.freshet("status", "--json").output.contains("\"held\""))

                // Back to the conflict: held again, until it is let through, which is for this conflict.
                try fleet.write("site/edits/mirrors.yaml", edits)
                let second = try await fleet.freshet("plan", "--format", "json")
                let again = try #require(JSONSerialization.jsonObject(with: Data(second.output.utf8)) as? [String: Any])
                try await fleet.commit("and does not")
                let held = try #require(again["digest"] as? String)
                try await eventually("it is held again", within: .seconds(30)) { try await fleet.freshet("status", "--json").output.contains(held) }
                #expect(try await fleet.ask("ns2.mirrors.test", .a, at: fleet.tinydns(0)) == ["198.51.100.2"])
                #expect(try await fleet.freshet("apply", "--plan", held, "--reason", "seen").status == 0)
                try await fleet.waitForHead(1)
                #expect(try await fleet.ask("ns2.mirrors.test", .a, at: fleet.tinydns(0)) == ["192.0.2.2"])
                #expect(try await fleet.freshet("conflicts").output.contains("ns2.mirrors.test"))
            }
        }

        // MARK: The fleet

        /// The Presenter with another policy.
        private func policy(_ fleet: Fleet, _ policy: String, metrics: Bool = false) async throws {
            let file = try String(contentsOfFile: fleet.directory.path + "/pipeline.yaml", encoding: .utf8)
            try fleet.write("pipeline.yaml", file + "\n" + policy + "\n")
            await fleet.kill("presenter")
            try fleet.start("presenter", metrics ? ["presenter.metrics": "\(fleet.unbound(3).host):9154"] : [:])
        }

        private func metrics(_ fleet: Fleet) async throws -> String {
            try await Subprocess.run(
                .name("curl"), arguments: ["-s", "http://\(fleet.unbound(3).host):9154/metrics"], output: .string(limit: 1 << 20)
            ).standardOutput
        }

        private func served(_ values: [String], _ fleet: Fleet) async throws {
            for server in [fleet.tinydns(0), fleet.unbound(0)] {
                try await eventually("\(values) are served", within: .seconds(20)) { try await fleet.ask(Self.name, .a, at: server) == values }
            }
        }
    }
}
