import TestSupport
import Testing

@testable import DNSWire

/// Zone files judged by others: we know which records a text was made from, and
/// BIND, ldns and dnspython say what they read from it.
@Suite struct ZoneFileOracleTests {
    static let zone = try! Name("example.test.")

    /// A record in a form in which others' can be compared: case and order aside.
    struct Line: Hashable, Comparable {
        var text: String

        init(_ record: ResourceRecord) {
            // Names in data may come back in another case from servers that fold it.
            let data = Hex.encode(record.rdata.wire)
            text = "\(Hex.encode(record.owner.canonicalWire)) \(record.ttl) \(record.type) \(data)"
        }

        static func < (a: Line, b: Line) -> Bool { a.text < b.text }
    }

    /// Every type that a server keeps as it is, whatever octets it holds.
    static let types: [RRType] = [
        .a, .aaaa, .mx, .txt, .srv, .hinfo, .rp, .afsdb, .ptr, .tlsa, .caa, RRType(rawValue: 65_280),
    ]

    /// A text with all that master files allow, and the records it stands for.
    ///
    /// - Parameter forLdns: without what ldns does not know, `$GENERATE` and a class before the TTL.
    static func make(_ count: Int, seed: UInt64, forLdns: Bool = false) -> (text: [UInt8], records: [ResourceRecord]) {
        var random = Seeded(seed)
        let soa = "@ 7200 IN SOA ns.example.test. host\\.master ( 2024010101 ; serial\n  2h 30m\t2w 1d )\n"
        var text = Array("; a zone\n\(forLdns ? "$ORIGIN \(zone)\n" : "")$TTL 1h\n\(soa)\t86400 NS ns\nns A 192.0.2.1\n".utf8)
        var records = [
            ResourceRecord(
                owner: zone, type: .soa, ttl: 7200,
                rdata: .soa(
                    primary: try! Name("ns.example.test."), mailbox: try! Name("host\\.master.example.test."), serial: 2_024_010_101,
                    refresh: 7200, retry: 1800, expire: 1_209_600, minimum: 86_400)),
            ResourceRecord(owner: zone, type: .ns, ttl: 86_400, rdata: .name(try! Name("ns.example.test."))),
            ResourceRecord(owner: try! Name("ns.example.test."), type: .a, ttl: 3600, rdata: .a((192, 0, 2, 1))),
        ]
        var origin = zone, ttl: UInt32 = 3600
        for index in 0..<count {
            if random.chance(60) {
                origin = random.chance(2) ? zone : try! Name("o\(random.below(9))", relativeTo: zone)
                text += "$ORIGIN \(origin)\n".utf8
            }
            if random.chance(60) {
                ttl = UInt32(random.below(7) * 86_400 + random.below(3) * 60)
                // ldns takes 0 for none.
                if forLdns { ttl += 60 }
                text += "$TTL \(ttl / 86_400)d\(ttl / 60 % 1440)M\n".utf8
            }
            // One TTL an RRset: servers make them one.
            // ldns writes an empty value of a CAA as nothing.
            let type = random.pick(forLdns ? types.filter { $0 != .caa } : types)
            let label = random.chance(3) ? random.octets(1 + random.below(12)) : Array("h\(index)".utf8)
            let owner = try! Name(wire: [UInt8(label.count + 4)] + label + Array("-\(index % 1000)".utf8.prefix(4)).padded(to: 4) + origin.wire)
            let own: UInt32? = random.chance(3) ? UInt32(random.below(100_000) + (forLdns ? 1 : 0)) : nil
            var set = Set<RData>()
            for _ in 0...random.below(3) {
                // dnspython compares the length with the kind of hash; 0 is no hash.
                let rdata = type == .tlsa ? RData(opaque: [3, 1, 0] + random.octets(1 + random.below(40))) : random.rdata(type)
                // ldns writes some characters in names without their backslashes, or reads them so.
                let special = (owner.wire + (rdata.hasNames(type) ? rdata.wire : [])).contains { "\"$@".utf8.contains($0) }
                guard !(forLdns && special), set.insert(rdata).inserted else { continue }
                records.append(ResourceRecord(owner: owner, type: type, ttl: own ?? ttl, rdata: rdata))
                let ownerText = !set.isEmpty && records.last?.owner.wire == owner.wire && set.count > 1 && random.chance(2) ? (random.chance(2) ? " " : "\t") : relative(owner, origin, &random)
                let meta = [own.map(String.init), random.chance(2) ? "IN" : nil].compactMap { $0 }
                var line = "\(ownerText) \((forLdns || random.chance(2) ? meta : meta.reversed()).joined(separator: " "))"
                line += " \(random.chance(9) ? "TYPE\(type.rawValue)" : "\(type)") "
                let data = random.chance(9) ? "\\# \(rdata.wire.count) \(Hex.encode(rdata.wire))" : rdata.text(type: type)
                line += random.chance(4) ? "( ; ( open\n \(data)\n ) ; done" : data
                text += (line + (random.chance(9) ? " ; comment \"\n" : random.chance(9) ? "\r\n" : "\n")).utf8
            }
            if !forLdns, random.chance(200) {
                text += "$GENERATE 1-9/4 g${0,3,d}-\(index).example.test. 60 A 192.0.2.$\n".utf8
                for n in [1, 5, 9] as [UInt8] {
                    records.append(
                        ResourceRecord(
                            owner: try! Name("g00\(n)-\(index).example.test."), type: .a, ttl: 60, rdata: .a((192, 0, 2, n))))
                }
            }
        }
        return (text, records)
    }

