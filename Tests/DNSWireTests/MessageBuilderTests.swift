import TestSupport
import Testing

@testable import DNSWire

@Suite struct MessageBuilderTests {
    static func sized(_ count: Int, owner: String = "a.") -> ResourceRecord {
        ResourceRecord(owner: try! Name(owner), type: RRType(rawValue: 65_280), ttl: 0, rdata: RData(opaque: Array(repeating: 7, count: count)))
    }

    /// Addresses that a delegation needs are missed (RFC 9471 §3), others are not.
    @Test func truncatedGlue() throws {
        var referral = Message.query(try Name("www.sub.example."), .a, id: 1, recursionDesired: false)
        referral.authority = [ResourceRecord(owner: try Name("sub.example."), type: .ns, ttl: 1, rdata: .name(try Name("ns.sub.example.")))]
        func isCut(_ owner: String, _ type: RRType = .a) throws -> Bool {
            var message = referral
            message.additional = [ResourceRecord(owner: try Name(owner), type: type, ttl: 1, rdata: type == .a ? .a((192, 0, 2, 1)) : .txt("x"))]
            let short = try Message(wire: message.wire(limit: message.wire.count - 1))
            #expect(short.additional.isEmpty && short.authority == referral.authority)
            return short.flags.contains(.truncated)
        }
        #expect(try isCut("ns.sub.example."))
        #expect(try !isCut("ns.other."))
        #expect(try !isCut("www.sub.example."))
        #expect(try !isCut("ns.sub.example.", .txt))
        // Beside an answer it is no delegation.
        referral.answers = [ResourceRecord(owner: try Name("www.sub.example."), type: .a, ttl: 1, rdata: .a((192, 0, 2, 9)))]
        #expect(try !isCut("ns.sub.example."))
    }

    @Test func exactOctets() throws {
        var message = Message.query(try Name("www.Example.net."), .any, id: 0x0102, recursionDesired: true)
        message.flags.insert([.response, .authenticData, .checkingDisabled])
        message.answers = [
            ResourceRecord(owner: try Name("www.Example.net."), type: .mx, ttl: 1, rdata: .mx(preference: 2, exchange: try Name("mx.Example.net."))),
            // Another case is another spelling, and SRV is not compressed, though its owner may be a target.
            ResourceRecord(owner: try Name("a.example.net."), type: .srv, ttl: 1, rdata: .srv(priority: 1, weight: 2, port: 3, target: try Name("mx.Example.net."))),
            ResourceRecord(owner: try Name("b.a.example.net."), type: RRType(rawValue: 65_280), ttl: 1, rdata: .name(try Name("net."))),
            ResourceRecord(owner: .root, type: .ns, ttl: 1, rdata: .name(try Name("mx.Example.net."))),
        ]
        let example: [UInt8] = [7, 69, 120, 97, 109, 112, 108, 101], net: [UInt8] = [3, 110, 101, 116, 0]
        let lower: [UInt8] = [7, 101, 120, 97, 109, 112, 108, 101]
        var wire: [UInt8] = [1, 2, 0x81, 0x30, 0, 1, 0, 4, 0, 0, 0, 0, 3, 119, 119, 119] + example + net + [0, 255, 0, 1]
        wire += [0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 1, 0, 7, 0, 2, 2, 109, 120, 0xC0, 16]
        let a = UInt8(wire.count)
        wire += [1, 97] + lower + [0xC0, 24, 0, 33, 0, 1, 0, 0, 0, 1, 0, 22, 0, 1, 0, 2, 0, 3, 2, 109, 120] + example + net
        wire += [1, 98, 0xC0, a, 0xFF, 0, 0, 1, 0, 0, 0, 1, 0, 5] + net
        wire += [0, 0, 2, 0, 1, 0, 0, 0, 1, 0, 2, 0xC0, 47]
        #expect(message.wire == wire)
        #expect(try Message(wire: wire) == message)
    }

