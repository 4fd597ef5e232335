import TestSupport
import Testing

@testable import DNSWire

@Suite struct MessageViewTests {
    static func header(_ questions: UInt8 = 0, _ answers: UInt8 = 0, _ authority: UInt8 = 0, _ additional: UInt8 = 0) -> [UInt8] {
        [0, 1, 0, 0, 0, questions, 0, answers, 0, authority, 0, additional]
    }

    static func record(_ owner: [UInt8], _ type: UInt16, _ rrClass: UInt16, _ rdata: [UInt8], ttl: UInt32 = 0) -> [UInt8] {
        owner + type.octets + rrClass.octets + ttl.octets + UInt16(rdata.count).octets + rdata
    }

    /// The view shows what was built, and its names compare and hash as owned ones do.
    @Test func showsWhatWasBuilt() throws {
        var random = Seeded(20)
        for _ in 0..<200 {
            let message = random.message()
            let view = try MessageView(message.wire)
            #expect(Message(view) == message)
            #expect(view.additional.count == message.additional.count + (message.edns == nil ? 0 : 1))
            let views = Array(view.answers), records = message.answers
            for (a, record) in zip(views, records) {
                #expect(a.record == record)
                #expect(a.owner.name.wire == record.owner.wire)
                #expect(a.owner.isRoot == record.owner.isRoot)
                for (b, other) in zip(views, records) {
                    let equal = record.owner == other.owner
                    #expect((a.owner == b.owner) == equal && (a.owner == other.owner) == equal && (other.owner == a.owner) == equal)
                    if equal { #expect(a.owner.hashValue == b.owner.hashValue) }
                }
            }
            #expect(view.answers.map { Array(view.octets[$0.range]).count }.reduce(0, +) <= view.octets.count)
        }
    }

    @Test func namesComparedInPlace() throws {
        // "a.B.", then "A.<b.>" and a name that only begins alike.
        let wire = Self.header(4) + [1, 97, 1, 66, 0, 0, 1, 0, 1] + [1, 65, 0xC0, 14, 0, 1, 0, 1]
            + [1, 97, 0, 0, 1, 0, 1] + [0xC0, 16, 0, 1, 0, 1]
        let names = try MessageView(wire).questions.map(\.name)
        #expect(names[0] == names[1] && names[0] != names[2] && names[2] != names[0])
        #expect(names[0].hashValue == names[1].hashValue)
        let ab = try Name("a.b."), a = try Name("a.")
        #expect(names[1] == ab && names[1] != a && names[2] != ab && names[2] == a)
        #expect(names[3].isRoot && !names[0].isRoot && names[3] == .root)
        #expect(names[1].name.wire == [1, 65, 1, 66, 0])
    }

    /// The example of RFC 1035 §4.1.4: F.ISI.ARPA at 20, then FOO.F.ISI.ARPA, ARPA and the root.
    @Test func exampleOfTheStandard() throws {
        var wire: [UInt8] = Array(repeating: 0, count: 93)
        wire.replaceSubrange(20..<32, with: [1, 70, 3, 73, 83, 73, 4, 65, 82, 80, 65, 0])
        wire.replaceSubrange(40..<46, with: [3, 70, 79, 79, 0xC0, 20])
        wire.replaceSubrange(64..<66, with: [0xC0, 26])
        for (start, end, text) in [(20, 32, "F.ISI.ARPA."), (40, 46, "FOO.F.ISI.ARPA."), (64, 66, "ARPA."), (92, 93, ".")] {
            var reader = WireReader(wire, range: start..<93)
            #expect(try reader.name().wire == Name(text).wire)
            let view = NameView(octets: wire, start: start)
            #expect(reader.offset == end && view.end == end && view == (try! Name(text)) && view.description == text)
        }
    }

    @Test(arguments: [
        ([], .truncated, 0), (Array(repeating: 0, count: 11), .truncated, 10),
        (header(1) + [0, 0, 1, 0], .truncated, 13), (header(1) + [5, 97], .truncated, 12),
        (header(1) + [0x80, 0, 0, 1, 0, 1], .badLabel, 12), (header(1) + [1, 97, 0xC0, 12, 0, 1, 0, 1], .badPointer, 14),
        (header() + [0], .trailingOctets, 12),
        // A: three octets, five, and a length beyond the message.
        (header(0, 1) + record([0], 1, 1, [1, 2, 3]), .truncated, 23),
        (header(0, 1) + record([0], 1, 1, [1, 2, 3, 4, 5]), .lengthMismatch, 27),
        (header(0, 1) + [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4], .truncated, 23),
        // NS whose name goes beyond its data, into the next record.
        (header(0, 2) + record([0], 2, 1, [3, 97]) + record([0], 2, 1, [0]), .truncated, 23),
        // SRV in another form than RFC 2782: octets left over.
        (header(0, 1) + record([0], 33, 1, [0, 1, 0, 2, 0, 3, 0, 0]), .lengthMismatch, 30),
        (header(0, 1) + record([0], 41, 4096, []), .badOPT, 12), (header(0, 0, 1) + record([0], 41, 4096, []), .badOPT, 12),
        (header(0, 0, 0, 1) + record([1, 97, 0], 41, 4096, []), .badOPT, 12),
        (header(0, 0, 0, 2) + record([0], 41, 4096, []) + record([0], 41, 4096, []), .badOPT, 23),
        (header(0, 0, 0, 1) + record([0], 41, 4096, [0, 9, 0]), .truncated, 25),
        (header(0, 0, 0, 1) + record([0], 41, 4096, [0, 9, 0, 1]), .truncated, 27),
        (header(0, 0, 0, 1) + record([0], 41, 4096, [0, 3, 0, 0, 0, 9, 0, 1, 7]), .badOption, 27),
    ] as [([UInt8], WireError.Code, Int)])
    func refused(_ wire: [UInt8], _ code: WireError.Code, _ offset: Int) {
        #expect(wireError(wire) == WireError(code, offset))
    }

    @Test func tsigHasOnePlace() {
        let data = TSIG(keyName: .root, algorithm: .root, time: 1, fudge: 2, mac: [3], originalID: 4)
        var rdata: [UInt8] = []
        data.append(to: &rdata)
        let good = rdata, a = Self.record([0], 1, 1, [1, 2, 3, 4])
        #expect(wireError(Self.header(0, 0, 0, 2) + a + good) == nil)
        #expect(wireError(Self.header(0, 0, 0, 2) + good + a) == WireError(.badTSIG, 12 + good.count))
        #expect(wireError(Self.header(0, 0, 0, 2) + good + good) == WireError(.badTSIG, 12 + good.count))
        #expect(wireError(Self.header(0, 1) + good) == WireError(.badTSIG, 12))
        #expect(wireError(Self.header(0, 0, 1) + good) == WireError(.badTSIG, 12))
        for at in [3, 4, 5, 6, 7, 8] {
            var bad = good
            bad[at] ^= 1
            #expect(wireError(Self.header(0, 0, 0, 1) + bad) == WireError(.badTSIG, 12))
        }
        #expect(wireError(Self.header(0, 0, 0, 1) + Self.record([0], 250, 255, Array(good.dropFirst(11)) + [0]))?.code == .lengthMismatch)
    }

    /// RFC 2136: classes ANY and NONE have empty data of any type; IN has not.
    @Test(arguments: [1, 2, 6, 15, 16, 28, 33, 257] as [UInt16])
    func emptyData(_ type: UInt16) throws {
        for rrClass: UInt16 in [254, 255] {
            let wire = Self.header(0, 1) + Self.record([0], type, rrClass, [])
            let message = try Message(wire: wire)
            #expect(message.answers[0].rdata.wire.isEmpty && message.wire == wire)
        }
        #expect(wireError(Self.header(0, 1) + Self.record([0], type, 1, [])) != nil)
    }

    /// Class NONE also carries data, which may be compressed (RFC 2136 §2.5.4).
    @Test func dataToDelete() throws {
        let wire = Self.header(1, 1) + [1, 97, 0, 0, 6, 0, 1] + Self.record([0xC0, 12], 2, 254, [1, 98, 0xC0, 12])
        let message = try Message(wire: wire)
        #expect(message.answers[0].rdata.wire == [1, 98, 1, 97, 0])
        #expect(message.wire == wire)
    }

    /// What only the Internet defines is opaque elsewhere; names of other types are names everywhere.
    @Test func otherClasses() throws {
        let address: [UInt8] = [1, 97, 0, 0x12, 0x34]
        let ch = Self.header(0, 1) + Self.record([0], 1, 3, address)
        #expect(try Message(wire: ch).answers[0].rdata.wire == address)
        #expect(try Message(wire: ch).wire == ch)
        #expect(wireError(Self.header(0, 1) + Self.record([0], 1, 1, address))?.code == .lengthMismatch)
        let ns = Self.header(1, 1) + [1, 97, 0, 0, 2, 0, 3] + Self.record([0xC0, 12], 2, 3, [1, 98, 0xC0, 12])
        #expect(try Message(wire: ns).answers[0].rdata.wire == [1, 98, 1, 97, 0])
        #expect(try Message(wire: ns).wire == ns)
    }

    @Test func chainsAreBounded() throws {
        // In opaque data, "a." and then pointers each to the one before; the next record's owner is the last.
        func message(_ jumps: Int) -> [UInt8] {
            var data: [UInt8] = [1, 97, 0]
            for i in 1..<jumps { data += (0xC000 | UInt16(23 + (i == 1 ? 0 : 3 + 2 * (i - 2)))).octets }
            let last = UInt16(23 + 3 + 2 * (jumps - 2))
            return Self.header(0, 2) + Self.record([0], 999, 1, data) + Self.record((0xC000 | last).octets, 999, 1, [])
        }
        let good = message(127)
        #expect(try Array(MessageView(good).answers)[1].owner == Name("a."))
        // The 128th jump is where the chain starts.
        #expect(wireError(message(128)) == WireError(.tooManyPointers, 26))
    }

    /// As many names as fit, each with 127 labels and 127 jumps: the steps taken are
    /// a small multiple of the octets, and no message takes more.
    @Test func worstCase() throws {
        // One long name, label by label each behind a pointer to the one before.
        var data: [UInt8] = [1, 97, 0]
        var last = 23
        for _ in 1..<127 {
            let at = 23 + data.count
            data += [1, 97] + (0xC000 | UInt16(last)).octets
            last = at
        }
        var wire = Self.header(0, 0) + Self.record([0], 999, 1, data)
        var count = 1
        while wire.count + 12 <= 65_535 {
            wire += Self.record((0xC000 | UInt16(last)).octets, 999, 1, [])
            count += 1
        }
        wire.replaceSubrange(6..<8, with: UInt16(count).octets)
        #expect(wireError(wire) == nil)
        var reader = WireReader(wire), steps = 0
        try reader.take(12)
        for _ in 0..<count {
            var labels = 0
            let extent = try reader.walkName(compression: true) { _ in labels += 1 }
            #expect(labels <= 128 && extent.jumps <= 127)
            steps += labels + extent.jumps
            try reader.take(8)
            try reader.take(Int(reader.u16()))
        }
        #expect(reader.isAtEnd)
        #expect(steps > 1_000_000, "not the worst case")
        #expect(steps < 22 * wire.count)
    }

    /// Whatever happens to a message: it is refused, or all of it can be looked at and built again.
    @Test func mutationsNeverTrap() throws {
        var random = Seeded(21)
        let seeds = (0..<300).map { _ in
            var message = random.message(records: 4)
            if random.chance(2) { message.tsig = random.tsig() }
            return message.wire
        }
        var parsed = 0
        for _ in 0..<30_000 {
            let wire = random.mutate(random.pick(seeds))
            guard let view = try? MessageView(wire) else { continue }
            parsed += 1
            let message = Message(view)
            let again = message.wire
            #expect((try? Message(wire: again)) == message)
            // Canonical octets come back as they are.
            #expect((try? Message(wire: again))?.wire == again)
            for record in view.additional { _ = (record.owner.hashValue, record.rdataRange, record.owner == view.questions.first { _ in true }?.name) }
        }
        #expect(parsed > 1000)
    }
}