    static func relative(_ owner: Name, _ origin: Name, _ random: inout Seeded) -> String {
        let text = owner.description
        return random.chance(2) ? text : String(text.dropLast(origin.description.count + 1))
    }

    static func read(_ text: [UInt8]) throws -> [ResourceRecord] {
        try ZoneFileReader(ZoneText(name: "zone.db", octets: text), options: .init(origin: zone)).map { item in
            switch item {
            case .record(let record): record
            case .fault(let fault): throw fault
            }
        }
    }

    static func expectSame(_ a: [ResourceRecord], _ b: [ResourceRecord], _ who: String) {
        let ours = Set(a.map(Line.init)), theirs = Set(b.map(Line.init))
        #expect(ours.count == theirs.count, "\(who)")
        for line in ours.subtracting(theirs).sorted().prefix(5) { Issue.record("\(who) lacks \(line.text)") }
        for line in theirs.subtracting(ours).sorted().prefix(5) { Issue.record("\(who) has \(line.text)") }
    }

    @Test func read() throws {
        let (text, records) = Self.make(5000, seed: 31)
        let read = try Self.read(text)
        #expect(read.map(\.owner.wire) == records.map(\.owner.wire))
        #expect(read == records)
    }

    @Test func compilezone() async throws {
        let (text, records) = Self.make(20_000, seed: 32)
        let directory = try TemporaryDirectory("zone")
        try write(text, to: "\(directory.path)/zone.db")
        let program = try Program("named-compilezone", hint: "apt-get install bind9-utils")
        let lenient = ["-k", "-m", "-n", "-r", "-M", "-S"].flatMap { [$0, "ignore"] }
        let outcome = try await program.run(
            ["-q"] + lenient + ["-i", "none", "-s", "full", "-o", "-", "example.test.", "\(directory.path)/zone.db"])
        #expect(outcome.succeeded, "\(outcome.errors)")
        let ours = try Self.read(text)
        #expect(ours == records)
        Self.expectSame(ours, try Self.read(outcome.output), "named-compilezone")
        // And what we write, it reads as the same.
        var writer = ZoneFileWriter(origin: Self.zone)
        for record in ours { writer.write(record) }
        try write(writer.take(), to: "\(directory.path)/ours.db")
        let again = try await program.run(
            ["-q"] + lenient + ["-i", "none", "-s", "full", "-o", "-", "example.test.", "\(directory.path)/ours.db"])
        #expect(again.succeeded && again.output == outcome.output, "\(again.errors)")
    }

    @Test func ldns() async throws {
        let (text, records) = Self.make(5000, seed: 33, forLdns: true)
        let directory = try TemporaryDirectory("zone")
        try write(text, to: "\(directory.path)/zone.db")
        let program = try Program("ldns-read-zone", hint: "apt-get install ldnsutils")
        let outcome = try await program.run(["\(directory.path)/zone.db"])
        let place = outcome.errors.split(separator: " ").last.flatMap { Int($0.dropLast()) } ?? 1
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(outcome.succeeded, "\(outcome.errors) \(lines.dropFirst(max(0, place - 3)).prefix(5))")
        Self.expectSame(records, try Self.read(outcome.output), "ldns-read-zone")
    }

    @Test func dnspython() async throws {
        struct Ask: Encodable {
            var op = "zone"
            var origin: String
            var text: String
        }
        struct Answer: Decodable {
            var records: [[String]]?
            var error: String?
        }
        let (text, records) = Self.make(2000, seed: 34)
        let answer = try await Program.oracle(
            "dns_oracle.py", lines: [Ask(origin: "example.test.", text: String(decoding: text, as: UTF8.self))], answers: Answer.self)
        let theirs = try #require(answer[0].records, "\(answer[0].error ?? "")")
        let ours = Set(records.map { "\(Hex.encode($0.owner.canonicalWire)) \($0.ttl) \($0.type.rawValue) \(Hex.encode($0.rdata.wire))" })
        #expect(ours == Set(theirs.map { $0.joined(separator: " ") }))
    }
}

extension RData {
    fileprivate func hasNames(_ type: RRType) -> Bool { [.mx, .srv, .rp, .afsdb, .ptr].contains(type) }
}

extension [UInt8] {
    fileprivate func padded(to count: Int) -> [UInt8] { self + Array(repeating: 0x30, count: count - self.count) }
}
