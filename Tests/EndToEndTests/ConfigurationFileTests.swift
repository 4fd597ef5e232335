import Foundation
import TestSupport
import Testing

@testable import freshet

/// `pipeline.yaml`: our reader and an independent validator of its JSON Schema agree.
@Suite struct ConfigurationFileTests {
    struct Line: Encodable { var yaml: String }
    struct Answer: Decodable { var faults: [String] }

    static let good = [
        "pipeline: a",
        "pipeline: a\nstore: zookeeper://h1,h2:2181/x\nshards: 4096\ninstance: one",
        "pipeline: a\nsite: {repository: /srv/dns, branch: live, edits: by-hand}",
        "pipeline: a\npacks: [{name: site, sources: rules}, {name: py, executable: /opt/pack}]\ninputs: {geo: /g}",
        "pipeline: a\npacks: [{name: py, sources: packs/py, executable: pack.py, protocol: json, deadline: 30s, records: 1000, bytes: 5}]",
        "pipeline: a\nschemas: {'inventory/*.csv': schemas/x.schema.json}",
        "pipeline: a\npolicy: {conflicts: human}\npublisher: {heartbeat: 500ms, key: k, directory: d, swarm: '192.0.2.1:6881'}",
        "pipeline: a\nproxy: {host: h, keys: [a, b], metrics: '127.0.0.1:9153', freshness: 5m, probe: 1s, labels: {site: ams}}",
        "pipeline: a\nproxy: {tinydns: {address: 127.0.0.2, user: t}, unbound: {address: 127.0.0.3, port: 5353, user: u, clients: [192.0.2.0/24]}}",
    ]

    static let goodPolicies = [
        "pipeline: a\npolicy: {conflicts: refuse, block: true, people: [keys/ada.public]}",
        "pipeline: a\npolicy: {exceptions: [{zone: example.net, conflicts: human}, {name: a.b, types: A AAAA, block: false}, {below: c, types: 'TXT, MX', conflicts: merge, block: true}]}",
        "pipeline: a\nhistory: {keep: 50, age: 7d}", "pipeline: a\nhistory: {age: 12h}",
        "pipeline: a\npolicy: {people: keys/ada.public}\npresenter: {metrics: '127.0.0.1:9154'}",
        "pipeline: a\nconfigurator: {metrics: '127.0.0.1:9155'}\npublisher: {metrics: '[::1]:9156'}\nregistration: {metrics: '127.0.0.1:9157'}",
        "pipeline: a\nregistration: {limits: {peers: {rate: 9999999/s, burst: 1}, identities: {burst: 1000000}, strangers: {rate: 1/h}, connections: 2}}",
        "pipeline: a\nregistration: {listen: '127.0.0.1:0', limits: {strangers: {rate: 60/m, burst: 5}}}",
        "pipeline: a\ntransfer: {listen: '127.0.0.1:5300', metrics: '127.0.0.1:9158'}",
        "pipeline: a\ntransfer: {api: {listen: '127.0.0.1:8054', tokens: ['sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']}}",
        "pipeline: a\ntransfer: {listen: ['[::1]:53', 127.0.0.1], keys: [k], views: {inside: in}, catalogs: {inside: catalog.a, everyone: c.b}, peers: [{name: ns1, addresses: 192.0.2.1 2001:db8::/64, key: k., view: inside, zones: a.b .c, notify: '192.0.2.1 [2001:db8::1]:5353'}], notify: {timeout: 1s, interval: 1s, retries: 0, source: 127.0.0.1}, idle: 5s, connections: 9, connections-of-one: 3, directory: d}",
    ]

