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

    /// Of these dnspython knows the number alone.
    static let opaqueToDnspython: Set<RRType> = [.md, .mf, .mb, .mg, .mr, .minfo, .talink, .ta, .rkey, .nxt]
    /// It has a text for these and we have none.
    static let textOfItsOwn: Set<RRType> = [.tsig, .tkey]

    @Test(arguments: Seeded.knownTypes + Seeded.textlessTypes)
    func data(_ type: RRType) async throws {
        guard !Self.opaqueToDnspython.contains(type) else { return }
        var random = Seeded(7 + UInt64(type.rawValue))
        let cases = (0..<120).map { _ in random.rdata(type) }
        let ours = try await Self.ask(cases.map { Ask(op: "wire", type: type.description, text: $0.text(type: type)) })
        let theirs = try await Self.ask(cases.map { Ask(op: "text", type: type.description, wire: Hex.encode($0.wire)) })
        for (index, rdata) in cases.enumerated() {
            let text = rdata.text(type: type)
            if type == .loc {
                // It reckons in floating point: the altitude may be one centimetre off.
                let theirs = try LOC(RData(opaque: #require(Hex.decode(ours[index].wire ?? ""))))
                var location = try LOC(rdata)
                #expect(abs(theirs.altitude - location.altitude) <= 1)
                location.altitude = theirs.altitude
                #expect(theirs == location, "\(text)")
            } else {
                #expect(ours[index].wire == Hex.encode(rdata.wire), "\(text) \(ours[index].error ?? "")")
            }
            if Self.textOfItsOwn.contains(type) { continue }
            for text in type == .loc ? [theirs[index].text] : [ours[index].text, theirs[index].text] {
                guard let text else {
                    Issue.record("\(rdata.text(type: type)): \(theirs[index].error ?? "")")
                    continue
                }
                #expect(try RData(text, type: type) == rdata, "\(text)")
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
        let types = Seeded.knownTypes.filter { !Self.opaqueToDnspython.contains($0) && $0 != .loc }
        let messages = (0..<60).map { _ in
            let zone = random.name(below: try! Name("example.test."))
            return (0..<8).map { _ in
                let type = random.pick(types)
                let target = random.name(below: zone)
                let rdata: RData =
                    switch type {
                    case .ns, .cname, .ptr: .name(target)
                    case .mx: .mx(preference: 5, exchange: target)
                    case .rp, .px: RData(opaque: (type == .px ? [0, 1] : []) + target.wire + zone.wire)
                    case .srv: .srv(priority: 1, weight: 2, port: 3, target: target)
                    case .soa: SOA(primary: target, mailbox: zone, serial: Serial(1), refresh: 2, retry: 3, expire: 4, minimum: 5).rdata
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
