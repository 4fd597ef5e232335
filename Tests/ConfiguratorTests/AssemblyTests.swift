import DNSWire
import Foundation
import Logging
import Pipeline
import TestSupport
import Testing

@testable import Configurator

/// A site's tree with a small pack, configured again and again.
@Suite struct AssemblyTests {
    private let directory: TemporaryDirectory
    private let store: EmbeddedStore
    private var tree: SiteTree { SiteTree(directory: directory.path + "/tree") }

    init() throws {
        directory = try TemporaryDirectory("assembly")
        store = try EmbeddedStore(directory: directory.path + "/store")
        try FileManager.default.createDirectory(atPath: directory.path + "/tree/packs", withIntermediateDirectories: true)
    }

    private func put(_ text: String, _ path: String, program: Bool = false) throws {
        let path = "\(directory.path)/tree/\(path)"
        try FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try write(text, to: path, program: program)
    }

    /// One rule `R`, which prints `body` (shell) and counts its runs in the file `runs`.
    private func pack(inputs: String, _ body: String) throws {
        try put(
            """
            #!/bin/sh
            if [ $1 = describe ]; then echo '{"rules":[{"name":"R","inputs":[\(inputs)]}]}'; exit; fi
            read -r request
            echo run >> '\(directory.path)/runs'
            \(body)
            """, "packs/pack", program: true)
    }

