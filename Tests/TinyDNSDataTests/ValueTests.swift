import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import TinyDNSData

/// Text as Freshet's values, and back.
@Suite struct ValueTests {
    static func values(_ text: String) -> DataValues { DataFile(Array(text.utf8), modified: 1_700_000_000).records(file: "data") }

    /// Values to text to values: nothing is lost, whatever their type, name or location.
    @Test(arguments: 0..<8)
    func roundTrip(_ seed: Int) throws {
        var random = Seeded(UInt64(seed))
        let sharding = Sharding(count: 1)
        var sets: [RecordKey: RecordSet] = [:]
        for _ in 0..<300 {
            let set = random.recordSet()
            sets[set.key] = RecordSet(key: set.key, ttl: set.ttl, rdata: set.rdata, origin: Origin(source: "t"))
        }
        var map: [[UInt8]: MapEntry] = [:]
        for _ in 0..<30 {
            let entry = random.mapEntry()
            map[entry.prefix] = entry
        }
        let before = sharding.spread(records: Array(sets.values), map: Array(map.values))[0] ?? Shard()
        let values = Self.values(DataText.lines(of: before).joined(separator: "\n"))
        #expect(values.refusals == [])
        let after = sharding.spread(records: values.records, map: values.map)[0] ?? Shard()
        #expect(after.records.count == before.records.count)
        for (a, b) in zip(after.records, before.records) {
            #expect(a.serves(sameAs: b), "\(a) \(b)")
        }
        #expect(after.map.map(\.prefix) == before.map.map(\.prefix) && after.map.map(\.location) == before.map.map(\.location))
    }

    /// What the values say is what the text says: both make the same records.
    @Test(arguments: 0..<4)
    func sameRecords(_ seed: Int) throws {
        var random = Seeded(UInt64(50 + seed))
        let lines = (0..<2000).map { _ in random.dataLine() }
        let text = Array(lines.joined(separator: [0x0A]))
        let file = DataFile(text, modified: 3)
        let values = file.records(file: "data")
        let again = DataFile(Array(DataText.lines(of: Shard(records: values.records, map: values.map)).joined(separator: "\n").utf8), modified: 4)
        let reader = try CdbReader(again.compiled())
        let original = try CdbReader(file.compiled())
        var compared = 0
        for set in values.records {
            let key = TinydnsRecord.key(of: set.key.owner)
            func served(_ reader: CdbReader) throws -> Set<[UInt8]> {
                Set(
                    try reader.values(of: key).map(Array.init).filter {
                        // The TTL may have been lowered; timestamps are refused, and TTLs that are none (RFC 2181 §8).
                        let at = $0[2] == UInt8(ascii: ">") || $0[2] == UInt8(ascii: "+") ? 5 : 3
                        let isWhole = (try? RData(wire: Array($0[(at + 12)...]), type: set.key.type)) != nil
                        return TinydnsRecord.Header($0)?.type == set.key.type && $0[at + 4..<at + 12].allSatisfy { $0 == 0 } && isWhole
                            && $0[at] < 0x80 && (at == 3 || Location(octets: $0[3..<5]) != nil)
                    }.map { data in
                        let at = data[2] == UInt8(ascii: ">") || data[2] == UInt8(ascii: "+") ? 5 : 3
                        return Array(data[..<at] + data[(at + 4)...])
                    })
            }
            #expect(try served(reader) == served(original))
            compared += 1
        }
        #expect(compared > 500)
    }

    /// However many parts are read at a time, the values are the same and so is what is said, in the same order.
    @Test(arguments: 0..<6)
    func partsAtOnce(_ seed: Int) throws {
        var random = Seeded(UInt64(90 + seed))
        var lines = (0..<random.pick([0, 1, 2, 5, 400])).map { _ in random.dataLine(refusable: true) }
        // The same set and the same prefix in many parts, with other TTLs and places.
        for number in 0..<random.below(60) {
            let line = random.pick(["+x.test:10.0.0.\(number % 5):\(60 + number % 3)", "%\(number % 2 == 0 ? "aa" : "bb"):10.\(number % 3)", "", "x"])
            lines.insert(Array(line.utf8), at: random.below(lines.count + 1))
        }
        for ending in [[], [0x0A], [0x0A, 0x0A]] as [[UInt8]] {
            let data = DataFile(Array(lines.joined(separator: [0x0A])) + ending, modified: 5)
            let whole = data.records(file: "data", parts: 1)
            #expect(whole.report.lines == data.check().lines && whole.report.records == data.check().records)
            for parts in [0, 2, 3, 7, 64, 5000] {
                let values = data.records(file: "data", parts: parts)
                #expect(values.records == whole.records && values.map == whole.map)
                #expect(values.report.problems == whole.report.problems)
                #expect(values.report.faults == whole.report.faults && values.report.refusals == whole.report.refusals)
                #expect(values.report.warnings == whole.report.warnings && values.report.lines == whole.report.lines)
                #expect(values.report.records == whole.report.records && values.report.mapEntries == whole.report.mapEntries)
            }
        }
    }

