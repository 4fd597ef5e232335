import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import Exchange

/// octoDNS itself judges what we write for it, and writes what we read.
@Suite struct OctoDNSOracleTests {
    struct Ask: Encodable {
        var op: String
        var directory: String
        var zone = "example.test."
        var to: String?
        var splits: Bool?
        var ordered = true
    }

    struct Answer: Decodable {
        var records: [[String]]?
        var files: [String]?
        var error: String?
    }

    @Test func bothWays() async throws {
        let directory = try TemporaryDirectory("octodns")
        let records = Samples.records(3000, Samples.types, seed: 71)
        let export = Export(Holding(records: records, zones: [Samples.zone]), format: .octodns)
        let file = try #require(export.files.first)
        #expect(file.name == "example.test.yaml")
        try write(file.octets, to: "\(directory.path)/example.test.yaml")

        let asks = [
            Ask(op: "load", directory: directory.path), Ask(op: "dump", directory: directory.path, to: "\(directory.path)/plain"),
            Ask(op: "dump", directory: directory.path, to: "\(directory.path)/split", splits: true),
        ]
        let answers = try await Program.oracle("octodns_oracle.py", lines: asks, answers: Answer.self)
        let theirs = try #require(answers[0].records, "\(answers[0].error ?? "")").map { Line($0[0], $0[1], $0[2], $0[3]) }.sorted()
        #expect(theirs.count > 3000)

        // Every RRset is in octoDNS, value for value, or was refused by name.
        let refused = Set(export.refusals.map(\.subject))
        let cut = Set(export.notes.filter { $0.reason == .strings }.map(\.subject))
        let written = records.filter { !refused.contains("\($0.key)") }
        #expect(written.count == file.count && written.count > records.count / 2 && refused.count == records.count - written.count)
        // Where character-strings are cut elsewhere, the text is the same.
        let whole = written.map { record in
            guard cut.contains("\(record.key)") else { return record }
            return RecordSet(key: record.key, ttl: record.ttl, rdata: record.rdata.map { .txt(octets: $0.joinedStrings!) }, origin: record.origin)
        }
        expectSame(whole.lines, theirs, "octoDNS")

        // We read what we wrote, and what octoDNS writes, in one file and in many.
        for (place, answer) in [("", nil), ("/plain", answers[1]), ("/split", answers[2])] as [(String, Answer?)] {
            if let answer { #expect((answer.files?.count ?? 0) > (place == "/split" ? 100 : 0), "\(answer.error ?? "")") }
            let paths = place.isEmpty ? ["\(directory.path)/example.test.yaml"] : ["\(directory.path)\(place)"]
            let (holding, faults) = Import().read(paths)
            // What octoDNS itself does not read back as it was: no text at all, and a quote in front.
            let isOwn = { (set: RecordSet) in
                place.isEmpty || !set.key.type.isText || set.rdata.allSatisfy { $0.joinedStrings!.first.map { $0 != UInt8(ascii: "\"") } ?? false }
            }
            let lost = Set(whole.filter { !isOwn($0) }.map(\.key))
            let refusals = holding.refusals.filter { refusal in !lost.contains { "\($0)".lowercased() == refusal.subject.lowercased() } }
            #expect(faults.isEmpty && refusals.isEmpty, "\(place): \(faults.prefix(3)) \(refusals.prefix(3))")
            #expect(holding.zones == [Samples.zone])
            if place.isEmpty { #expect(holding.read == whole.lines.count) }
            expectSame(whole.filter(isOwn).lines, holding.records.filter { !lost.contains($0.key) }.lines, "octodns\(place)")
        }

        // Import, export, import: nothing changes any more.
        let (first, _) = Import().read(["\(directory.path)/example.test.yaml"])
        let second = try #require(Export(first, format: .octodns).files.first).octets
        try write(second, to: "\(directory.path)/example.test.yaml")
        let (third, _) = Import().read(["\(directory.path)/example.test.yaml"])
        expectSame(first.records.lines, third.records.lines, "again")
        #expect(Export(third, format: .octodns).files.first?.octets == second)
    }

    /// What octoDNS refuses and what we refuse, and that we say why.
    @Test(arguments: Hostile.octodns)
    func hostile(_ sample: Hostile) async throws {
        let directory = try TemporaryDirectory("octodns")
        try write(sample.text, to: "\(directory.path)/example.test.yaml")
        let (holding, faults) = Import().read(["\(directory.path)/example.test.yaml"])
        let said = faults.map(\.description) + holding.refusals.map(\.description)
        #expect(holding.records.count == sample.kept, "\(said)")
        let place = "example.test.yaml:\(sample.line):"
        #expect(said.contains { $0.contains(place) && $0.contains(sample.words) }, "\(said)")
        #expect(holding.refusals.map(\.reason.rawValue) == sample.reasons)
        #expect(holding.read == holding.records.reduce(0) { $0 + $1.rdata.count } + holding.refusals.reduce(0) { $0 + $1.records })
    }

    @Test func unicode() async throws {
        let directory = try TemporaryDirectory("octodns")
        let names = ["bücher", "ελληνικά", "例え", "москва", "ü", "ab-ü-cd", "עברית", "한국", "ไทย", "ñandú", "straße", "*.ü"]
        let text = names.map { "'\($0)':\n  type: CNAME\n  value: \($0.replacing("*.", with: "")).bücher.example.\n" }.joined()
        try write("---\n" + text, to: "\(directory.path)/bücher.test.yaml")
        let ask = Ask(op: "load", directory: directory.path, zone: "bücher.test.", ordered: false)
        let answer = try await Program.oracle("octodns_oracle.py", lines: [ask], answers: Answer.self)[0]
        let theirs = try #require(answer.records, "\(answer.error ?? "")").map { Line($0[0], $0[1], $0[2], $0[3]) }.sorted()
        let (holding, faults) = Import().read([directory.path])
        #expect(faults.isEmpty && holding.refusals.isEmpty, "\(faults) \(holding.refusals)")
        #expect(holding.zones == [try Name("xn--bcher-kva.test.")])
        expectSame(holding.records.lines, theirs, "octoDNS")
    }
}

extension RRType {
    fileprivate var isText: Bool { self == .txt || self == .spf }
}
