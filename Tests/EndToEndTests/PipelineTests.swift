import DNSClient
import DNSWire
import Foundation
import Pipeline
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// From a commit to what DNS clients see, through every stage and real daemons.
@Suite(.serialized)
struct PipelineTests {
    @Test(arguments: Fleet.Backend.allCases)
    func changesReachEveryProxy(_ backend: Fleet.Backend) async throws {
        try await withFleet(backend) { fleet in
            try fleet.startProxy(0)
            try fleet.startProxy(1)
            try await fleet.waitForHead(2)
            for index in 0...1 {
                for server in [fleet.tinydns(index), fleet.unbound(index)] {
                    #expect(try await fleet.ask("web1.mirrors.test", .a, at: server) == ["192.0.2.10"])
                    #expect(try await fleet.ask("10.2.0.192.in-addr.arpa", .ptr, at: server) == ["web1.mirrors.test."])
                    let stamp = try await fleet.ask("_freshet.mirrors.test", .txt, at: server)
                    #expect(stamp.count == 1 && stamp[0].hasPrefix("\"v=freshet1 p=test r="))
                }
            }
            // The map: one name, two clients, two answers.
            let tinydns = fleet.tinydns(0)
            #expect(try await fleet.ask("mirror.mirrors.test", .cname, at: tinydns, from: "127.43.0.1") == ["ftp.at.debian.org."])
            #expect(try await fleet.ask("mirror.mirrors.test", .cname, at: tinydns, from: "127.46.0.1") == ["ftp.se.debian.org."])
            #expect(try await fleet.ask("mirror.mirrors.test", .cname, at: tinydns, from: "127.1.1.1") == ["deb.debian.org."])

            try await planThenEdits(fleet)
            try await inputsElsewhere(fleet)
            try await expiry(fleet)
            try await zonesCome(fleet)
            try await registration(fleet)
            try await badEdits(fleet)
            try await review(fleet)
            try await sameDatabaseAsTinydnsData(fleet)
            try await metrics(fleet)
        }
    }

    private func planThenEdits(_ fleet: Fleet) async throws {
        try FileManager.default.copyItem(
            atPath: Fleet.root + "/demo/changes/edits.yaml", toPath: fleet.site + "/edits/mirrors.yaml")
        let plan = try await fleet.freshet("plan", "--format", "json")
        #expect(plan.status == 2, "\(plan.errors)")
        let json = try #require(JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any])
        #expect(json["add"] as? Int == 0 && json["change"] as? Int == 2 && json["remove"] as? Int == 1)
        #expect((json["conflicts"] as? [String])?.count == 1)
        // unbound has it in its cache for 300 s: a change must not wait for that.
        #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.10"])
        try await fleet.commit("edits")
        try await fleet.waitForHead(2)
        for server in [fleet.tinydns(1), fleet.unbound(0), fleet.unbound(1)] {
            #expect(try await fleet.ask("web1.mirrors.test", .a, at: server) == ["192.0.2.99"])
            #expect(try await fleet.ask("push1.mirrors.test", .a, at: server) == ["192.0.2.20", "192.0.2.21"])
            #expect(try await fleet.ask("push.mirrors.test", .cname, at: server) == [])
            #expect(try await fleet.ask("ns2.mirrors.test", .a, at: server) == ["192.0.2.2"])
        }
        let conflicts = try await fleet.freshet("conflicts", "--json")
        #expect(conflicts.output.contains("edits/mirrors.yaml") && conflicts.output.contains("198.51.100.2"))
        #expect(try await fleet.freshet("plan").status == 0)
        // Of the commit before: what a revert would do.
        let back = try await fleet.freshet("plan", "--commit", "HEAD~1", "--format", "markdown")
        #expect(back.status == 2 && back.output.contains("1 RRset to add"), "\(back.output) \(back.errors)")
        let timeline = try await fleet.freshet("timeline", "--json")
        for stage in ["rulesRun", "presented", "published", "fetched", "deployed", "seenThroughTinydns", "seenThroughUnbound"] {
            #expect(timeline.output.contains(stage))
        }
    }

