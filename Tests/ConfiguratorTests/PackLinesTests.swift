import DNSWire
import Documents
import Glibc
import Pipeline
import TestSupport
import Testing

@testable import Configurator

/// Packs that speak JSON lines: the Python example, and every way to get it wrong.
@Suite(.serialized) struct PackLinesTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("lines") }

    private static let record = #"{"record":{"owner":"a.","type":"A","ttl":1,"values":["192.0.2.1"]}}"#
    private static let done = #"{"done":{"records":1,"map":0}}"#

    private func pack(
        _ script: String, deadline: Duration = .seconds(20), records: Int = 1000, octets: Int = 1 << 30,
        wire: PackSettings.Wire = .json
    ) throws -> PackProcess {
        try write("#!/bin/sh\ncd '\(directory.path)' || exit\n\(script)\n", to: "\(directory.path)/pack", program: true)
        let limits = PackSettings.Limits(deadline: deadline, records: records, octets: octets)
        return PackProcess(program: "\(directory.path)/pack", wire: wire, limits: limits)
    }

    private func printing(_ lines: String...) throws -> PackProcess {
        try write(lines.joined(separator: "\n") + "\n", to: "\(directory.path)/lines")
        return try pack("cat lines")
    }

    private func fault(_ pack: PackProcess) async throws -> String {
        do {
            _ = try await within(.seconds(20), "a bad pack") { try await pack.run(PackRequest(rule: "R", inputs: [:])) }
        } catch let error as ConfiguratorError {
            #expect(error.code == .pack)
            return error.description
        }
        throw TestFailure("a bad pack was believed")
    }

    // MARK: The example

    private static let example = "\(packageRoot)/examples/python-pack"
    private static let python = PackProcess(program: "\(example)/pack.py", wire: .json)

    @Test func pythonExample() async throws {
        let rules = try await Self.python.describe()
        #expect(rules.map(\.name) == ["Hosts", "Services"])
        var texts: Set<String> = []
        for rule in rules {
            let inputs = Dictionary(uniqueKeysWithValues: rule.inputs.map { ($0, "\(Self.example)/\($0)") })
            let (records, map) = try await Self.python.run(PackRequest(rule: rule.name, inputs: inputs))
            for record in records {
                #expect(record.origin.file == rule.inputs[0])
                for value in record.rdata { texts.insert("\(record.key) \(record.ttl) \(value.text(type: record.key.type))") }
            }
            if rule.name == "Services" {
                #expect(map.map { "\($0.prefixText) \($0.location)" } == ["* zz", "10.1 eu", "192.0.2 eu"])
                #expect(Set(records.map(\.key.type)).count == 14)
            }
            if rule.name == "Hosts" { #expect(records.map(\.origin.line) == [1, 1, 2, 2, 3, 3, 4, 4]) }
        }
        for wanted in [
            "www.python.example. A 300 192.0.2.80", "80.2.0.192.in-addr.arpa. PTR 300 www.python.example.",
            "ns2.python.example. AAAA 300 2001:db8::53", "near.python.example. A @eu 300 192.0.2.1",
            "odd.python.example. TYPE65280 300 \\# 3 010203", "mail.python.example. MX 300 20 mx2.python.example.",
        ] { #expect(texts.contains(wanted), "\(wanted)") }
    }

    @Test func pythonFault() async throws {
        try write("name,address\nok,192.0.2.1\nbad,192.0.2.300\nworse,x\n", to: "\(directory.path)/servers.csv")
        let request = PackRequest(rule: "Hosts", inputs: ["inventory/servers.csv": "\(directory.path)/servers.csv"])
        await #expect {
            try await Self.python.run(request)
        } throws: { error in
            let faults = (error as? ConfiguratorError)?.faults ?? []
            return faults.count == 2 && faults[0].hasPrefix("inventory/servers.csv:3: '192.0.2.300'") && faults[1].contains(":4: ")
        }
    }

    /// What we accept, the published schema accepts: each line of the example.
    @Test func exampleIsOfTheSchema() async throws {
        let schema = try JSONSchema(try JSONReader.read(try contents("\(packageRoot)/schemas/pack-lines.schema.json")))
        let requests = [
            #"{"rule":"Services","inputs":{"inventory/services.json":"\#(Self.example)/inventory/services.json"}}"#,
            #"{"rule":"Hosts","inputs":{"inventory/servers.csv":"\#(Self.example)/inventory/servers.csv"}}"#,
        ]
        for request in requests {
            let outcome = try await Program.python().run(["\(Self.example)/pack.py", "run"], input: Array((request + "\n").utf8))
            for line in outcome.output.split(separator: UInt8(ascii: "\n")) {
                #expect(schema.faults(in: try JSONReader.read(Array(line))).isEmpty, "\(String(decoding: line, as: UTF8.self))")
            }
        }
        for (line, _) in Self.badLines where line.hasPrefix("{\"record\"") || line.hasPrefix("{\"map\"") {
            guard let document = try? JSONReader.read(Array(line.utf8)), !line.contains("semantics") else { continue }
            #expect(!schema.faults(in: document).isEmpty, "\(line)")
        }
    }

    // MARK: Bad packs

    static let badLines: [(String, String)] = [
        ("hello", "not a JSON value"), ("", "ends in the middle"), ("[]", "expected an object"), ("{}", "expected an object"),
        (#"{"recrod":{}}"#, "none of record"), (#"{"done":{"records":NaN}}"#, "not a JSON value"),
        (#"{"record":{"owner":"a.","owner":"b.","type":"A","ttl":1,"values":["192.0.2.1"]}}"#, "'owner' twice"),
        (#"{"record":{"owner":"a.","type":"A","ttl":NaN,"values":["192.0.2.1"]}}"#, "not a JSON value"),
        (#"{"record":{"owner":"a.","type":"A","ttl":Infinity,"values":["192.0.2.1"]}}"#, "not a JSON value"),
        (#"{"record":{"owner":"a.","type":"A","ttl":1.5,"values":["192.0.2.1"]}}"#, "'ttl' is a whole number"),
        (#"{"record":{"owner":"a.","type":"A","ttl":-1,"values":["192.0.2.1"]}}"#, "'ttl' is a whole number"),
        (#"{"record":{"owner":"a.","type":"A","ttl":2147483648,"values":["192.0.2.1"]}}"#, "ttl 2147483648"),
        (#"{"record":{"owner":"a.","type":"A","ttl":"1","values":["192.0.2.1"]}}"#, "'ttl' is a whole number"),
        (#"{"record":{"owner":"a.","type":"A","values":["192.0.2.1"]}}"#, "'ttl' is missing"),
        (#"{"record":{"owner":"a.","type":"A","ttl":1,"values":[]}}"#, "'values' is empty"),
        (#"{"record":{"owner":"a.","type":"A","ttl":1,"values":"192.0.2.1"}}"#, "'values' is a list"),
        (#"{"record":{"owner":"a.","type":"A","ttl":1,"values":[1]}}"#, "'values' is a list"),
        (#"{"record":{"owner":"a.","type":"A","ttl":1,"values":["semantics"]}}"#, "a. A"),
        (#"{"record":{"owner":"a..semantics","type":"A","ttl":1,"values":["192.0.2.1"]}}"#, "a..semantics"),
        (#"{"record":{"owner":"a.","type":"SEMANTICSsemantics","ttl":1,"values":["192.0.2.1"]}}"#, "unknown type"),
        (#"{"record":{"owner":"a.","type":"A","ttl":1,"values":["192.0.2.1"],"location":"eur"}}"#, "location 'eur'"),
        (#"{"record":{"owner":"a.","type":"A","ttl":1,"value":["192.0.2.1"]}}"#, "unknown field 'value'"),
        (#"{"map":{"prefix":"10.1.","location":"aa"}}"#, "prefix '10.1.'"),
        (#"{"map":{"prefix":"10.01","location":"aa"}}"#, "prefix '10.01'"),
        (#"{"map":{"prefix":"1.2.3.4.5","location":"aa"}}"#, "prefix '1.2.3.4.5'"),
        (#"{"map":{"prefix":"10"}}"#, "'location' is missing"),
        (#"{"record":[[[[[[[[[[[[]]]]]]]]]]]]}"#, "nested deeper"), (String(repeating: "[", count: 100_000), "nested deeper"),
        (#"{"fault":{}}"#, "'message' is missing"), (record + record, "text after the end"),
    ]

    @Test(arguments: badLines.indices)
    func garbage(_ index: Int) async throws {
        let (line, wanted) = Self.badLines[index]
        let fault = try await fault(printing(Self.record.replacing("a.", with: "first."), line, Self.done))
        #expect(fault.hasPrefix("R: line 2 of the pack's output: "), "\(fault)")
        #expect(fault.contains(wanted), "\(fault)")
        #expect(fault.utf8.count < 400)
    }

    @Test func binary() async throws {
        #expect(try await fault(pack("printf '\\377\\376\\000x\\n'")).hasPrefix("R: line 1"))
        #expect(try await fault(pack("printf '{\"fault\":{\"message\":\"\\377\"}}\\n'")).contains("not UTF-8"))
        #expect(try await fault(pack("cat /dev/zero")).contains("line 1 of the pack's output: longer than"))
    }

    @Test func twice() async throws {
        #expect(try await fault(printing(Self.record, Self.record, Self.done)).contains("line 2 of the pack's output: a. A is there already, at line 1"))
    }

    @Test func counts() async throws {
        #expect(try await fault(printing(Self.done)).contains("1 records and 0 map entries are said to be there, 0 and 0 are"))
        #expect(try await fault(printing(Self.record)).contains("without 'done'"))
        #expect(try await fault(printing(Self.record, Self.done, Self.record.replacing("a.", with: "b."))).contains("line 3 of the pack's output: more after 'done'"))
        try write(Self.record + "\n" + Self.done, to: "\(directory.path)/lines")
        #expect(try await fault(pack("cat lines")).contains("in the middle of a reply"))
    }

    @Test func status() async throws {
        try write(Self.record + "\n" + Self.done + "\n", to: "\(directory.path)/lines")
        let fault = try await fault(pack("cat lines; echo oh >&2; exit 3"))
        #expect(fault.hasPrefix("R: ") && fault.contains("3") && fault.contains("oh"))
        #expect(try await pack("cat lines").run(PackRequest(rule: "R", inputs: [:])).records.count == 1)
    }

    @Test func never() async throws {
        #expect(try await fault(pack("exec tail -f /dev/null", deadline: .seconds(1))).hasPrefix("R: the pack did not end within"))
    }

    @Test func longLine() async throws {
        let script = "head -c 100000000 /dev/zero | tr '\\0' a; echo"
        let (fault, grown) = try await peak { try await self.fault(pack(script)) }
        #expect(fault.contains("line 1 of the pack's output: longer than"))
        #expect(grown < 64 << 20)
    }

    @Test func floodOfRecords() async throws {
        #expect(try await fault(pack("exec yes '{\"map\":{\"prefix\":\"1\",\"location\":\"aa\"}}'")).contains("more than 1000 records"))
        #expect(try await fault(pack("exec yes '{\"fault\":{\"message\":\"m\"}}'")).contains("more than 1000 faults"))
    }

    /// Messages that leave nothing behind: only what is not yet judged could grow.
    @Test func pushesBack() async throws {
        // A `records` reply (field 1) with nothing known inside: field 15, 60000 octets.
        func varint(_ n: Int) -> [UInt8] { [UInt8(n & 0x7F | 0x80), UInt8(n >> 7 & 0x7F | 0x80), UInt8(n >> 14)] }
        let inner = [0x7A] + varint(60_000) + [UInt8](repeating: 1, count: 60_000)
        let reply = [0x0A] + varint(inner.count) + inner
        try write(varint(reply.count) + reply, to: "\(directory.path)/message")
        let flood = try pack("while cat message; do :; done", octets: 200 << 20, wire: .protobuf)
        let (fault, grown) = try await peak { try await self.fault(flood) }
        #expect(fault.contains("more than \(200 << 20) octets"))
        #expect(grown < 64 << 20, "\(grown)")
    }

    /// By how many octets the process was larger than before, at its largest.
    private func peak(_ body: () async throws -> String) async throws -> (String, Int) {
        func value(_ name: String) throws -> Int {
            let lines = String(decoding: try contents("/proc/self/status"), as: UTF8.self).split(separator: "\n")
            let line = try #require(lines.first { $0.hasPrefix(name) })
            return try #require(Int(line.filter(\.isNumber))) << 10
        }
        let file = try #require(fopen("/proc/self/clear_refs", "w"))
        fputs("5", file)  // the peak begins anew: proc(5)
        fclose(file)
        let before = try value("VmRSS")
        let result = try await body()
        return (result, try value("VmHWM") - before)
    }

    /// Any cut of the stream into chunks gives the same.
    @Test func dripFed() throws {
        let text = Array([Self.record, Self.record.replacing("a.", with: "b."), #"{"map":{"prefix":"*","location":"a"}}"#].joined(separator: "\n").utf8) + [0x0A]
        var random = Seeded(7)
        for _ in 0..<200 {
            var lines = PackLines()
            var replies: [PackReply] = []
            var rest = text[...]
            while !rest.isEmpty {
                let count = 1 + random.below(random.chance(2) ? 3 : 200)
                try lines.feed(Array(rest.prefix(count))) { (reply) throws(PackFault) in replies.append(reply) }
                rest = rest.dropFirst(count)
            }
            #expect(replies.count == 3 && lines.isEmpty)
        }
    }
}
