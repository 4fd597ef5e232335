import TestSupport
import Testing

@testable import DNSWire

@Suite struct EDNSTests {
    static func message(_ options: [UInt8], ttl: [UInt8] = [0, 0, 0, 0]) -> [UInt8] {
        [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 208] + ttl + UInt16(options.count).octets + options
    }

    @Test(arguments: [
        ([0, 3, 0, 2, 104, 105], .nsid([104, 105])), ([0, 3, 0, 0], .nsid([])),
        ([0, 8, 0, 7, 0, 1, 20, 0, 192, 0, 0x20], .clientSubnet(EDNS.ClientSubnet([192, 0, 0x2F, 9], sourceLength: 20)!)),
        ([0, 8, 0, 4, 0, 1, 0, 0], .clientSubnet(EDNS.ClientSubnet([1, 2, 3, 4], sourceLength: 0)!)),
        ([0, 8, 0, 6, 0, 2, 16, 48, 0x20, 1], .clientSubnet(EDNS.ClientSubnet([0x20, 1] + Array(repeating: 9, count: 14), sourceLength: 16, scopeLength: 48)!)),
        ([0, 9, 0, 0], .expire(nil)), ([0, 9, 0, 4, 0, 1, 0, 2], .expire(65_538)),
        ([0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8], .cookie(EDNS.Cookie(client: [1, 2, 3, 4, 5, 6, 7, 8])!)),
        ([0, 10, 0, 16] + Array(1...16), .cookie(EDNS.Cookie(client: Array(1...8), server: Array(9...16))!)),
        ([0, 11, 0, 0], .keepalive(nil)), ([0, 11, 0, 2, 1, 0], .keepalive(256)),
        ([0, 12, 0, 3, 0, 0, 0], .padding(3)), ([0, 15, 0, 4, 0, 22, 104, 105], .extendedError(.init(code: 22, text: [104, 105]))),
        ([0x12, 0x34, 0, 1, 9], .other(0x1234, [9])),
    ] as [([UInt8], EDNS.Option)])
    func options(_ octets: [UInt8], _ option: EDNS.Option) throws {
        // Alone, and between others, whose order is kept.
        for (before, after) in [([], []), ([0, 99, 0, 0], [0, 98, 0, 1, 7])] as [([UInt8], [UInt8])] {
            let message = try Message(wire: Self.message(before + octets + after))
            let options = try #require(message.edns).options
            #expect(options == (before.isEmpty ? [option] : [.other(99, []), option, .other(98, [7])]))
            #expect(message.wire == Self.message(before + octets + after))
        }
    }

    @Test(arguments: [
        [0, 8, 0, 3, 0, 1, 0], [0, 8, 0, 4, 0, 1, 1, 0], [0, 8, 0, 5, 0, 1, 0, 0, 0], [0, 8, 0, 5, 0, 1, 7, 0, 1],
        [0, 8, 0, 9, 0, 1, 33, 0, 1, 2, 3, 4, 0], [0, 8, 0, 4, 0, 1, 0, 33], [0, 8, 0, 4, 0, 2, 0, 129],
        [0, 9, 0, 3, 0, 0, 0], [0, 10, 0, 7, 0, 0, 0, 0, 0, 0, 0], [0, 10, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 10, 0, 41] + Array(repeating: 0, count: 41), [0, 11, 0, 1, 0], [0, 15, 0, 1, 0],
    ] as [[UInt8]])
    func broken(_ octets: [UInt8]) {
        #expect(wireError(Self.message(octets)) == WireError(.badOption, 23))
        #expect(wireError(Self.message([0, 99, 0, 0] + octets)) == WireError(.badOption, 27))
    }

    @Test func fixedFields() throws {
        var message = try Message(wire: Self.message([], ttl: [0x12, 3, 0x80, 5]))
        let edns = try #require(message.edns)
        #expect(edns.udpSize == 1232 && edns.version == 3 && edns.dnssecOK && edns.flags.rawValue == 0x8005)
        #expect(message.responseCode.rawValue == 0x120)
        #expect(message.wire == Self.message([], ttl: [0x12, 3, 0x80, 5]))
        message.edns?.dnssecOK = false
        #expect(message.wire == Self.message([], ttl: [0x12, 3, 0, 5]))
        #expect(EDNS(flags: .dnssecOK).dnssecOK && !EDNS().dnssecOK)
    }

    @Test func codesThatDoNotFit() throws {
        var message = Message(id: 1, responseCode: .badCookie)
        #expect(try Message(wire: message.wire).responseCode == .serverFailure)
        message.edns = EDNS()
        #expect(try Message(wire: message.wire).responseCode == .badCookie)
        message.responseCode = ResponseCode(rawValue: 4096)
        #expect(try Message(wire: message.wire).responseCode == .serverFailure)
        message.responseCode = ResponseCode(rawValue: 4095)
        #expect(try Message(wire: message.wire).responseCode.rawValue == 4095)
    }

    @Test func paddedToBlocks() throws {
        var random = Seeded(50)
        for _ in 0..<200 {
            var message = random.message()
            message.edns = random.edns()
            if random.chance(2) { message.tsig = random.tsig() }
            let block = random.pick([1, 128, 468])
            let wire = message.wire(limit: 65_535, paddedTo: block)
            #expect(wire.count % block == 0)
            let read = try Message(wire: wire)
            #expect(read.answers == message.answers && read.tsig == message.tsig)
            #expect(read.edns?.options.filter { $0.code == 12 }.count == 1)
            #expect(read.edns?.options.filter { $0.code != 12 } == message.edns?.options.filter { $0.code != 12 })
            // As far as there is room.
            #expect(message.wire(limit: wire.count - 1, paddedTo: block).count <= wire.count - 1)
        }
        var message = Message.query(try Name("a."), .a, id: 1, recursionDesired: true)
        message.edns = EDNS()
        #expect(message.wire(limit: 100, paddedTo: 128).count == 100)
        #expect(message.wire(limit: 32, paddedTo: 128).count == 30)
        #expect(message.wire(limit: 34, paddedTo: 128).count == 34)
        #expect(message.wire(limit: 100, paddedTo: 0).count == 30)
    }

    @Test func valuesRefuseWhatCannotBe() {
        #expect(EDNS.ClientSubnet([1, 2, 3], sourceLength: 8) == nil)
        #expect(EDNS.ClientSubnet([1, 2, 3, 4], sourceLength: 33) == nil)
        #expect(EDNS.ClientSubnet([1, 2, 3, 4], sourceLength: 8, scopeLength: 33) == nil)
        #expect(EDNS.ClientSubnet([1, 2, 3, 4], sourceLength: 32)?.address == [1, 2, 3, 4])
        #expect(EDNS.Cookie(client: [1]) == nil)
        #expect(EDNS.Cookie(client: Array(1...8), server: [1]) == nil)
        #expect(EDNS.Cookie(client: Array(1...8), server: Array(1...33)) == nil)
    }
}
