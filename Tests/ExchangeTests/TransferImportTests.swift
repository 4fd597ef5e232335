import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import Exchange

/// A zone record by record, as servers give it.
@Suite struct TransferImportTests {
    @Test func batches() throws {
        let records = ZoneFileExchangeTests.zone(500, seed: 91)
        let all = records.flatMap { set in
            set.rdata.map { ResourceRecord(owner: set.key.owner, type: set.key.type, ttl: set.ttl, rdata: $0) }
        }
        var transfer = TransferImport(zone: Samples.zone, name: "axfr://ns/example.test")
        for start in stride(from: 0, to: all.count, by: 7) { transfer.take(Array(all[start..<min(start + 7, all.count)])) }
        let holding = transfer.finish()
        #expect(holding.refusals.isEmpty && holding.notes.isEmpty && holding.read == all.count && holding.zones == [Samples.zone])
        expectSame(records.lines, holding.records.lines, "import")
        #expect(holding.records[0].origin == Origin(source: Origin.edits, file: "axfr://ns/example.test", line: 1))
    }

    @Test func refusals() throws {
        var transfer = TransferImport(zone: Samples.zone, name: "axfr://ns/example.test")
        func record(_ owner: String, _ type: RRType, _ rdata: RData, ttl: UInt32 = 5, _ rrClass: RRClass = .in) throws -> ResourceRecord {
            ResourceRecord(owner: try Name(owner), type: type, rrClass: rrClass, ttl: ttl, rdata: rdata)
        }
        transfer.take([
            try record("a.example.test.", .a, .a((192, 0, 2, 1))), try record("b.example.test.", .a, .a((192, 0, 2, 1)), .ch),
            try record("c.example.test.", .a, .a((192, 0, 2, 1)), ttl: 0x8000_0000), try record("d.example.test.", .a, RData(opaque: [1])),
            try record("e.example.test.", .any, RData(opaque: [])), try record("f.example.net.", .a, .a((192, 0, 2, 1))),
        ])
        let holding = transfer.finish()
        #expect(holding.records.map(\.key.description) == ["a.example.test. A"] && holding.read == 6)
        #expect(holding.refusals.map { "\($0.line) \($0.reason)" } == ["2 class", "3 ttl", "4 value", "5 type", "6 outOfZone"])
        #expect(holding.notes.map(\.reason) == [.missing])
    }
}
