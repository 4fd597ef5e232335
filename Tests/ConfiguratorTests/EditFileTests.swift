import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Configurator

@Suite struct EditFileTests {
    private func faults(_ text: String) -> [String] {
        do { _ = try EditFiles.parse(text, file: "edits/a.yaml") } catch let error as ConfiguratorError {
            #expect(error.code == .edits)
            return error.faults
        } catch { Issue.record("\(error)") }
        return []
    }

    @Test func good() throws {
        let edits = try EditFiles.parse(
            """
            # why
            edits:
              - action: set
                name: www.example.net
                type: a
                location: eu
                ttl: 60
                values: [192.0.2.2, "192.0.2.1"]
                owner: Ada <ada@example.net>
                reason: moves
                overrides: site/Servers
                starts: 2026-12-01
                expires: 2026-12-02T00:00:00+01:00
              - {action: add, name: t., type: TXT, values: 'v=spf1 -all', owner: b, reason: "no"}
              - {action: remove, name: "*.example.net.", type: TYPE65280, owner: c, reason: r, ttl: 5}
            """, file: "edits/a.yaml")
        #expect(edits.count == 3)
        let name = try Name("www.example.net.")
        #expect(edits[0] == Edit(
            action: .set, key: RecordKey(owner: name, type: .a, location: Location("eu")), ttl: 60,
            rdata: [.a((192, 0, 2, 2)), .a((192, 0, 2, 1))],
            origin: Origin(source: "edits", file: "edits/a.yaml", line: 3, person: "Ada <ada@example.net>", reason: "moves"),
            overrides: "site/Servers", starts: Instant(iso8601: "2026-12-01"), expires: Instant(iso8601: "2026-12-01T23:00:00Z")))
        #expect(edits[1].ttl == 3600)
        #expect(edits[1].rdata == [RData(opaque: Array("\u{06}v=spf1\u{04}-all".utf8))])
        #expect(edits[1].origin.reason == "no")
        #expect(edits[2].rdata.isEmpty)
        #expect(edits[2].ttl == nil)
        #expect(edits[2].key.owner.isWildcard)
        // What is stored comes back.
        #expect(try Edit.decode(Edit.encode(edits)) == edits)
    }

    @Test(arguments: ["", "# nothing\n", "edits: []\n"])
    func empty(_ text: String) throws { #expect(try EditFiles.parse(text, file: "a").isEmpty) }

    static let rest = "owner: o, reason: r"

    /// Place, words of the message, and the edit (on line 2, at column 5) or the whole text.
    @Test(arguments: [
        ("2:14", "none of set, add, remove, pin, external", "action: sit, name: a., type: A, values: [192.0.2.1], \(rest)"),
        ("2:5", "'action' is missing", "name: a., type: A, values: [192.0.2.1], \(rest)"),
        ("2:5", "'values' is missing", "action: pin, name: a., type: A, \(rest)"),
        ("2:48", "'ttl' is for another action", "action: external, name: a., type: A, ttl: 5, \(rest)"),
        ("2:5", "'name' is missing", "action: set, type: A, values: [192.0.2.1], \(rest)"),
        ("2:25", "empty label", "action: set, name: a..b, type: A, values: [192.0.2.1], \(rest)"),
        ("2:5", "'type' is missing", "action: remove, name: a., \(rest)"),
        ("2:35", "unknown type 'AB'", "action: set, name: a., type: AB, values: [192.0.2.1], \(rest)"),
        ("2:47", "not an address: '192.0.2.1111'", "action: set, name: a., type: A, values: [192.0.2.1111], \(rest)"),
        ("2:5", "'values' is missing", "action: add, name: a., type: A, \(rest)"),
        ("2:46", "'values' is empty", "action: set, name: a., type: A, values: [], \(rest)"),
        ("2:47", "a value is text", "action: set, name: a., type: A, values: [[x]], \(rest)"),
        ("2:5", "'owner' is missing", "action: remove, name: a., type: A, reason: r"),
        ("2:5", "'reason' is missing", "action: remove, name: a., type: A, owner: o, reason: ''"),
        ("2:51", "location 'eur'", "action: remove, name: a., type: A, location: eur, \(rest)"),
        ("2:46", "ttl '-1'", "action: remove, name: a., type: A, ttl: -1, \(rest)"),
        ("2:46", "ttl '2147483648'", "action: remove, name: a., type: A, ttl: 2147483648, \(rest)"),
        ("2:49", "'soon' is not a time", "action: remove, name: a., type: A, starts: soon, \(rest)"),
        ("2:70", "expires before it starts", "action: remove, name: a., type: A, starts: 2026-12-02, expires: 2026-12-01, \(rest)"),
        ("2:70", "expires before it starts", "action: remove, name: a., type: A, starts: 2026-12-01, expires: 2026-12-01, \(rest)"),
        ("2:41", "unknown field 'vlues'", "action: remove, name: a., type: A, vlues: x, \(rest)"),
        ("2:25", "'name' is text", "action: set, name: [a], type: A, values: [192.0.2.1], \(rest)"),
        ("2:5", "CNAME has one value only", "action: set, name: a., type: CNAME, values: [x., y.], \(rest)"),
        ("2:5", "ANY is not a type of records", "action: set, name: a., type: ANY, values: ['\\# 0'], \(rest)"),
    ])
    func fault(_ place: String, _ words: String, _ edit: String) throws {
        let faults = faults("edits:\n  - {\(edit)}\n")
        #expect(faults.count == 1, "\(faults)")
        let fault = try #require(faults.first)
        #expect(fault.contains(words), "\(fault)")
        #expect(fault.hasPrefix("edits/a.yaml:\(place): "), "\(fault)")
    }

    @Test(arguments: [
        ("edit: []\n", "a.yaml:1:1: expected 'edits:'"), ("- a\n", "expected 'edits:'"), ("edits: x\n", "expected 'edits:'"),
        ("edits:\n  - x\n", "a.yaml:2:5: an edit is a mapping"), ("edits: [\n", "a.yaml"), ("edits: []\nmore: 1\n", "a.yaml:2:1: unknown field 'more'"),
        ("edits: []\nedits: []\n", "a.yaml"), ("edits: []\n---\nedits: []\n", "a.yaml"), ("a: &x 1\nedits: *x\n", "a.yaml:2:8: aliases"),
    ])
    func wholeFile(_ text: String, _ start: String) {
        let faults = faults(text)
        #expect(faults.count == 1, "\(faults)")
        #expect(faults.first?.contains(start) ?? false, "\(faults)")
    }

    @Test func everyFaultAtOnce() {
        let found = faults(
            """
            edits:
              - action: set
                name: a..b
                type: A
                values: [x, y]
                owner: o
              - action: dance
                name: a.
                type: A
                ttl: long
                owner: o
                reason: r
            """)
        let places = found.map { String($0.dropFirst("edits/a.yaml:".count).prefix { $0 != " " }) }
        #expect(places == ["3:11:", "2:5:", "5:14:", "5:17:", "7:13:", "10:10:"], "\(found)")
    }

    @Test func readDirectory() throws {
        let directory = try TemporaryDirectory("edits")
        try write("edits:\n  - {action: remove, name: a., type: A, \(Self.rest)}\n", to: "\(directory.path)/b.yaml")
        try write("edits: x\n", to: "\(directory.path)/.hidden.yaml")
        try write("nonsense", to: "\(directory.path)/README.md")
        #expect(try EditFiles.read(directory.path, relativeTo: directory.path + "/..").edits.count == 1)
        try write("edits: x\n", to: "\(directory.path)/a.yaml")
        try write("edits: y\n", to: "\(directory.path)/c.yml")
        let error = #expect(throws: ConfiguratorError.self) { try EditFiles.read(directory.path, relativeTo: "/") }
        #expect(error?.faults.count == 2)
    }

    /// A file that is named for a zone holds edits if any line begins so.
    @Test(arguments: [
        ("edits: []\n", false), ("# why\n---\nedits:\n", false), ("a: 1\redits:\n", false), ("a: 1\r\n\"edits\": []", false), ("\n{}", false),
        ("", true), ("a: 1\n edits:\n", true), ("edits-1:\n  type: A\n", true), ("e", true), ("x: {edits: 1}\n", true), ("\"edit\":\n", true),
    ])
    func isZone(_ text: String, _ isZone: Bool) {
        #expect(EditedZones.isZone(text, file: "example.net.yaml") == isZone)
        #expect(!EditedZones.isZone(text, file: "example.yaml"))
    }

    /// Whole zones are taken as they are: zone files, octoDNS' files, and its directories.
    @Test func wholeZones() throws {
        let directory = try TemporaryDirectory("edits")
        let place = "\(directory.path)/edits"
        try FileManager.default.createDirectory(atPath: "\(place)/example.org.", withIntermediateDirectories: true)
        try write("edits:\n  - {action: remove, name: a., type: A, \(Self.rest)}\n", to: "\(place)/b.yaml")
        try write("@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nwww 60 A 192.0.2.1\nwww 60 A 192.0.2.2\n", to: "\(place)/example.net.zone")
        try write("'':\n  type: A\n  value: 192.0.2.3\nwww:\n  - type: TXT\n    values: [x, y]\n", to: "\(place)/example.com.yaml")
        try write("w:\n  type: CNAME\n  ttl: 5\n  value: example.com.\n", to: "\(place)/example.org./w.yaml")
        let edits = try EditFiles.read(place, relativeTo: directory.path).edits
        let shown = edits.map { "\($0.action) \($0.key) \($0.ttl.map(String.init) ?? "-") \($0.rdata.count) \($0.origin)" }
        #expect(shown == [
            "remove a. A - 0 edits edits/b.yaml:2 by o", "set example.com. A 3600 1 edits edits/example.com.yaml:2",
            "set www.example.com. TXT 3600 2 edits edits/example.com.yaml:5", "set example.net. SOA 60 1 edits edits/example.net.zone:1",
            "set example.net. NS 60 1 edits edits/example.net.zone:2", "set www.example.net. A 60 2 edits edits/example.net.zone:3",
            "set w.example.org. CNAME 5 1 edits edits/example.org./w.yaml:2",
        ])
        #expect(try Edit.decode(Edit.encode(edits)) == edits)

        // A file of tinydns has records for some clients, and the map of them.
        try write("Zdata.example:ns.data.example:h.data.example:5:::::60\n+w.data.example:192.0.2.1:60::eu\n%eu:10\n", to: "\(place)/all.data")
        let content = try EditFiles.read(place, relativeTo: directory.path)
        #expect(content.edits.dropFirst().prefix(2).map { "\($0.key) \($0.origin)" } == ["data.example. SOA edits edits/all.data:1", "w.data.example. A @eu edits edits/all.data:2"])
        #expect(content.map == [MapEntry(prefix: [10], location: Location("eu")!, origin: Origin(source: "edits", file: "edits/all.data", line: 3))])

        // What is refused in one of them refuses them all, with what is wrong in the others.
        try write("edits: x\n", to: "\(place)/a.yaml")
        try write("w: {type: ALIAS, value: example.com.}\nx: {type: A, value: 192.0.2.1, ttl: 1h}\n", to: "\(place)/example.edu.yaml")
        try write("@ 60 CH TXT x\nw 60 CNAME a\nw 60 CNAME b\n", to: "\(place)/example.int.zone")
        try write("x: *x\ny: &x {type: A, value: 192.0.2.1}\n", to: "\(place)/example.biz.yaml")
        try write("a: {type: A, value: 192.0.2.1}\n", to: "\(place)/nozone.yaml")
        try write("\tx\n", to: "\(place)/example.xyz.yaml")
        // No serial: what git lays out has no time of its own.
        try write(".data.example::ns\n+a.example.net:192.0.2.1:0:4000000038af1379\n", to: "\(place)/all.data")
        let error = #expect(throws: ConfiguratorError.self) { try EditFiles.read(place, relativeTo: directory.path) }
        let faults = try #require(error?.faults)
        for (start, words) in [
            ("edits/a.yaml:1:1:", "expected 'edits:'"), ("edits/example.edu.yaml:1:", "ALIAS is not in DNS"),
            ("edits/example.edu.yaml:2:", "'ttl'"), ("edits/example.int.zone:1:", "another class"),
            ("edits/example.int.zone:2:", "CNAME has one value only"), ("edits/example.biz.yaml:1:4:", "aliases"),
            ("edits/all.data:1:", "serial"), ("edits/all.data:2:", "timestamp"), ("edits/nozone.yaml:1:1:", "expected 'edits:'"), ("edits/example.xyz.yaml:", "cannot start any token"),
        ] {
            #expect(faults.contains { $0.hasPrefix(start) && $0.contains(words) }, "\(start) \(faults)")
        }
        #expect(faults.count == 10, "\(faults)")
    }
}
