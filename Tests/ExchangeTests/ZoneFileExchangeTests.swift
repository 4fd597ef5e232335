import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import Exchange

/// Zone files in and out, judged by BIND and dnspython.
@Suite struct ZoneFileExchangeTests {
    /// What a server takes and gives back as it was.
    static let types: [RRType] = [
        .a, .aaaa, .mx, .txt, .srv, .hinfo, .rp, .afsdb, .ptr, .tlsa, .caa, RRType(rawValue: 65_280),
    ]

    static func zone(_ count: Int, seed: UInt64) -> [RecordSet] {
        let origin = Origin(source: Origin.edits)
        let host = try! Name("ns.example.test.")
        let soa = RData.soa(
            primary: host, mailbox: try! Name("host.example.test."), serial: 7, refresh: 7200, retry: 900, expire: 86_400, minimum: 300)
        return [
            RecordSet(key: RecordKey(owner: Samples.zone, type: .soa), ttl: 300, rdata: [soa], origin: origin),
            RecordSet(key: RecordKey(owner: Samples.zone, type: .ns), ttl: 300, rdata: [.name(host)], origin: origin),
            RecordSet(key: RecordKey(owner: host, type: .a), ttl: 300, rdata: [.a((192, 0, 2, 1))], origin: origin),
        ] + Samples.records(count, types, seed: seed).filter { $0.key.owner != host && $0.key.owner != Samples.zone }
    }

    static func compile(_ path: String) async throws -> [UInt8] {
        let program = try Program("named-compilezone", hint: "apt-get install bind9-utils")
        let lenient = ["-k", "-m", "-n", "-r", "-M", "-S", "-T", "-W"].flatMap { [$0, "ignore"] }
        let outcome = try await program.run(lenient + ["-i", "none", "-s", "full", "-o", "-", "example.test.", path])
        guard outcome.succeeded else { throw TestFailure(outcome.errors.isEmpty ? String(outcome.text.prefix(2000)) : String(outcome.errors.suffix(2000))) }
        return outcome.output
    }