    private static let good = #"""
        echo '{"record":{"owner":"a.","type":"A","ttl":1,"values":["192.0.2.1"]}}'; echo '{"done":{"records":1}}'
        """#

    private var runs: Int { ((try? contents("\(directory.path)/runs")) ?? []).count { $0 == 0x0A } }

    private func settings(schemas: [String: String] = [:], inputs: [String: String] = [:]) -> Assembly.Settings {
        let limits = PackSettings.Limits(deadline: .seconds(60), records: 100)
        let pack = PackSettings(name: "p", program: .script(directory: "packs", executable: "pack"), wire: .json, limits: limits)
        return Assembly.Settings(packs: [pack], inputs: inputs, schemas: schemas, sharding: Sharding(count: 4))
    }

    private var build: PackBuild { PackBuild(kit: "/nonexistent", cache: "\(directory.path)/cache") }

    private func configure(
        after previous: Configuration?, registrations: Manifest? = nil, schemas: [String: String] = [:], inputs: [String: String] = [:]
    ) async throws -> Configuration {
        let assembly = Assembly(
            store: store, settings: settings(schemas: schemas, inputs: inputs), packBuild: build, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await assembly.configuration(of: tree, after: previous, registrations: registrations, trace: Trace(cause: "test"))
    }

    private func source(_ configuration: Configuration) throws -> Configuration.Source {
        try #require(configuration.sources.first { $0.name == "p/R" })
    }

    private func failure(_ previous: Configuration, registrations: Manifest? = nil, schemas: [String: String] = [:]) async throws -> String {
        let next = try await configure(after: previous, registrations: registrations, schemas: schemas)
        #expect(try source(next).manifest == source(previous).manifest, "the last good generation stays")
        #expect(try source(next).basis == source(previous).basis)
        return try #require(try source(next).failure)
    }

    @Test func runsWhenAnInputAtAnyDepthChanges() async throws {
        try put("x", "inventory/hosts/eu/deep/one.yaml")
        try pack(inputs: #""inventory/hosts/""#, Self.good)
        let first = try await configure(after: nil)
        let same = try await configure(after: first)
        #expect(same.sources == first.sources)
        #expect(runs == 1)
        try put("y", "inventory/hosts/eu/deep/one.yaml")
        let second = try await configure(after: first)
        #expect(runs == 2)
        #expect(try source(second).basis != source(first).basis)
        try put("y", "inventory/hosts/eu/.hidden")
        _ = try await configure(after: second)
        #expect(runs == 2)
        // Any file of the pack's directory is part of the pack.
        try put("import other", "packs/library.py")
        _ = try await configure(after: second)
        #expect(runs == 3)
    }

    @Test func linksOutOfADirectoryAreFaults() async throws {
        try put("x", "inventory/one")
        try put("x", "elsewhere")
        try pack(inputs: #""inventory""#, Self.good)
        let link = "\(tree.directory)/inventory/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "one")
        let first = try await configure(after: nil)
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../elsewhere")
        #expect(try await failure(first).contains("link: a link that leads to no file inside"))
    }

    @Test func failuresKeepTheLastGoodGeneration() async throws {
        try pack(inputs: "", Self.good)
        var last = try await configure(after: nil)
        for (body, wanted) in [
            ("exit 3", "3"), ("echo garbage", "line 1 of the pack's output"), ("yes '{\"map\":{\"prefix\":\"1\",\"location\":\"a\"}}'", "more than 100 records"),
            (#"echo '{"fault":{"message":"no","file":"f","line":7}}'; exit 1"#, "f:7: no"), ("echo '{\"done\":{\"records\":1}}'", "ended too soon"),
        ] {
            try pack(inputs: "", body)
            let failure = try await failure(last)
            #expect(failure.contains(wanted), "\(failure)")
            last = try await configure(after: last)
        }
        try pack(inputs: "", Self.good)
        #expect(try source(await configure(after: last)).failure == nil)
        // Without a generation to keep, there is no configuration.
        try pack(inputs: "", "exit 3")
        await #expect(throws: ConfiguratorError.self) { try await configure(after: nil) }
    }

    /// What failed is not tried again until something changes: it would fail, or hang, again.
    @Test func aFailedRunIsNotRepeated() async throws {
        try pack(inputs: #""in""#, Self.good)
        try put("1", "in")
        let assembly = Assembly(
            store: store, settings: settings(), packBuild: build, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        func configure(after previous: Configuration?) async throws -> Configuration {
            try await assembly.configuration(of: tree, after: previous, trace: Trace(cause: "test"))
        }
        let first = try await configure(after: nil)
        try pack(inputs: #""in""#, "exit 3")
        let second = try await configure(after: first)
        let third = try await configure(after: second)
        #expect(runs == 2)
        #expect(try source(third).failure?.contains("3") == true)
        #expect(third.sources == second.sources)
        try put("2", "in")
        _ = try await configure(after: third)
        #expect(runs == 3)
        // What did not run took no time.
        let told = try #require(assembly.ruleRuns.byRule["p/R"])
        #expect(told.times.count == 3 && told.failures == 2 && told.times.sum > 0)
    }

    /// A pack that was killed may succeed on the same inputs: it is for us to try again.
    @Test(arguments: ["KILL", "TERM"])
    func aKilledRunIsRepeated(_ signal: String) async throws {
        try pack(inputs: #""in""#, Self.good)
        try put("1", "in")
        let assembly = Assembly(
            store: store, settings: settings(), packBuild: build, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        func configure(after previous: Configuration?) async throws -> Configuration {
            try await assembly.configuration(of: tree, after: previous, trace: Trace(cause: "test"))
        }
        let first = try await configure(after: nil)
        #expect(assembly.retry == nil)
        try pack(inputs: #""in""#, "[ -e '\(directory.path)/spared' ] || kill -\(signal) $$; \(Self.good)")
        let second = try await configure(after: first)
        #expect(try source(second).failure != nil)
        #expect(assembly.retry != nil)
        try write("", to: directory.path + "/spared", program: false)
        let third = try await configure(after: second)
        #expect(runs == 3)
        #expect(try source(third).failure == nil)
        #expect(assembly.retry == nil)
    }

    @Test func schemas() async throws {
        try put("name,ttl\na,60\n", "inventory/servers.csv")
        try pack(inputs: #""inventory/servers.csv""#, Self.good)
        let schema = #"{"items": {"properties": {"ttl": {"type": "integer", "maximum": 100}, "name": {"pattern": "^[a-z]+$"}}}}"#
        try put(schema, "inventory/servers.schema.json")
        let first = try await configure(after: nil)
        #expect(try source(first).inputs.keys.sorted() == ["inventory/servers.csv", "inventory/servers.schema.json"])
        try put("name,ttl\na,600\nB,x\n", "inventory/servers.csv")
        let failure = try await failure(first)
        for wanted in ["servers.csv:2: /0/ttl: more than 100", "servers.csv:3: /1/ttl: ", "servers.csv:3: /1/name: "] { #expect(failure.contains(wanted), "\(failure)") }
        #expect(runs == 1)
        // One that the configuration names counts before the one beside it.
        try put(#"{"maxItems": 1}"#, "schemas/s.json")
        #expect(try await self.failure(first, schemas: ["inventory/*.csv": "schemas/s.json"]).contains("2 elements, at most 1"))
        try put(#"{"maxItem": 1}"#, "schemas/s.json")
        #expect(try await self.failure(first, schemas: ["inventory/*.csv": "schemas/s.json"]).contains("schemas/s.json:1: /maxItem: keyword 'maxItem' is not supported"))
    }

    @Test func schemaOfADirectory() async throws {
        try put("name: a\n", "hosts/a.yaml")
        try put(#"{"required": ["name"]}"#, "hosts.schema.json")
        try pack(inputs: #""hosts/""#, Self.good)
        let first = try await configure(after: nil)
        try put("nam: a\n", "hosts/eu/b.yaml")
        #expect(try await failure(first) == "hosts/eu/b.yaml:1: 'name' is missing")
        try put("x: &a 1\ny: *a\n", "hosts/eu/b.yaml")
        #expect(try await failure(first).contains("hosts/eu/b.yaml:2: aliases"))
    }

    @Test func registrations() async throws {
        try pack(inputs: #""@registrations""#, "printf '%s' \"$request\" | sed 's/.*@registrations\":\"\\([^\"]*\\)\".*/\\1/' | xargs cat > '\(directory.path)/seen'\n" + Self.good)
        let first = try await configure(after: nil)
        #expect(String(decoding: try contents("\(directory.path)/seen"), as: UTF8.self).filter { !$0.isWhitespace } == "[]")
        let registrar = Registrar(store: store, sharding: Sharding(count: 4))
        func register(_ owner: String, _ action: Edit.Action = .set) async throws -> Manifest? {
            let key = RecordKey(owner: try Name(owner), type: .a)
            let origin = Origin(source: Origin.registrations, person: "host", reason: "boot")
            try await registrar.register([Edit(action: action, key: key, ttl: 60, rdata: [.a((192, 0, 2, 1))], origin: origin)])
            guard let stored = try await store.read(WellKnown.registrations) else { return nil }
            return try Manifest(decoding: stored.value)
        }
        let second = try await configure(after: first, registrations: try await register("b.example."))
        #expect(runs == 2)
        let both = try await register("a.example.")
        let third = try await configure(after: second, registrations: both)
        #expect(runs == 3)
        struct Row: Decodable { var owner, action, person: String; var values: [String] }
        let rows = try JSONDecoder().decode([Row].self, from: Data(try contents("\(directory.path)/seen")))
        #expect(rows.map(\.owner) == ["a.example.", "b.example."])
        #expect(rows[0].values == ["192.0.2.1"] && rows[0].person == "host" && rows[0].action == "set")
        let fourth = try await configure(after: third, registrations: both)
        #expect(fourth.sources == third.sources)
        #expect(runs == 3)
    }

    @Test func anotherRuleIsNoInput() async throws {
        try pack(inputs: "", Self.good)
        let first = try await configure(after: nil)
        try pack(inputs: #""p/Other""#, Self.good)
        #expect(try await failure(first).contains("another rule's output is not an input"))
    }

    // MARK: Check

    private func check() async throws -> [RulesCheck.Result] {
        try await RulesCheck(settings: settings(), packBuild: build).results(in: tree)
    }

    @Test func checkOfAGoodPack() async throws {
        try pack(inputs: "", Self.good)
        let results = try await check()
        #expect(results.map(\.name) == ["p/R"] && results[0].records == 1 && results[0].faults == [])
        #expect(runs == 2)
        await #expect(throws: ConfiguratorError.self) { try await RulesCheck(settings: settings(), packBuild: build).results(in: tree, pack: "q") }
    }

    @Test(arguments: ["$(pwd | cksum | cut -d' ' -f1)", "$(date +%H)", "$(echo $LANG | cksum | cut -d' ' -f1)", "$(wc -l < RUNS)"])
    func checkOfAPackThatDependsOnMore(_ word: String) async throws {
        try pack(
            inputs: "", #"echo "{\"record\":{\"owner\":\"a\#(word.replacing("RUNS", with: directory.path + "/runs")).\",\"type\":\"A\",\"ttl\":1,\"values\":[\"192.0.2.1\"],\"file\":\"f\",\"line\":3}}"; echo '{"done":{"records":1}}'"#)
        let faults = try await check()[0].faults
        #expect(faults.count == 1 && faults[0].contains("not the same twice") && faults[0].contains("(f:3)"), "\(faults)")
    }

    @Test func checkReportsFaults() async throws {
        try pack(inputs: #""missing.yaml", "p/R""#, Self.good)
        #expect(try await check()[0].faults.count == 2)
        try pack(inputs: "", "exit 3")
        #expect(try await check()[0].faults.count == 1)
        try put("#!/bin/sh\nexit 9\n", "packs/pack", program: true)
        #expect(try await check().map(\.name) == ["p"])
    }

    // MARK: Sites without rules

    /// A pack that nobody asked for is missing where it is missing; one that was named is a fault.
    @Test(arguments: [true, false])
    func noRules(_ isOptional: Bool) async throws {
        try put("@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\n", "edits/example.net.zone")
        var pack = PackSettings(name: "site", program: .sources("rules"))
        pack.isOptional = isOptional
        let settings = Assembly.Settings(packs: [pack], inputs: [:], sharding: Sharding(count: 4))
        let assembly = Assembly(store: store, settings: settings, packBuild: build, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let check = RulesCheck(settings: settings, packBuild: build)
        guard isOptional else {
            await #expect(throws: ConfiguratorError.self) { try await assembly.configuration(of: tree, after: nil, trace: Trace(cause: "test")) }
            #expect(try await check.results(in: tree).map(\.name) == ["site"])
            return
        }
        let configuration = try await assembly.configuration(of: tree, after: nil, trace: Trace(cause: "test"))
        #expect(configuration.sources.map(\.name) == ["edits", "edits/zones"])
        #expect(try await check.results(in: tree).isEmpty)
        #expect(try await Policies(settings: settings, packBuild: build).findings(in: tree, records: [], zones: [], privateZones: []).isEmpty)
        // Who asks for it by name is told, and a directory without rules is a fault as ever.
        #expect(try await check.results(in: tree, pack: "site").map(\.faults.isEmpty) == [false])
        try put("", "rules/README.md")
        await #expect(throws: ConfiguratorError.self) { try await assembly.configuration(of: tree, after: nil, trace: Trace(cause: "test")) }
    }

    /// A file may say which clients are where: a generation of its own, which stays as long as the edits do.
    @Test func mapAmongEdits() async throws {
        try pack(inputs: "", Self.good)
        try put("Zexample.net:ns.example.net:h.example.net:1\n%eu:10\n%us:11.1\n+w.example.net:192.0.2.1:60::eu\n", "edits/all.data")
        let first = try await configure(after: nil)
        #expect(first.sources.map(\.name) == ["edits", "edits/map", "edits/zones", "p/R"])
        func map(_ configuration: Configuration) async throws -> [String] {
            guard let source = configuration.sources.first(where: { $0.name == "edits/map" }) else { return [] }
            #expect(source.kind == .generation)
            var entries: [MapEntry] = []
            for shard in try Manifest(decoding: try await store.require(source.manifest)).shards.values {
                entries += try Shard(decoding: try await store.require(shard.digest)).map
            }
            return entries.map { "\($0.prefixText) \($0.location) \($0.origin)" }.sorted()
        }
        #expect(try await map(first) == ["10 eu edits edits/all.data:2", "11.1 us edits edits/all.data:3"])
        #expect(try await configure(after: first).sources == first.sources)
        try put("nonsense\n", "edits/all.data")
        let failed = try await configure(after: first)
        #expect(try await map(failed).count == 2 && failed.sources.prefix(3).allSatisfy { $0.failure != nil })
        try put("#\n", "edits/all.data")
        #expect(try await configure(after: failed).sources.map(\.name) == ["edits", "edits/zones", "p/R"])
    }

    /// An edit beside a large zone does not read that again; a fault in either keeps both, for a
    /// record may be on its way from one to the other.
    @Test func zonesBesideEdits() async throws {
        try pack(inputs: "", Self.good)
        func edit(_ last: Int) -> String { "edits: [{action: set, name: a.z.example, type: A, values: [192.0.2.\(last)], owner: ada, reason: x}]" }
        try put(edit(1), "edits/a.yaml")
        try put("@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.9\n", "edits/z.example.zone")
        let first = try await configure(after: nil)
        func source(_ configuration: Configuration, _ name: String) -> Configuration.Source? { configuration.sources.first { $0.name == name } }
        func names(_ configuration: Configuration, _ source: String) async throws -> [String] {
            guard let found = configuration.sources.first(where: { $0.name == source }) else { return [] }
            var all: [String] = []
            for shard in try Manifest(decoding: try await store.require(found.manifest)).shards.values {
                all += try Edit.decode(try await store.require(shard.digest)).map { "\($0.key) \($0.rdata.map { $0.text(type: .a) })" }
            }
            return all.sorted()
        }
        #expect(try await names(first, "edits") == ["a.z.example. A [\"192.0.2.1\"]"])
        #expect(try await names(first, "edits/zones").count == 3)

        try put(edit(2), "edits/a.yaml")
        let second = try await configure(after: first)
        #expect(source(second, "edits/zones") == source(first, "edits/zones"))
        #expect(try await names(second, "edits") == ["a.z.example. A [\"192.0.2.2\"]"])

        try put("edits: []", "edits/a.yaml")
        try put("@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.9\na A 192.0.2.2 oops\n", "edits/z.example.zone")
        let failed = try await configure(after: second)
        for source in ["edits", "edits/zones"] {
            let kept = try await names(second, source)
            #expect(try await names(failed, source) == kept && !kept.isEmpty)
        }
        #expect(source(failed, "edits")?.failure?.contains("z.example.zone:4") ?? false && source(failed, "edits/zones")?.failure != nil)
        try put("@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.9\na A 192.0.2.2\n", "edits/z.example.zone")
        let mended = try await configure(after: failed)
        #expect(try await names(mended, "edits") == [])
        #expect(try await names(mended, "edits/zones").count == 4)
        #expect(mended.sources.allSatisfy { $0.failure == nil })
        // What a zone file includes is its own.
        try put("b A 192.0.2.3\n", "edits/part")
        try put("@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.9\n$INCLUDE part\n", "edits/z.example.zone")
        let including = try await configure(after: mended)
        try put("c A 192.0.2.3\n", "edits/part")
        #expect(try await names(try await configure(after: including), "edits/zones").contains { $0.hasPrefix("c.z.example.") })
        try FileManager.default.removeItem(atPath: "\(tree.directory)/edits/z.example.zone")
        #expect(try await configure(after: including).sources.map(\.name) == ["edits", "p/R"])
    }

    // MARK: Sweep

    @Test func sweepKeepsTheLastUsed() throws {
        let cache = "\(directory.path)/cache"
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        func file(_ name: String, age: TimeInterval) throws {
            try write("x", to: "\(cache)/\(name)")
            try FileManager.default.setAttributes([.modificationDate: Date() - age], ofItemAtPath: "\(cache)/\(name)")
        }
        for i in 0..<9 { try file("a-\(i)", age: Double(i)) }
        for i in 0..<2 { try file("b-c-\(i)", age: 1e6 + Double(i)) }
        try file("a-9-\(UUID().uuidString)", age: 7200)
        let building = "a-9-\(UUID().uuidString)"
        try file(building, age: 60)
        build.sweep()
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache).sorted() == (["a-0", "a-1", "a-2", "a-3", "b-c-0", "b-c-1", building]).sorted())
    }

    @Test(arguments: [
        ("a", "a", true), ("a*", "abc", true), ("*", "a/b", false), ("*/b", "a/b", true), ("a?c", "a/c", false), ("a?c", "abc", true),
        ("*.csv", "x.csv", true), ("*.csv", "x.csv2", false), ("a*b*c", "a1b2b3c", true), ("**", "ab", true), ("", "", true), ("", "a", false),
        ("inventory/*/x", "inventory/a/x", true), ("inventory/*/x", "inventory/a/b/x", false),
    ])
    func globs(_ pattern: String, _ text: String, _ matches: Bool) { #expect(Glob.matches(pattern, text) == matches) }
}