    static let bad = [
        "pipeline: a\nregistration: {limits: {peers: {rate: 0/s}}}", "pipeline: a\nregistration: {limits: {peers: {rate: 10000000/s}}}",
        "pipeline: a\nregistration: {limits: {peers: {rate: 5}}}", "pipeline: a\nregistration: {limits: {strangers: {rate: 5/d}}}",
        "pipeline: a\nregistration: {limits: {identities: {rate: 5/s/s}}}", "pipeline: a\nregistration: {limits: {identities: {rate: +5/s}}}",
        "pipeline: a\nregistration: {limits: {peers: {burst: 0}}}", "pipeline: a\nregistration: {limits: {connections: 1}}",
        "pipeline: a\nregistration: {limits: {peers: {bursts: 5}}}", "pipeline: a\nregistration: {limits: {others: {rate: 1/s}}}",
        "pipeline: a\nhistory: {keep: 0}", "pipeline: a\nhistory: {age: 30}", "pipeline: a\nhistory: {days: 30d}",
        "pipeline: a\npolicy: {block: perhaps}", "pipeline: a\npolicy: {exceptions: [{conflicts: human}]}",
        "pipeline: a\npolicy: {exceptions: [{zone: a, name: b, conflicts: human}]}", "pipeline: a\npolicy: {exceptions: [{zone: a}]}",
        "pipeline: a\npolicy: {exceptions: [{zone: a, conflicts: robots}]}", "pipeline: a\npolicy: {exceptions: [{zone: a, block: 5}]}",
        "pipeline: a\npolicy: {exceptions: [{zone: a, types: '', conflicts: human}]}", "pipeline: a\npolicy: {exceptions: [{zone: a, tipes: A, block: true}]}",
        "{}", "[]", "store: x", "pipeline: a\nstor: x", "pipeline: a\nshards: 0", "pipeline: a\nshards: many",
        "pipeline: a\npublisher: {heartbeat: 60}", "pipeline: a\npublisher: {heartbeat: soon}", "pipeline: a\npublisher: {hartbeat: 60s}",
        "pipeline: a\npolicy: {conflicts: robots}", "pipeline: a\npacks: [{name: x}]", "pipeline: a\npacks: [{sources: x}]",
        "pipeline: a\npacks: [{name: x, sources: y, protocol: xml}]",
        "pipeline: a\npacks: [{name: x, sources: y, deadline: 30}]", "pipeline: a\npacks: [{name: x, sources: y, records: 0}]",
        "pipeline: a\npacks: [{name: x/y, sources: y}]", "pipeline: a\nschemas: {x: [y]}", "pipeline: a\nproxy: {unbound: {port: 65536}}",
        "pipeline: a\nproxy: {metrics: here}", "pipeline: a\nproxy: {unbound: {adress: 127.0.0.1}}", "pipeline: a\nstore: [x]",
        "pipeline: a\ninputs: {geo: [x]}", "pipeline: a\nconfigurator: {metrics: 9155}", "pipeline: a\npublisher: {metrics: here}",
        "pipeline: a\nmetrics: '127.0.0.1:9155'",
        "pipeline: a\ntransfer: {peers: [{name: a, port: 5}]}", "pipeline: a\ntransfer: {views: {inside: abc}}",
        "pipeline: a\ntransfer: {api: {tokens: [secret]}}", "pipeline: a\ntransfer: {api: {port: 5}}",
        "pipeline: a\ntransfer: {peers: [{addresses: 192.0.2.1}]}", "pipeline: a\ntransfer: {notify: {retries: many}}",
    ]

    @Test func agreement() async throws {
        let directory = try TemporaryDirectory("settings")
        let file = directory.path + "/pipeline.yaml"
        let examples = (Self.good + Self.goodPolicies).map { ($0, true) } + Self.bad.map { ($0, false) }
        let answers = try await Program.oracle(
            "schema_oracle.py", ["\(packageRoot)/schemas/pipeline.schema.json"], lines: examples.map { Line(yaml: $0.0) },
            answers: Answer.self)
        for ((text, isGood), answer) in zip(examples, answers) {
            #expect(answer.faults.isEmpty == isGood, "jsonschema on \(text): \(answer.faults)")
            try Data(text.utf8).write(to: URL(filePath: file))
            let ours = Result { try PipelineSettings(file: file, overrides: []) }
            #expect(((try? ours.get()) != nil) == isGood, "PipelineSettings on \(text): \(ours)")
        }
    }

    @Test func everyFaultIsNamedWithItsLine() throws {
        let directory = try TemporaryDirectory("settings")
        let file = directory.path + "/pipeline.yaml"
        try Data("pipeline: a\nshards: 0\nproxy:\n  freshness: soon\n  colour: red\n".utf8).write(to: URL(filePath: file))
        let error = #expect(throws: UserError.self) { _ = try PipelineSettings(file: file, overrides: ["proxy.size=3"]) }
        let text = "\(error.map(\.description) ?? "")"
        for part in ["pipeline.yaml:2: shards", "pipeline.yaml:4: proxy.freshness", "pipeline.yaml:5: unknown key 'proxy.colour'", "--set proxy.size"] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test func flagsGoBeforeTheFile() throws {
        let directory = try TemporaryDirectory("settings")
        let file = directory.path + "/pipeline.yaml"
        try Data("pipeline: a\npublisher: {heartbeat: 60s}\n".utf8).write(to: URL(filePath: file))
        let settings = try PipelineSettings(file: file, overrides: ["publisher.heartbeat=2s", "proxy.host=Web 7"])
        #expect(settings.publisher.heartbeat == .seconds(2))
        #expect(settings.proxy.host == "web-7")
        #expect(settings.store.hasPrefix("/") && settings.store.hasSuffix("/state/store"))
    }
}