    @Test func parseAndBuildAreInverse() throws {
        var random = Seeded(30)
        for _ in 0..<300 {
            var message = random.message()
            if random.chance(3) { message.tsig = random.tsig() }
            let wire = message.wire
            #expect(try Message(wire: wire) == message)
            #expect(try Message(wire: wire).wire == wire)
            #expect(wire.count <= message.plainLength)
            // Case is part of what must come back, and `==` of names does not see it.
            for (a, b) in zip(try Message(wire: wire).answers, message.answers) { #expect(a.owner.wire == b.owner.wire) }
        }
    }

    /// Targets beyond 16,383 cannot be pointed at; those before still are.
    @Test func reachOfPointers() throws {
        var message = Message(id: 1)
        message.answers = [Self.sized(16_340, owner: "near.test."), Self.sized(0, owner: "far.test."), Self.sized(0, owner: "far.test.")]
        #expect(message.wire.count == 12 + 11 + 10 + 16_340 + (4 + 2 + 10) + (2 + 10))
        message.answers[0].rdata = RData(opaque: Array(repeating: 0, count: 16_351))
        #expect(message.wire.count == 12 + 11 + 10 + 16_351 + (4 + 2 + 10) * 2)
        // The very last place that a pointer reaches.
        message.answers[0].rdata = RData(opaque: Array(repeating: 0, count: 16_350))
        #expect(message.wire.count == 12 + 11 + 10 + 16_350 + (4 + 2 + 10) + (2 + 10))
        #expect(try Message(wire: message.wire) == message)
    }

    @Test func truncation() throws {
        var random = Seeded(31)
        var cut = 0, quiet = 0
        for _ in 0..<80 {
            var message = random.message(records: 8)
            message.flags.remove(.truncated)
            // Sets of several records.
            message.answers = message.answers.flatMap { record in (0..<random.below(4)).map { _ in record } }
            if random.chance(2) { message.tsig = random.tsig() }
            let whole = message.wire
            let fixed = 12 + (message.edns?.length ?? 0) + (message.tsig?.length ?? 0)
            for limit in stride(from: fixed, through: whole.count, by: 7) + [whole.count] {
                let wire = message.wire(limit: limit)
                #expect(wire.count <= limit)
                let short = try Message(wire: wire)
                #expect(short.edns == message.edns && short.tsig == message.tsig)
                #expect(message.answers.starts(with: short.answers) && message.authority.starts(with: short.authority))
                #expect(message.additional.starts(with: short.additional))
                let required = short.questions == message.questions && short.answers == message.answers && short.authority == message.authority
                #expect(short.flags.contains(.truncated) == !required)
                if !required { #expect(short.additional.isEmpty) }
                for (part, all) in [(short.answers, message.answers), (short.authority, message.authority), (short.additional, message.additional)] {
                    guard let last = part.last, part.count < all.count else { continue }
                    let next = all[part.count]
                    #expect(!(last.owner == next.owner && last.type == next.type && last.rrClass == next.rrClass), "a set was torn")
                }
                if short.flags.contains(.truncated) { cut += 1 } else if short != message { quiet += 1 }
            }
            #expect(message.wire(limit: whole.count) == whole)
        }
        #expect(cut > 500 && quiet > 100)
    }

    @Test func smallestLimits() throws {
        var random = Seeded(32)
        for limit in [Int.min, -1, 0, 11, 12, 13, 40, 1 << 40] {
            let wire = random.message().wire(limit: limit)
            #expect(wire.count <= max(12, min(limit, 65_535)))
            _ = try MessageView(wire)
        }
        // Far beyond what any field counts.
        var huge = Message(id: 1)
        huge.answers = [Self.sized(70_000)]
        #expect(huge.wire == [0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        huge.answers = []
        huge.questions = Array(repeating: Question(name: .root, type: .a), count: 70_000)
        #expect(huge.wire.count == 12 + 5 * 13_104)
        #expect(try Message(wire: huge.wire).flags == .truncated)
        huge.questions = []
        huge.edns = EDNS(options: [.padding(.max), .other(1, Array(repeating: 0, count: 70_000))])
        #expect(huge.wire.count == 12)
    }

    /// So many ends of names that hashes of unequal ones meet.
    @Test func manyLabels() throws {
        var message = Message(id: 1)
        for i in 0..<400 {
            let owner = try Name(String(repeating: "a.", count: 120) + "\(i).")
            message.answers.append(ResourceRecord(owner: owner, type: .a, ttl: 1, rdata: .a((1, 2, 3, 4))))
        }
        message.answers += message.answers
        let wire = message.wire(limit: 65_535)
        let read = try Message(wire: wire)
        #expect(message.answers.starts(with: read.answers) && read.answers.count > 240)
    }

    /// What did not fit leaves no trace: not in the octets, and not as a target of pointers.
    @Test func rollBack() throws {
        var random = Seeded(33)
        for _ in 0..<100 {
            let records = (0..<12).map { _ in random.record(try! Name("example.test."), true) }
            let refusal = 1 + random.below(10)
            var straight = MessageBuilder(id: 7), bumpy = MessageBuilder(id: 7)
            for (index, record) in records.enumerated() {
                if index == refusal {
                    // Names that come again at once, and then elsewhere.
                    let torn = [random.record(try! Name("other.test."))] + records[index...]
                    let fitted = bumpy.append(set: torn + [Self.sized(65_535)], to: .answer)
                    #expect(!fitted)
                }
                let a = straight.append(record, to: .answer), b = bumpy.append(record, to: .answer)
                #expect(a && b)
            }
            #expect(straight.take() == bumpy.take())
            #expect(bumpy.isEmpty)
        }
    }

    /// As a zone transfer does: full messages, one after the other, and nothing lost.
    @Test(arguments: [600, 16_400, 65_535])
    func streams(_ limit: Int) throws {
        var random = Seeded(34)
        let records = (0..<3000).map { _ in random.record(try! Name("example.test."), true) }.filter { $0.rdata.wire.count < 400 }
        var builder = MessageBuilder(id: 9, flags: [.response, .authoritative], limit: limit)
        var messages: [[UInt8]] = []
        for record in records where !builder.append(record, to: .answer) {
            messages.append(builder.take())
            let fits = builder.append(record, to: .answer)
            #expect(fits)
        }
        messages.append(builder.take())
        var read: [ResourceRecord] = []
        for wire in messages {
            #expect(wire.count <= limit && (wire == messages.last || wire.count > limit - 900))
            read += try Message(wire: wire).answers
        }
        #expect(read == records)
        #expect(messages.count > 1)
    }

    @Test func headersFields() throws {
        for opcode in 0..<16 as Range<UInt8> {
            for flag in stride(from: 0 as UInt16, to: 0x8800, by: 16).filter({ $0 & ~Message.Flags.mask == 0 }) {
                var message = Message(id: flag, opcode: Opcode(rawValue: opcode), flags: .init(rawValue: flag), responseCode: .refused)
                #expect(try Message(wire: message.wire) == message)
                let header = try MessageHeader(message.wire + [9, 9])
                #expect(header.opcode == message.opcode && header.flags == message.flags && header.responseCode == .refused && header.id == flag)
                // Bits that are no flags stay out of other fields.
                message.flags = .init(rawValue: flag | 0x780F)
                #expect(try Message(wire: message.wire).opcode.rawValue == opcode)
            }
        }
        #expect(throws: WireError(.truncated, 10)) { try MessageHeader(Array(repeating: 0, count: 11)) }
    }
}
