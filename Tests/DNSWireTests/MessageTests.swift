import TestSupport
import Testing

@testable import DNSWire

@Suite struct MessageTests {
    /// A header with one question's count.
    static func header(questions: UInt8 = 1, answers: UInt8 = 0) -> [UInt8] { [0x12, 0x34, 0x84, 0, 0, questions, 0, answers, 0, 0, 0, 0] }

    static func code(_ wire: [UInt8]) -> WireError.Code? {
        do throws(WireError) { _ = try Message(wire: wire) } catch { return error.code }
        return nil
    }

    static func sample(_ random: inout Seeded) -> Message {
        var message = Message(id: UInt16(random.below(65536)), flags: [.response, .authoritative], responseCode: .nameError)
        message.questions = [Question(name: random.name(), type: .any)]
        func record(_ random: inout Seeded) -> ResourceRecord {
            let type = random.pick(Seeded.knownTypes)
            return ResourceRecord(owner: random.name(), type: type, ttl: UInt32(random.below(9999)), rdata: random.rdata(type))
        }
        for _ in 0..<random.below(4) { message.answers.append(record(&random)) }
        for _ in 0..<random.below(2) { message.authority.append(record(&random)) }
        for _ in 0..<random.below(2) { message.additional.append(record(&random)) }
        return message
    }

    @Test func query() throws {
        let query = Message.query(try Name("a."), .aaaa, id: 0x1234, recursionDesired: true)
        #expect(query.wire == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 28, 0, 1])
        #expect(try Message(wire: query.wire) == query)
    }

    @Test func compression() throws {
        // a.b. ; c.<b.> MX 10 <a.b.>
        let wire = Self.header(answers: 1) + [1, 97, 1, 98, 0, 0, 15, 0, 1]
            + [1, 99, 0xC0, 14, 0, 15, 0, 1, 0, 0, 0, 5, 0, 4, 0, 10, 0xC0, 12]
        let message = try Message(wire: wire)
        #expect(message.answers == [
            ResourceRecord(owner: try Name("c.b."), type: .mx, ttl: 5, rdata: .mx(preference: 10, exchange: try Name("a.b.")))
        ])
        #expect(message.flags == [.response, .authoritative])
        // The same octets in data of an unknown type are no pointer (RFC 3597 §4).
        var unknown = wire
        unknown[21 + 4] = 0xFF
        unknown[21 + 5] = 0x00
        #expect(try Message(wire: unknown).answers[0].rdata.wire == [0, 10, 0xC0, 12])
    }

    @Test(arguments: [
        ([0xC0, 12], .badPointer), ([0xC0, 14, 0xC0, 12], .badPointer), ([0xC0, 13], .badPointer), ([0xFF, 0xFF], .badPointer),
        ([1, 97, 0xC0, 12], .badPointer), ([0x40, 0], .badLabel), ([0x80, 0], .badLabel), ([0xC0], .truncated), ([3, 97], .truncated),
    ] as [([UInt8], WireError.Code)])
    func badNames(_ name: [UInt8], _ code: WireError.Code) {
        #expect(Self.code(Self.header() + name + (code == .truncated ? [] : [0, 1, 0, 1])) == code)
    }

    /// Two names of 12 and 14 that point at each other, reached by a third.
    @Test func pointerLoop() {
        let question: [UInt8] = [1, 97, 0xC0, 16, 1, 98, 0xC0, 12, 0, 1, 0, 1]
        #expect(Self.code(Self.header() + question) == .badPointer)
    }

    /// Pointers may only make a name longer, and 255 octets are the end.
    @Test func compressedNameTooLong() {
        let label: [UInt8] = [63] + Array(repeating: 97, count: 63)
        let first = label + label + label + [0, 0, 1, 0, 1]
        #expect(Self.code(Self.header(questions: 2) + first + [60] + Array(repeating: 98, count: 60) + [0xC0, 12, 0, 1, 0, 1]) == nil)
        #expect(Self.code(Self.header(questions: 2) + first + [61] + Array(repeating: 98, count: 61) + [0xC0, 12, 0, 1, 0, 1]) == nil)
        #expect(Self.code(Self.header(questions: 2) + first + [62] + Array(repeating: 98, count: 62) + [0xC0, 12, 0, 1, 0, 1]) == .nameTooLong)
    }

    @Test func roundTripAndEveryTruncation() throws {
        var random = Seeded(5)
        for _ in 0..<60 {
            let message = Self.sample(&random)
            let wire = message.wire
            #expect(try Message(wire: wire) == message)
            for length in 0..<wire.count where Self.code(Array(wire[..<length])) != .truncated {
                Issue.record("cut at \(length) of \(wire)")
            }
            #expect(Self.code(wire + [0]) == .trailingOctets)
        }
    }

    @Test func countsLie() {
        let body: [UInt8] = [1, 97, 0, 0, 1, 0, 1]
        #expect(Self.code(Self.header(questions: 2) + body) == .truncated)
        #expect(Self.code(Self.header(questions: 0) + body) == .trailingOctets)
        #expect(Self.code([0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) == .truncated)
    }

    @Test func lengthsLie() {
        func answer(_ length: UInt8, _ data: [UInt8]) -> [UInt8] {
            Self.header(questions: 0, answers: 1) + [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, length] + data
        }
        #expect(Self.code(answer(4, [1, 2, 3, 4])) == nil)
        #expect(Self.code(answer(5, [1, 2, 3, 4, 5])) == .lengthMismatch)
        #expect(Self.code(answer(3, [1, 2, 3, 4])) == .truncated)
    }

    @Test func mutationsNeverTrap() {
        var random = Seeded(6)
        let seeds = (0..<200).map { _ in Self.sample(&random).wire }
        var parsed = 0
        for _ in 0..<30_000 {
            guard let message = try? Message(wire: random.mutate(random.pick(seeds))) else { continue }
            parsed += 1
            // What could be read can be written and read again.
            if (try? Message(wire: message.wire)) != message { Issue.record("\(message)") }
        }
        #expect(parsed > 1000)
    }
}
