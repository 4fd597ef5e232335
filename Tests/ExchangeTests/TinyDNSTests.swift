import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Exchange

/// tinydns data in and out, judged by tinydns-data and tinydns themselves.
@Suite struct TinyDNSTests {
    /// Imports a text that was last modified at a time.
    static func read(_ text: [UInt8], modified: Int64 = 1_700_000_000, only: Name? = nil, isRepeatable: Bool = false) throws -> Holding {
        let directory = try TemporaryDirectory("tinydns")
        let path = "\(directory.path)/data"
        try write(text, to: path)
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: TimeInterval(modified))], ofItemAtPath: path)
        var files = Import(zone: only)
        files.isRepeatable = isRepeatable
        return try files.read("data", in: directory.path, name: "data")
    }

    static func read(_ text: String, only: Name? = nil, isRepeatable: Bool = false) throws -> Holding {
        try read(Array(text.utf8), only: only, isRepeatable: isRepeatable)
    }

    /// Lines as odd as they come: what is made of them, and what is refused, is all that is served.
    @Test(arguments: 0..<4)
    func oddLines(_ seed: Int) async throws {
        var random = Seeded(UInt64(400 + seed))
        let text = Array((0..<6000).map { _ in random.dataLine() }.joined(separator: [0x0A]))
        let before = try await Served(text, modified: 1_700_000_000)
        let holding = try Self.read(text)
        let said = before.records.filter(\.isSayable)
        #expect(said.count > 1500 && before.records.count - said.count > 1500, "both kinds")

        let file = try #require(Export(holding, format: .tinydns).files.first)
        let after = try await Served(file.octets, modified: 1)
        expectSame(Served.lowered(said), Set(after.records), "tinydns-data")
        #expect(after.records.count == Set(after.records).count)
        expectSame(before.sayableMap, after.sayableMap, "tinydns-data")

        // All that tinydns-data makes is here, was there twice, or is refused.
        let unmade = holding.refusals.filter { $0.message.contains("is no IPv4 address") }.reduce(0) { $0 + $1.records }
        let refused = holding.refusals.reduce(0) { $0 + $1.records }
        #expect(holding.read - unmade == before.records.count)
        #expect(refused - unmade == before.records.count - said.count)
        #expect(holding.records.reduce(0) { $0 + $1.rdata.count } == after.records.count)
        #expect(holding.refusals.allSatisfy { $0.line > 0 && !$0.message.isEmpty })

        // Import, export, import: nothing changes any more.
        let again = try Self.read(file.octets, modified: 2)
        #expect(again.refusals.isEmpty && again.notes.allSatisfy { $0.reason == .strings || $0.reason == .outOfZone || $0.reason == .name }, "\(again.notes.prefix(3))")
        expectSame(holding.records.lines, again.records.lines, "again")
        #expect(again.map.map(\.prefix) == holding.map.map(\.prefix))
        #expect(Export(again, format: .tinydns).files.map(\.octets) == [file.octets])
    }

    /// Values of all types, at any names and for some clients only: what tinydns-data makes of our text is
    /// what we would have served.
    @Test(arguments: 0..<4)
    func allValues(_ seed: Int) async throws {
        var random = Seeded(UInt64(500 + seed))
        var sets: [RecordKey: RecordSet] = [:], map: [[UInt8]: MapEntry] = [:]
        for _ in 0..<1500 {
            let set = random.recordSet()
            sets[set.key] = set
        }
        for _ in 0..<200 {
            let entry = random.mapEntry()
            map[entry.prefix] = entry
        }
        let holding = Holding(records: Array(sets.values), map: Array(map.values), zones: Array(Set(sets.keys.filter { $0.type == .soa }.map(\.owner))))
        let export = Export(holding, format: .tinydns)
        let file = try #require(export.files.first)
        let refused = Set(export.refusals.map(\.subject))
        let kept = holding.records.filter { !refused.contains("\($0.key)") }
        #expect(file.zone == nil && file.name == "data" && file.count == kept.count && export.refusals.count == holding.count - kept.count)
        #expect(kept.count > 1000)
        let served = try await Served(file.octets, modified: 1)
        expectSame(Set(try Served(try Cdb.assemble([CdbFragment(Shard(records: kept)).octets])).records), Set(served.records), "tinydns-data")
        #expect(served.map.count == map.count)
        let back = try Self.read(file.octets)
        #expect(back.refusals.isEmpty)
        expectSame(kept.lines, back.records.lines, "import")
        #expect(Set(back.records.map(\.key)) == Set(kept.map(\.key)))
        #expect(Set(back.map.map { "\($0.prefixText) \($0.location)" }) == Set(map.values.map { "\($0.prefixText) \($0.location)" }))
    }

    /// A site as people have them: the same answers before and after, for all clients.
    @Test func answers() async throws {
        var random = Seeded(600)
        var lines = ["%eu:10.1", "%us:10", "%as:172.16.5", "# a comment", "-host.example.net:192.0.2.1"]
        for zone in 0..<10 {
            let name = "zone\(zone).example"
            lines.append(zone % 2 == 0 ? ".\(name):192.0.2.1:a:3600" : "Z\(name):a.ns.\(name):hostmaster.\(name):\(zone)\n&\(name):192.0.2.2:a")
            lines.append("@\(name):192.0.2.3:mail:10")
            lines.append("'\(name):v=spf1 -all\\072 x")
            lines.append("Ssip.\(name):192.0.2.4:sip.\(name):5060:1:2")
            lines.append("C*.any.\(name):w.\(name)")
            for host in 0..<20 {
                let place = random.pick(["", "::eu", "::us", "::as"])
                lines.append("\(random.pick(["+", "="]))w\(host % 12).\(name):192.0.2.\(host):\(60)\(place)")
            }
            lines.append(":w1.\(name):28:\\040\\001\\015\\270" + String(repeating: "\\000", count: 11) + "\\001:60")
        }
        let text = Array(lines.joined(separator: "\n").utf8)
        let holding = try Self.read(text)
        #expect(holding.refusals.isEmpty && holding.zones.count == 10)
        let (before, after) = (try TemporaryDirectory("before"), try TemporaryDirectory("after"))
        try write(try await Served.compile(text, modified: 1_700_000_000), to: "\(before.path)/data.cdb")
        try write(try await Served.compile(Export(holding, format: .tinydns).files[0].octets, modified: 5), to: "\(after.path)/data.cdb")
        let get = try Program("tinydns-get", hint: "install the package djbdns-utils")
        var answers = 0
        for _ in 0..<120 {
            let zone = "zone\(random.below(10)).example"
            let name = random.pick(["w\(random.below(12)).\(zone)", zone, "x.any.\(zone)", "sip.\(zone)", "none.\(zone)"])
            let question = [random.pick(["any", "a", "mx", "txt", "28", "33", "soa", "cname"]), name, random.pick(["10.1.2.3", "10.2.3.4", "172.16.5.1", "1.1.1.1"])]
            // Servers of answers are in any order, and so are addresses.
            func answer(_ directory: String) async throws -> [Substring] {
                try await get.run(question, in: directory).text.split(separator: "\n").sorted()
            }
            let theirs = try await answer(before.path)
            #expect(try await answer(after.path) == theirs, "\(question)")
            answers += theirs.contains { $0.hasPrefix("answer") } ? 1 : 0
        }
        #expect(answers > 30)
    }

    @Test(arguments: [
        ("+a.example:192.0.2.1:60:4000000038af1379", Remark.Reason.timestamp, "starts or expires", 1),
        ("+a.example:192.0.2.1:0:4000000038af1379", .timestamp, "an edit can say", 1),
        ("+a.example:192.0.2.1:60::-x", .location, "letters or digits", 1), ("%-x:1.2", .location, "letters or digits", 0),
        ("%aa:1.2.3.4.5", .value, "four octets", 0), (":a.example:28:x", .value, "no data of type AAAA", 1),
        ("'a.example", .value, "no data of type TXT", 1), (":a.example:255:x", .type, "no type of a record", 1),
        (":a.example:6:x", .type, "cannot be written in this form", 1), ("+a.example:192.0.2", .value, "is no IPv4 address", 1),
        ("=a.example:", .value, "is no IPv4 address", 2), ("+a.example:192.0.2.1:2147483648", .value, "2147483647", 1),
        ("6a.example:20010db8", .syntax, "cannot begin with '6'", 1), ("Sa.example::b:", .value, "needs a port", 1),
        ("+\(String(repeating: "a", count: 64)):192.0.2.1", .name, "over 63 octets", 1),
    ])
    func refusal(_ line: String, _ reason: Remark.Reason, _ words: String, _ records: Int) throws {
        let holding = try Self.read("+ok.example:192.0.2.1\n\(line)\n")
        #expect(holding.records.count == 1 && holding.map.isEmpty && holding.read == 1 + records)
        #expect(holding.refusals.map(\.reason) == [reason] && holding.refusals.map(\.records) == [records], "\(holding.refusals)")
        #expect(holding.refusals.allSatisfy { $0.line == 2 && $0.file == "data" && $0.message.contains(words) }, "\(holding.refusals)")
    }

    /// A TTL of 0 without a timestamp is one like any other.
    @Test func ttlZero() throws {
        let holding = try Self.read("+a.example:192.0.2.1:0\n")
        #expect(holding.records.map(\.ttl) == [0] && holding.refusals.isEmpty)
        #expect(String(decoding: Export(holding, format: .tinydns).files[0].octets, as: UTF8.self) == "+a.example:192.0.2.1:0:\n")
    }

    /// Serials that are not written: the time of the file, or nothing.
    @Test func serials() throws {
        let text = ".example:192.0.2.1:a\nZexample.net:a:b\nZexample.org:a:b:7\n"
        let dated = try Self.read(text)
        #expect(dated.refusals.isEmpty && dated.notes.map(\.reason) == [.missing, .missing] && dated.notes.map(\.line) == [1, 2])
        let serials = try dated.records.filter { $0.key.type == .soa }.map { try SOA($0.rdata[0]).serial.rawValue }
        #expect(serials == [1_700_000_000, 1_700_000_000, 7])
        let fixed = try Self.read(text, isRepeatable: true)
        #expect(fixed.refusals.map(\.line) == [1, 2] && fixed.refusals.allSatisfy { $0.reason == .missing && $0.records == 1 })
        #expect(fixed.records.map(\.key.description) == ["example. NS", "a.ns.example. A", "example.org. SOA"])
        #expect(fixed.read == dated.read && dated.read == 5)
        #expect(fixed.zones.count == 3)
    }

    /// One zone of all, closest to its names; what is in none is kept, and said.
    @Test func zones() throws {
        let text = "Zexample:a:b:1\nZsub.example:a:b:1\n+w.example:192.0.2.1\n+w.sub.example:192.0.2.2\n+w.example.net:192.0.2.3\n^3.2.0.192.in-addr.arpa:w.example\n%eu:10\n"
        let all = try Self.read(text)
        #expect(all.zones.map(\.description) == ["example.", "sub.example."] && all.count == 6 && all.map.count == 1)
        #expect(all.notes.map(\.reason) == [.outOfZone] && all.notes[0].message.contains("1 RRsets more"))
        let one = try Self.read(text, only: try Name("sub.example."))
        #expect(one.records.map(\.key.description) == ["sub.example. SOA", "w.sub.example. A"] && one.read == 2)
        #expect(throws: ImportFault.self) { try Self.read(text, only: try Name("example.net.")) }
        // Of many files in one directory.
        let directory = try TemporaryDirectory("tinydns")
        try write(text, to: "\(directory.path)/a.data")
        try write("%us:10\n%us:11\n+w.example:192.0.2.1\n+w.sub.example:192.0.2.9\nZnew.example:a:b:1\n", to: "\(directory.path)/b.data")
        try write("www 60 A 192.0.2.1\n", to: "\(directory.path)/third.test.zone")
        let (both, faults) = Import().read([directory.path])
        #expect(faults.isEmpty && both.zones.count == 4 && both.count == 8)
        #expect(both.map.map { "\($0.prefixText) \($0.location)" } == ["10 eu", "11 us"])
        #expect(both.refusals.map { "\($0.line) \($0.reason)" } == ["1 duplicate", "4 duplicate"], "\(both.refusals)")
        // Zone files have no map, and no records for some clients.
        let export = Export(both, format: .zone)
        #expect(export.files.map(\.name) == ["example.zone", "new.example.zone", "sub.example.zone", "third.test.zone"])
        #expect(export.refusals.map(\.reason).sorted { $0.rawValue < $1.rawValue } == [.location, .location, .outOfZone, .outOfZone])
    }

    @Test(arguments: [
        ("data", "", ExchangeFormat.tinydns), ("a/b.data", "", .tinydns), ("data.old", "# x\n+a:1.2.3.4\n", .tinydns),
        ("x", "\n# x\n=a.example:1.2.3.4:60\nZexample:a:b", .tinydns), ("x", "$TTL 5\n", .zone), ("x", "@ IN SOA a b 1 2 3 4 5\n", .zone),
        ("x", "C 5 IN A 192.0.2.1\n", .zone), ("x", "Z:5 IN A 192.0.2.1\n", .tinydns), ("x", "; comment: x\n", .zone), ("x", "", .zone),
        ("x", "# x\n", .zone), ("x", " {\"domains\"", .dnscontrol), ("x.zone", "+a:1.2.3.4\n", .zone),
    ])
    func format(_ path: String, _ start: String, _ format: ExchangeFormat) {
        #expect(ExchangeFormat(path: path, start: Array(start.utf8)) == format)
    }

    /// What tinydns does not serve, or reads otherwise, is not written.
    @Test func unwritable() throws {
        func set(_ type: RRType, _ rdata: [RData], ttl: UInt32 = 5, location: String? = nil) throws -> RecordSet {
            RecordSet(
                key: RecordKey(owner: try Name("a.example."), type: type, location: location.flatMap { Location($0) }), ttl: ttl, rdata: rdata,
                origin: Origin(source: "t", file: "f", line: 3))
        }
        let unknown = RRType(rawValue: 65_280)
        func reasons(_ records: [RecordSet]) -> [Remark.Reason] {
            Export(Holding(records: records, zones: []), format: .tinydns).refusals.map(\.reason)
        }
        #expect(reasons([try set(unknown, [RData(opaque: [UInt8](repeating: 1, count: 32_752))])]) == [])
        #expect(reasons([try set(unknown, [RData(opaque: [UInt8](repeating: 1, count: 32_753))])]) == [.unwritable])
        #expect(reasons([try set(unknown, [RData(opaque: [UInt8](repeating: 1, count: 32_751))], location: "eu")]) == [.unwritable])
        #expect(reasons([try set(.a, [.a((192, 0, 2, 1))], ttl: 0x8000_0000)]) == [.ttl])
        #expect(reasons([try set(.opt, [RData(opaque: [])])]) == [.type])
        #expect(reasons([try set(.a, [RData(opaque: [1, 2, 3])])]) == [.value])
        let nine = Export(Holding(records: [try set(.a, (1...9).map { .a((192, 0, 2, $0)) })], zones: []), format: .tinydns)
        #expect(nine.refusals.isEmpty && nine.notes.map(\.reason) == [.unwritable] && nine.files[0].count == 1)
    }
}
