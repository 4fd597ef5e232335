import Pipeline
import TestSupport
import Testing

@testable import Rules

@Suite struct InputTests {
    struct Server: Decodable, Sendable {
        var name: String
        var address: String
    }

    struct Servers: Rule {
        @Input("inventory/servers.yaml") var servers: [Server]
        @Input("zone", { String(decoding: $0.bytes, as: UTF8.self) }) var zone: String
        let ttl: UInt32 = 30

        var records: Records {
            Zone(zone, ttl: ttl) { for server in servers { Host(server.name, server.address) } }
        }
    }

    struct Strict: Rule {
        static let name = "Renamed"
        @Input("lines", { file in
            for (at, line) in file.lines.enumerated() where line == "bad" { throw file.fault("no '\(line)' here", line: at + 1) }
            return file.lines.count
        }) var count: Int
        var records: Records { A("n\(count).", "192.0.2.1") }
    }

    private func place(_ files: [String: String]) throws -> (directory: TemporaryDirectory, paths: [String: String]) {
        let directory = try TemporaryDirectory("input")
        var paths: [String: String] = [:]
        for (at, (name, text)) in files.enumerated() {
            paths[name] = "\(directory.path)/\(at)"
            try write(text, to: paths[name]!)
        }
        return (directory, paths)
    }

    @Test func declared() {
        #expect(Servers().inputs.map(\.name) == ["inventory/servers.yaml", "zone"])
        #expect(Servers.name == "Servers")
        #expect(Strict.name == "Renamed")
    }

    @Test func loaded() throws {
        let (directory, paths) = try place([
            "inventory/servers.yaml": "- {name: a, address: 192.0.2.1}\n- {name: b, address: '2001:db8::1'}\n", "zone": "example.net.",
        ])
        let evaluation = try Servers().evaluate(inputs: paths)
        #expect(evaluation.faults.isEmpty)
        #expect(evaluation.records.map(\.key.description).filter { !$0.contains("arpa") } == ["a.example.net. A", "b.example.net. AAAA"])
        #expect(evaluation.records.allSatisfy { $0.ttl == 30 && $0.origin.source == "Servers" })
        withExtendedLifetime(directory) {}
    }

    private func fault(_ rule: some Rule, _ paths: [String: String]) -> RuleFault? {
        do { _ = try rule.evaluate(inputs: paths) } catch let fault as RuleFault { return fault } catch {}
        return nil
    }

    @Test func notGiven() throws {
        let fault = try #require(self.fault(Servers(), [:]))
        #expect(fault.description == "inventory/servers.yaml:0: no file is given for this input")
    }

    @Test func missingFile() throws {
        let fault = try #require(self.fault(Strict(), ["lines": "/nonexistent/x"]))
        #expect(fault.source == SourceLine(file: "lines", line: 0))
        #expect(fault.message.contains("cannot be read"))
    }

    @Test func malformed() throws {
        for text in ["- {name: a}\n", "x: 1\n", "- [\n", ""] {
            let (directory, paths) = try place(["inventory/servers.yaml": text, "zone": "x."])
            #expect(fault(Servers(), paths)?.source.file == "inventory/servers.yaml", "\(text)")
            withExtendedLifetime(directory) {}
        }
    }

    @Test func faultyLine() throws {
        let (directory, paths) = try place(["lines": "good\nbad\n"])
        #expect(fault(Strict(), paths)?.description == "lines:2: no 'bad' here")
        withExtendedLifetime(directory) {}
    }
}