    /// unbound is told of a zone while it runs: what it holds of others stays.
    private func zonesCome(_ fleet: Fleet) async throws {
        // Over 512 octets: only TCP carries the answer.
        let long = (0..<4).map { "\"" + String(repeating: "\($0)", count: 200) + "\"" }.joined(separator: " ")
        try fleet.write(
            "site/edits/new.yaml",
            """
            edits:
            - {action: set, name: new.test, type: SOA, ttl: 60, values: ['ns1.mirrors.test. h.new.test. 1 2 3 4 5'], owner: t, reason: t}
            - {action: set, name: new.test, type: NS, ttl: 60, values: [ns1.mirrors.test.], owner: t, reason: t}
            - {action: set, name: www.new.test, type: A, ttl: 60, values: [192.0.2.33], owner: t, reason: t}
            - {action: set, name: long.new.test, type: TXT, ttl: 60, values: ['\(long)'], owner: t, reason: t}
            """)
        // Nothing there yet, and unbound remembers that.
        #expect(try await fleet.ask("www.new.test", .a, at: fleet.unbound(0)).isEmpty)
        try await fleet.commit("a zone comes")
        try await fleet.waitForHead(2)
        for index in 0...1 {
            #expect(try await fleet.ask("www.new.test", .a, at: fleet.unbound(index)) == ["192.0.2.33"])
            for server in [fleet.tinydns(index), fleet.unbound(index)] {
                #expect(try await fleet.ask("long.new.test", .txt, at: server) == [long])
            }
        }
        let logs = try (0...1).map { try String(contentsOfFile: fleet.directory.path + "/p\($0).log", encoding: .utf8) }
        #expect(logs.allSatisfy { !$0.contains("unbound does not show") })
    }

    /// A file outside the repository changes: the rule runs, without a commit.
    private func inputsElsewhere(_ fleet: Fleet) async throws {
        let mirrors = try String(contentsOfFile: fleet.directory.path + "/mirrors", encoding: .utf8)
        try fleet.write("mirrors", mirrors + "#LOC:DE\nhttp://ftp.de.debian.org/debian/\n")
        try await eventually("the new mirror is served", within: .seconds(30)) {
            try await fleet.ask("de.mirrors.test", .cname, at: fleet.unbound(0)) == ["ftp.de.debian.org."]
        }
    }

    /// An edit ends on time, with no other event.
    private func expiry(_ fleet: Fleet) async throws {
        let expires = Instant.now().advanced(byMilliseconds: 8000)
        try fleet.write(
            "site/edits/brief.yaml",
            """
            edits:
              - {action: set, name: brief.mirrors.test, type: A, ttl: 300, values: [192.0.2.77], owner: o, reason: r, expires: "\(expires)"}
            """)
        try await fleet.commit("brief")
        try await fleet.waitForHead(2)
        #expect(try await fleet.ask("brief.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.77"])
        try await eventually("the edit has ended", within: .seconds(20)) {
            try await fleet.ask("brief.mirrors.test", .a, at: fleet.unbound(0)) == []
        }
        #expect(Instant.now() >= expires)
    }

    private func registration(_ fleet: Fleet) async throws {
        #expect(try await fleet.freshet("register", "web9.mirrors.test", "A", "192.0.2.9", "--person", "web9").status == 0)
        try await eventually("the registration is served", within: .seconds(30)) {
            try await fleet.ask("web9.mirrors.test", .a, at: fleet.unbound(1)) == ["192.0.2.9"]
        }
        #expect(try await fleet.freshet("deregister", "web9.mirrors.test", "A", "--person", "web9").status == 0)
        try await eventually("the registration is gone", within: .seconds(30)) {
            try await fleet.ask("web9.mirrors.test", .a, at: fleet.unbound(1)) == []
        }
    }

    /// Faults are named, all of them; what was live stays.
    private func badEdits(_ fleet: Fleet) async throws {
        let good = try String(contentsOfFile: fleet.site + "/edits/mirrors.yaml", encoding: .utf8)
        let bad = good.replacingOccurrences(of: "192.0.2.99", with: "192.0.2.299").replacingOccurrences(of: "type: CNAME", with: "type: KNAME")
        try fleet.write("site/edits/mirrors.yaml", bad)
        let plan = try await fleet.freshet("plan")
        #expect(plan.status == 1)
        #expect(plan.errors.contains("edits/mirrors.yaml:8") && plan.errors.contains("KNAME"), "\(plan.errors)")
        try await fleet.commit("a bad edit")
        try await eventually("status tells", within: .seconds(30)) {
            try await fleet.freshet("status", "--json").output.contains("192.0.2.299")
        }
        #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.99"])
        try fleet.write("site/edits/mirrors.yaml", good.replacingOccurrences(of: "192.0.2.99", with: "192.0.2.98"))
        try await fleet.commit("mended")
        try await fleet.waitForHead(2)
        #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.98"])
    }