    @Test func compilezone() async throws {
        let directory = try TemporaryDirectory("zone")
        let records = Self.zone(4000, seed: 81)
        let export = Export(Holding(records: records, zones: [Samples.zone]), format: .zone)
        #expect(export.refusals.isEmpty && export.notes.isEmpty)
        let file = try #require(export.files.first)
        #expect(file.name == "example.test.zone" && file.count == records.count)
        try write(file.octets, to: "\(directory.path)/example.test.zone")
        let canonical = try await Self.compile("\(directory.path)/example.test.zone")

        // What BIND makes of our file we read as what we had, and write again as the same.
        try write(canonical, to: "\(directory.path)/bind.db")
        let (holding, faults) = Import(zone: Samples.zone).read(["\(directory.path)/bind.db"])
        #expect(faults.isEmpty && holding.refusals.isEmpty && holding.notes.isEmpty, "\(holding.refusals.prefix(3))")
        expectSame(records.lines, holding.records.lines, "named-compilezone")
        #expect(holding.read == records.lines.count && holding.count == records.count)
        let again = Export(holding, format: .zone)
        try write(try #require(again.files.first).octets, to: "\(directory.path)/again.zone")
        #expect(try await Self.compile("\(directory.path)/again.zone") == canonical)

        // Import, export, import: nothing changes any more.
        let (own, _) = Import().read(["\(directory.path)/example.test.zone"])
        #expect(own.zones == [Samples.zone])
        #expect(Export(own, format: .zone).files.first?.octets == file.octets)
        expectSame(records.lines, own.records.lines, "ours")
    }

    @Test func dnspython() async throws {
        struct Ask: Encodable {
            var op = "zone", origin = "example.test."
            var text: String
        }
        struct Answer: Decodable {
            var records: [[String]]?
            var error: String?
        }
        let records = Self.zone(1000, seed: 82).filter { ![.tlsa, .caa, .uri].contains($0.key.type) }
        let text = String(decoding: Export(Holding(records: records, zones: [Samples.zone]), format: .zone).files[0].octets, as: UTF8.self)
        let answer = try await Program.oracle("dns_oracle.py", lines: [Ask(text: text)], answers: Answer.self)[0]
        let theirs = try #require(answer.records, "\(answer.error ?? "")")
        func hex(_ octets: [UInt8]) -> String { octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        let ours = records.flatMap { set in
            set.rdata.map { [hex(set.key.owner.canonicalWire), "\(set.ttl)", "\(set.key.type.rawValue)", hex($0.wire)] }
        }
        let missing = Set(ours).symmetricDifference(Set(theirs))
        #expect(missing.isEmpty, "\(missing.prefix(6))")
    }

    private func read(_ text: String, _ file: String = "example.test.zone", zone: Name? = nil) throws -> (Holding, [ImportFault]) {
        let directory = try TemporaryDirectory("zone")
        try write(text, to: "\(directory.path)/\(file)")
        var (holding, faults) = Import(format: .zone, zone: zone).read(["\(directory.path)/\(file)"])
        func short(_ file: String) -> String { String(file.dropFirst(directory.path.count + 1)) }
        for i in holding.refusals.indices { holding.refusals[i].file = short(holding.refusals[i].file) }
        for i in holding.notes.indices { holding.notes[i].file = short(holding.notes[i].file) }
        for i in faults.indices { faults[i].file = short(faults[i].file) }
        return (holding, faults)
    }

    @Test func everyRefusalAtOnce() throws {
        let (holding, faults) = try read(
            """
            $TTL 1h
            @ IN SOA ns h 1 2 3 4 5
            a 60 A 192.0.2.1
            a 50 A 192.0.2.2
            a 70 A 192.0.2.2
            b CH TXT "chaos"
            c A 192.0.2.300
            d NOTYPE x
            e.example.net. A 192.0.2.1
            f..g A 192.0.2.1
            h A "192.0.2.1
            $GOTO x
            i A 192.0.2.9
            """)
        #expect(faults.isEmpty)
        let said = holding.refusals.map { "\($0.line) \($0.reason)" }.sorted()
        #expect(said == ["10 name", "11 syntax", "12 syntax", "6 class", "7 value", "8 type", "9 outOfZone"], "\(holding.refusals)")
        #expect(holding.records.map(\.key.description) == ["example.test. SOA", "a.example.test. A", "i.example.test. A"])
        // The lowest TTL, and that it is so is said.
        #expect(holding.records[1].ttl == 50 && holding.records[1].rdata.count == 2 && holding.records[1].origin.line == 3)
        #expect(holding.notes.map { "\($0.line) \($0.reason)" } == ["4 ttl"])
        #expect(holding.read == 12)
        #expect(holding.refusals.byReason.map(\.reason) == [.class, .name, .outOfZone, .syntax, .type, .value])
        #expect(holding.refusals.first { $0.line == 6 }?.description.hasPrefix("example.test.zone:6: ") == true)
    }

    /// The zone by parameter, by the SOA, by the file's name; and names that nothing completes.
    @Test func whichZone() throws {
        let relative = "@ 60 IN SOA ns h 1 2 3 4 5\nwww 60 A 192.0.2.1\n"
        #expect(try read(relative).0.zones == [Samples.zone])
        #expect(try read(relative, "db.example.test").0.zones == [Samples.zone])
        #expect(try read(relative, "example.test.db").0.records.last?.key.owner == Name("www.example.test."))
        #expect(try read(relative, "x.zone", zone: Samples.zone).0.records.last?.key.owner == Name("www.example.test."))
        #expect(try read("$ORIGIN example.test.\n" + relative, "x.zone").0.zones == [Samples.zone])
        #expect(try read("$ORIGIN .\n" + relative, "root.zone").0.zones == [.root])
        // The SOA, not the name of the file.
        #expect(try read("$ORIGIN example.test.\n" + relative, "other.test.zone").0.zones == [Samples.zone])
        let (lost, faults) = try read(relative, "x.zone")
        #expect(lost.records.isEmpty && faults.first?.message.contains("which zone") == true)
        let (half, _) = try read("example.test. 60 SOA a. b. 1 2 3 4 5\nm 60 A 192.0.2.1\nn.example.test. 60 MX 5 m\n", "x.zone")
        #expect(half.records.count == 1 && half.refusals.map(\.reason) == [.relative, .relative])
        #expect(half.refusals.map(\.line) == [2, 3])
    }

    /// A delegation and the child's own NS are one RRset for us: the child's stays.
    @Test func parentAndChild() throws {
        let directory = try TemporaryDirectory("zone")
        let soa = "@ 60 SOA ns h 1 2 3 4 5\n"
        try write(soa + "sub 60 NS a.example.\nsub 60 DS 1 8 2 \(String(repeating: "ab", count: 32))\n", to: "\(directory.path)/example.test.zone")
        try write(soa + "@ 60 NS b.example.\nwww 60 A 192.0.2.1\n", to: "\(directory.path)/sub.example.test.zone")
        try write("www 60 A 192.0.2.2\n", to: "\(directory.path)/z.sub.example.test.zone")
        try write("@ 60 NS b.example.\n@ 60 A 192.0.2.2\n", to: "\(directory.path)/sub.example.test.db")
        let (holding, faults) = Import().read([directory.path])
        #expect(faults.isEmpty)
        #expect(holding.zones.map(\.description) == ["example.test.", "sub.example.test.", "z.sub.example.test."])
        let ns = try #require(holding.records.first { $0.key.owner == holding.zones[1] && $0.key.type == .ns })
        #expect(ns.rdata == [.name(try Name("b.example."))] && ns.origin.file.hasSuffix("sub.example.test.db"))
        #expect(holding.refusals.map(\.reason) == [.delegation])
        #expect(holding.refusals[0].subject == "sub.example.test. NS" && holding.refusals[0].file.hasSuffix("/example.test.zone"))
        let kept = holding.records.reduce(0) { $0 + $1.rdata.count }
        // The NS of the child was there twice, the same both times.
        #expect(holding.read == kept + 1 + 1)
    }

    @Test func unreadable() throws {
        let directory = try TemporaryDirectory("zone")
        try write("$INCLUDE ../x\n$INCLUDE none\n@ 60 SOA a. b. 1 2 3 4 5\n", to: "\(directory.path)/example.test.zone")
        let (holding, faults) = Import().read(["\(directory.path)/example.test.zone", "\(directory.path)/none.zone", "\(directory.path)/a"])
        #expect(faults.map(\.message) == ["no such file", "no such file"])
        #expect(holding.refusals.map(\.line) == [1, 2] && holding.records.count == 1)
        let empty = try TemporaryDirectory("empty")
        #expect(Import().read([empty.path]).faults.count == 1)
    }

    /// What zone files cannot say is refused by name, and nothing vanishes.
    @Test func locations() throws {
        let origin = Origin(source: "site/Rule", file: "rules/a.swift", line: 3)
        let zone = Self.zone(0, seed: 1)
        let tagged = RecordSet(
            key: RecordKey(owner: try Name("w.example.test."), type: .a, location: Location("eu")), ttl: 5, rdata: [.a((192, 0, 2, 1))], origin: origin)
        let outside = RecordSet(key: RecordKey(owner: try Name("w.example."), type: .a), ttl: 5, rdata: [.a((192, 0, 2, 1))], origin: origin)
        let map = [MapEntry(prefix: [10], location: Location("eu")!, origin: origin)]
        for format in [ExchangeFormat.zone, .octodns] {
            let export = Export(Holding(records: zone + [tagged, outside], map: map, zones: [Samples.zone]), format: format)
            let expected: [Remark.Reason] = [.location, .outOfZone, .location] + (format == .octodns ? [.type] : [])
            #expect(export.refusals.map(\.reason) == expected)
            #expect(export.refusals[0].description.hasPrefix("rules/a.swift:3: w.example.test. A @eu: "))
            #expect(export.files.map(\.count) == [format == .zone ? zone.count : zone.count - 1])
        }
        #expect(Export(Holding(records: zone, zones: [Samples.zone]), format: .zone, zones: []).files.isEmpty)
        let classless = try Name("0/25.2.0.192.in-addr.arpa.")
        #expect(Export(Holding(records: [], zones: [classless]), format: .zone).files[0].name == "0\\04725.2.0.192.in-addr.arpa.zone")
        #expect(ZoneNaming.zone(ofZoneFile: "0\\04725.2.0.192.in-addr.arpa.zone") == classless)
    }
}