    /// A text that is long enough to be read in parts without being told to.
    @Test func largeText() throws {
        let lines = (0..<40_000).map { "+h\($0 % 30_000).test:10.0.\($0 / 30_000).1:\($0 == 35_000 ? 5 : 60)" }
        let values = Self.values(lines.joined(separator: "\n"))
        #expect(values.records.count == 30_000 && values.report.records == 40_000 && values.report.lines == 40_000)
        for (place, set) in values.records.enumerated() {
            #expect(set.key.owner == (try Name("h\(place).test")) && set.origin.line == place + 1)
            #expect(set.rdata.count == (place < 10_000 ? 2 : 1) && set.ttl == (place == 5000 ? 5 : 60))
        }
        #expect(values.report.problems.map { "\($0.line) \($0.message)" } == [
            "35001 h5000.test. A has a TTL of 60 on line 5001 and 5 here: 5 is taken"
        ])
    }

    @Test func merges() throws {
        let values = Self.values("+a.test:10.0.0.1:60\n=A.test:10.0.0.2:30\n+a.test:10.0.0.1:60\n+a.test:10.0.0.1:60::in")
        #expect(values.records.map(\.key.description) == ["a.test. A", "2.0.0.10.in-addr.arpa. PTR", "a.test. A @in"])
        #expect(values.records[0].ttl == 30)
        #expect(values.records[0].rdata == [.a((10, 0, 0, 1)), .a((10, 0, 0, 2))])
        #expect(values.records[0].origin == Origin(source: Origin.edits, file: "data", line: 1))
        #expect(values.report.problems.map { "\($0.line) \($0.code)" } == ["1 duplicate", "2 ttlDiffers", "3 ttlDiffers"])
        #expect(values.refusals.isEmpty)
    }

    @Test func serials() throws {
        let soa = { (text: String, modified: Int64) in
            try SOA(DataFile(Array(text.utf8), modified: modified).records(file: "").records[0].rdata[0]).serial
        }
        #expect(try soa("Za:b:c", 1_700_000_000) == Serial(1_700_000_000))
        #expect(try soa(".a::b", 0) == Serial(1))
        #expect(try soa("Za:b:c:7", 9) == Serial(7))
    }

    /// The octets of texts stay, and how they are cut.
    @Test func texts() throws {
        let rdata = Self.values("'a:" + String(repeating: "x", count: 200)).records[0].rdata[0]
        #expect(rdata.wire.count == 202 && rdata.wire[0] == 127 && rdata.wire[128] == 73)
    }

    @Test(arguments: [
        ("+a:1.2.3.4:60:4000000038af1379", "timestamp"), ("+a:1.2.3.4:60::-x", "location"), ("+a:1.2.3.4:60::\u{0}x", "location"),
        ("%:1.2", "location"), ("%aa:1.2.3.4.5", "prefix"), (":a:28:x", "malformedData"), (":a:41:", "metaType"), (":a:255:", "metaType"),
        ("x", "unknownLine"),
    ])
    func refused(_ line: String, _ code: String) {
        let values = Self.values("\n\(line)")
        #expect(values.refusals.map { "\($0.line) \($0.code)" } == ["2 \(code)"])
        #expect(values.records.isEmpty && values.map.isEmpty)
    }

    /// tinydns takes the first entry of a prefix.
    @Test func shadowedPrefix() {
        let values = Self.values("%aa:1.2\n%bb:1.2\n%aa:1.2")
        #expect(values.map.map(\.location.description) == ["aa"])
        #expect(values.report.problems.map { "\($0.line) \($0.code)" } == ["2 shadowed", "3 duplicate"])
    }
}
