import TestSupport
import Testing

@testable import DNSWire

/// dnspython as the second opinion on text and wire; one process a test.
@Suite struct DnspythonTests {
    struct Ask: Encodable {
        var op: String
        var type: String?
        var text: String?
        var wire: String?
        var records: [Line]?
        var names: [String]?
    }

    /// `[owner, ttl, type, text]`
    struct Line: Encodable {
        var record: ResourceRecord
        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            try list.encode(record.owner.description)
            try list.encode(record.ttl)
            try list.encode(record.type.description)
            try list.encode(record.rdata.text(type: record.type))
        }
    }

    struct Answer: Decodable {
        var wire: String?
        var text: String?
        var names: [String]?
        var error: String?
    }

    static func ask(_ lines: [Ask]) async throws -> [Answer] {
        try await Program.oracle("dns_oracle.py", lines: lines, answers: Answer.self)
    }

    @Test func data() async throws {
        var random = Seeded(7)
        let cases = Seeded.knownTypes.flatMap { type in (0..<40).map { _ in (type, random.rdata(type)) } }
        let ours = try await Self.ask(cases.map { Ask(op: "wire", type: $0.description, text: $1.text(type: $0)) })
        let theirs = try await Self.ask(cases.map { Ask(op: "text", type: $0.description, wire: Hex.encode($1.wire)) })
        for (index, (type, rdata)) in cases.enumerated() {
            #expect(ours[index].wire == Hex.encode(rdata.wire), "\(type) \(rdata.text(type: type)) \(ours[index].error ?? "")")
            for text in [ours[index].text, theirs[index].text] {
                let text = try #require(text, "\(type) \(theirs[index].error ?? "")")
                #expect(try RData(text, type: type) == rdata, "\(type) \(text)")
            }
        }
    }

    @Test func names() async throws {
        var random = Seeded(8)
        let names = (0..<400).map { _ in random.name() }
        let answers = try await Self.ask(names.map { Ask(op: "name", text: $0.description) })
        for (name, answer) in zip(names, answers) { #expect(answer.wire == Hex.encode(name.wire), "\(name) \(answer.error ?? "")") }
    }

    @Test func order() async throws {
        var random = Seeded(9)
        let parents = (0..<8).map { _ in random.name() }
        // Names that differ only in case are equal and may come in either order.
        let names = Array(Set((0..<500).map { _ in random.name(below: random.pick(parents)) }))
        let answer = try await Self.ask([Ask(op: "order", names: names.map(\.description))])
        let sorted = try #require(answer[0].names).map { try Name($0) }
        #expect(sorted.count == names.count)
        #expect(sorted == names.sorted { $0.precedes($1) })
    }

    @Test func compressedMessages() async throws {
        var random = Seeded(10)
        let messages = (0..<60).map { _ in
            let zone = random.name(below: try! Name("example.test."))
            return (0..<8).map { _ in
                let type = random.pick(Seeded.knownTypes)
                let target = random.name(below: zone)
                let rdata: RData =
                    switch type {
                    case .ns, .cname, .ptr: .name(target)
                    case .mx: .mx(preference: 5, exchange: target)
                    case .rp: RData(opaque: target.wire + zone.wire)
                    default: random.rdata(type)
                    }
                return ResourceRecord(owner: random.name(below: zone), type: type, ttl: UInt32(random.below(9999)), rdata: rdata)
            }
        }
        let answers = try await Self.ask(messages.map { Ask(op: "message", records: $0.map { Line(record: $0) }) })
        var saved = 0
        for (records, answer) in zip(messages, answers) {
            let hex = try #require(answer.wire, "\(answer.error ?? "")")
            let wire = try #require(Hex.decode(hex))
            let message = try Message(wire: wire)
            #expect(message.id == 4711)
            // Compression may take a name's case from an equal one, so compare in lower case.
            #expect(message.answers.map(\.owner) == records.map(\.owner))
            #expect(message.answers.map(\.ttl) == records.map(\.ttl))
            for (a, b) in zip(message.answers, records) {
                #expect(a.rdata.wire.map(ASCII.lower) == b.rdata.wire.map(ASCII.lower), "\(b)")
            }
            saved += message.plainLength - wire.count
        }
        #expect(saved > 1000, "the oracle compressed little")
    }
}
