import DNSWire
import Foundation
import TestSupport
import Testing

extension PipelineTests {
    /// Packs in another language, in a fleet.
    @Suite(.serialized) struct PackTests {
        private static let packs = """
            packs:
              - {name: site, sources: rules}
              - {name: python, sources: packs/python, executable: pack.py, protocol: json}
              - {name: servers, sources: packs/servers, executable: pack, protocol: json, deadline: 5s}
            """

        /// What servers registered, as text beside each.
        private static let servers = """
            #!/usr/bin/env python3
            import json, sys
            if sys.argv[1] == "describe":
                print(json.dumps({"rules": [{"name": "Servers", "inputs": ["@registrations"]}]}))
                sys.exit()
            request = json.loads(sys.stdin.readline())
            with open(request["inputs"]["@registrations"]) as file:
                rows = json.load(file)
            for row in rows:
                print(json.dumps({"record": {"owner": "who." + row["owner"], "type": "TXT", "ttl": 60, "values": ['"' + row["person"] + '"']}}))
            print(json.dumps({"done": {"records": len(rows), "map": 0}}))

            """

        private func write(_ text: String, to path: String) throws {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }

        @Test func pythonAndRegistrations() async throws {
            // The first commit has no such packs: it is refused, and the next stands for itself.
            try await withFleet(.embedded, more: Self.packs) { fleet in
                let example = Fleet.root + "/examples/python-pack"
                try FileManager.default.createDirectory(atPath: fleet.site + "/packs", withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: example, toPath: fleet.site + "/packs/python")
                for file in try FileManager.default.contentsOfDirectory(atPath: example + "/inventory") {
                    try FileManager.default.copyItem(atPath: "\(example)/inventory/\(file)", toPath: "\(fleet.site)/inventory/\(file)")
                }
                try write(Self.servers, to: fleet.site + "/packs/servers/pack")
                try fleet.startProxy(0)
                try await fleet.commit("packs in Python")
                try await fleet.waitForHead(1)
                let tinydns = fleet.tinydns(0)
                #expect(try await fleet.ask("www.python.example.", .a, at: tinydns) == ["192.0.2.80"])
                #expect(try await fleet.ask("mail.python.example.", .mx, at: tinydns) == ["10 mx1.python.example.", "20 mx2.python.example."])
                // Its provenance leads to the line of the pack's input.
                let why = try await fleet.freshet("explain", "www.python.example", "A")
                #expect(why.output.contains("python/Hosts") && why.output.contains("inventory/servers.csv:4"), "\(why.output)")

                // A registration is an input of its rule.
                let made = try await fleet.freshet("register", "web9.mirrors.test", "A", "192.0.2.9", "--person", "web9")
                #expect(made.status == 0, "\(made.errors)")
                try await eventually("a rule's record of what registered") {
                    try await fleet.ask("who.web9.mirrors.test.", .txt, at: tinydns) == ["\"web9\""]
                }
                #expect(try await fleet.freshet("deregister", "web9.mirrors.test", "A", "--person", "web9").status == 0)
                try await eventually("it went with it") { try await fleet.ask("who.web9.mirrors.test.", .txt, at: tinydns) == [] }

                // A pack that hangs keeps what it made last, and says so; the others go on.
                try write(Self.servers.replacing("request = ", with: "import time; time.sleep(3600)\nrequest = "), to: fleet.site + "/packs/servers/pack")
                let servers = fleet.site + "/inventory/servers.csv"
                try write(try String(contentsOfFile: servers, encoding: .utf8).replacing("192.0.2.80", with: "192.0.2.81"), to: servers)
                try await fleet.commit("one hangs, the other moves")
                try await fleet.waitForHead(1)
                #expect(try await fleet.ask("www.python.example.", .a, at: tinydns) == ["192.0.2.81"])
                let log = try String(contentsOfFile: fleet.directory.path + "/configurator.log", encoding: .utf8)
                #expect(log.split(separator: "\n").contains { $0.contains("servers/Servers") && $0.contains("did not end within") }, "\(log.suffix(600))")
            }
        }
    }
}
