import DNSWire
import Foundation
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
        let faults = try #require(throws: RuleFaults.self) { try Servers().evaluate(inputs: [:]) }.faults
        #expect(faults.map(\.description) == ["inventory/servers.yaml", "zone"].map { "\($0):0: no file is given for this input" })
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

    /// Whatever ends the lines.
    @Test(arguments: ["good\nbad\n", "good\r\nbad\r\n"])
    func faultyLine(_ text: String) throws {
        let (directory, paths) = try place(["lines": text])
        #expect(fault(Strict(), paths)?.description == "lines:2: no 'bad' here")
        withExtendedLifetime(directory) {}
    }

    // MARK: CSV and directories

    struct Row: Decodable, Sendable, Equatable {
        var name: String
        var ttl: Int?
    }

    struct Table: Rule {
        @Input("rows.csv") var rows: [Row]
        var records: Records { for row in rows { A(row.name, "192.0.2.1", ttl: row.ttl.map { UInt32($0) }) } }
    }

    @Test func csv() throws {
        let (directory, paths) = try place(["rows.csv": "name,ttl,more\na,5,x\n\"b\",,\n"])
        #expect(try Table().evaluate(inputs: paths).records.map(\.ttl) == [5, 3600])
        try write("name,ttl\na,x\nb,1\nc,y\n", to: paths["rows.csv"]!)
        let faults = try #require(throws: RuleFaults.self) { try Table().evaluate(inputs: paths) }.faults
        #expect(
            faults.map(\.description) == [
                "rows.csv:2: column 'ttl': expected a number, found 'x'", "rows.csv:4: column 'ttl': expected a number, found 'y'",
            ])
        withExtendedLifetime(directory) {}
    }

    struct Tree: Rule {
        @Input("hosts/", each: Row.self) var list: [Row]
        @Input("named", each: Row.self) var named: [String: Row]
        @Input("lists", joining: Row.self) var joined: [Row]
        var records: Records {
            for row in list + joined { A(row.name, "192.0.2.1") }
            for (stem, row) in named.sorted(by: { $0.key < $1.key }) { TXT(row.name, stem) }
        }
    }

    @Test func directories() throws {
        let directory = try TemporaryDirectory("inputs")
        let paths = ["hosts/": directory.path + "/h", "named": directory.path + "/h", "lists": directory.path + "/l"]
        for place in ["h/eu/deep", "l"] {
            try FileManager.default.createDirectory(atPath: "\(directory.path)/\(place)", withIntermediateDirectories: true)
        }
        try write("name: z", to: directory.path + "/h/b.yaml")
        try write("{\"name\": \"y\"}", to: directory.path + "/h/a.json")
        try write("name: x", to: directory.path + "/h/eu/deep/c.d.yml")
        try write("not read", to: directory.path + "/h/.hidden")
        try write("{}", to: directory.path + "/h/x.schema.json")
        try write("name\nm\nn\n", to: directory.path + "/l/rows.csv")
        let records = try Tree().evaluate(inputs: paths).records
        #expect(records.filter { $0.key.type == .a }.map { "\($0.key.owner)" } == ["y.", "z.", "x.", "m.", "n."])
        #expect(
            records.filter { $0.key.type == .txt }.map { "\($0.key.owner) \($0.rdata[0].text(type: .txt))" } == [
                "y. \"a\"", "z. \"b\"", "x. \"eu/deep/c.d\"",
            ])
        // Every fault of every file.
        try write("nam: z", to: directory.path + "/h/b.yaml")
        try write("[1", to: directory.path + "/h/a.json")
        let faults = try #require(throws: RuleFaults.self) { try Tree().evaluate(inputs: paths) }.faults
        #expect(faults.map { "\($0.source.file):\($0.source.line)" } == ["hosts/a.json:1", "hosts/b.yaml:1", "named/a.json:1", "named/b.yaml:1"])
        // Names that differ in their ending alone.
        try write("name: z", to: directory.path + "/h/b.yaml")
        try write("{\"name\": \"y\"}", to: directory.path + "/h/a.json")
        try write("name: y", to: directory.path + "/h/a.yaml")
        #expect(throws: RuleFault.self) { try Tree().evaluate(inputs: paths) }
    }

    struct Hosts: Rule {
        @Registrations var hosts
        var records: Records { for host in hosts { Record(host.owner, .a, host.values, ttl: host.ttl) } }
    }

    @Test func registered() throws {
        #expect(Hosts().inputs.map(\.name) == ["@registrations"])
        let text = #"[{"action":"set","owner":"a.","type":"A","ttl":7,"values":["192.0.2.1"],"person":"p","reason":"r"}]"#
        let (directory, paths) = try place(["@registrations": text])
        #expect(try Hosts().evaluate(inputs: paths).records.map(\.ttl) == [7])
        withExtendedLifetime(directory) {}
    }
}