    /// Too much at once waits for a person, who sees the same plan wherever it is made.
    private func review(_ fleet: Fleet) async throws {
        func plan(_ arguments: String...) async throws -> (status: Int32, json: [String: Any]) {
            let outcome = try await fleet.freshet(["plan", "--format", "json"] + arguments)
            let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            struct Line: Encodable { var json: String }
            struct Answer: Decodable { var faults: [String] }
            let judged = try await Program.oracle(
                "schema_oracle.py", ["\(packageRoot)/schemas/plan.schema.json"], lines: [Line(json: outcome.output)], answers: Answer.self)
            #expect(judged[0].faults == [])
            return (outcome.status, try #require(json, "\(outcome.errors)"))
        }
        let inventory = try String(contentsOfFile: fleet.site + "/inventory/servers.yaml", encoding: .utf8)
        let moved = inventory.replacingOccurrences(of: "192.0.2.", with: "198.51.100.")
        try fleet.write("site/inventory/servers.yaml", moved)
        let snapshot = fleet.directory.path + "/snapshot"
        #expect(try await fleet.freshet("snapshot", snapshot).status == 0)
        let here = try await plan(), there = try await plan("--set", "store=\(snapshot)")
        let digest = try #require(here.json["digest"] as? String)
        #expect(here.status == 2 && here.json["needsAcknowledgement"] as? Bool == true)
        #expect(there.json["digest"] as? String == digest)

        try await fleet.commit("all servers move")
        try await eventually("status tells what is held", within: .seconds(30)) {
            try await fleet.freshet("status", "--json").output.contains(digest)
        }
        #expect(try await fleet.ask("ns1.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.1"])
        #expect(try await fleet.freshet("apply", "--plan", "\(digest.dropLast())").status != 0)
        #expect(try await fleet.freshet("apply", "--plan", digest, "--reason", "seen").status == 0)
        try await fleet.waitForHead(2)
        #expect(try await fleet.ask("ns1.mirrors.test", .a, at: fleet.unbound(0)) == ["198.51.100.1"])
        #expect(try await !fleet.freshet("status", "--json").output.contains("\"held\""))
        let commits = try await plan("--from", "HEAD~1", "--commit", "HEAD")
        #expect(commits.json["digest"] as? String == digest)

        // A revert restores exactly what was there.
        try await fleet.git("revert", "--no-edit", "HEAD")
        let restored = try await plan("--from", "HEAD~2", "--commit", "HEAD")
        #expect(restored.status == 0 && restored.json["records"] as? [String] == [])
        let back = try #require(try await plan().json["digest"] as? String)
        #expect(back != digest)
        #expect(try await fleet.freshet("apply", "--plan", back).status == 0)
        try await fleet.waitForHead(2)
        #expect(try await fleet.ask("ns1.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.1"])

        // What is wrong makes a plan invalid, unless it is waived.
        try fleet.write(
            "site/edits/wrong.yaml",
            "edits: [{action: set, name: www9.mirrors.test, type: CNAME, values: [nowhere.mirrors.test.], owner: o, reason: r}]")
        let wrong = try await fleet.freshet("plan")
        #expect(wrong.status == 1 && wrong.output.contains("dangling-target") && wrong.output.contains("edits/wrong.yaml:1"), "\(wrong.output)")
        #expect(try await fleet.freshet("validate").status == 1)
        try fleet.write(
            "site/waivers.yaml",
            "waivers: [{code: dangling-target, name: www9.mirrors.test, type: CNAME, owner: o, reason: comes next week}]")
        let waived = try await fleet.freshet("validate")
        #expect(waived.status == 0 && waived.output.contains("comes next week"), "\(waived.output)")
        try FileManager.default.removeItem(atPath: fleet.site + "/edits/wrong.yaml")
        try FileManager.default.removeItem(atPath: fleet.site + "/waivers.yaml")
    }

    /// Debian's own compiler makes the proxies' database of the same records.
    private func sameDatabaseAsTinydnsData(_ fleet: Fleet) async throws {
        let work = try TemporaryDirectory("data")
        // A heartbeat may come between the two readings: then once more.
        try await eventually("the file says what tinydns-data's says", within: .seconds(30)) {
            let text = try await fleet.freshet("data").output
            try Data(text.utf8).write(to: URL(filePath: work.path + "/data"))
            let result = try await Subprocess.run(
                .name("tinydns-data"), workingDirectory: FilePath(work.path), output: .discarded, error: .string(limit: 4096))
            #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
            // Changed in place, ours has other octets; not other answers.
            let theirs = try [UInt8](Data(contentsOf: URL(filePath: work.path + "/data.cdb")))
            let ours = try CdbReader([UInt8](Data(contentsOf: URL(filePath: fleet.proxyDirectory(0) + "/tinydns/data.cdb"))))
            let reader = try CdbReader(theirs), records = theirs[2048..<Int(theirs[0]) + Int(theirs[1]) << 8 + Int(theirs[2]) << 16]
            var keys: Set<[UInt8]> = []
            try CdbFragment.walk(Array(records)) { _, key, _ in keys.insert(Array(key)) }
            return try keys.count > 20
                && keys.allSatisfy { try Set(ours.values(of: $0).map(Array.init)) == Set(reader.values(of: $0).map(Array.init)) }
        }
    }

    private func metrics(_ fleet: Fleet) async throws {
        let result = try await Subprocess.run(
            .name("curl"), arguments: ["-sf", "http://\(fleet.unbound(0).host):9153/metrics"], output: .string(limit: 1 << 20))
        #expect(result.standardOutput.contains("freshet_proxy_healthy 1"))
        #expect(result.standardOutput.contains("freshet_proxy_stamp_age_seconds{through=\"unbound\"}"))
    }
}
