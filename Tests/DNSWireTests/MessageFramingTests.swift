import TestSupport
import Testing

@testable import DNSWire

@Suite struct MessageFramingTests {
    @Test func howeverTheOctetsArrive() throws {
        var random = Seeded(40)
        for _ in 0..<50 {
            let messages = (0..<random.below(6)).map { _ in random.message().wire }
            var stream: [UInt8] = []
            for message in messages { try Framing.append(message, to: &stream) }
            for most in [1, 3, 50, 1 << 20] {
                var deframer = Deframer(), rest = stream[...], read: [[UInt8]] = []
                while !rest.isEmpty {
                    let piece = rest.prefix(1 + random.below(most))
                    rest = rest.dropFirst(piece.count)
                    deframer.append(piece)
                    while let message = try deframer.next() { read.append(message) }
                    #expect(deframer.isBetweenMessages == (read.count == messages.count || rest.startIndex == boundary(messages, read.count)))
                }
                #expect(read == messages)
                #expect(deframer.isBetweenMessages)
            }
        }
    }

    private func boundary(_ messages: [[UInt8]], _ count: Int) -> Int { messages.prefix(count).reduce(0) { $0 + 2 + $1.count } }

    @Test func limits() throws {
        var stream: [UInt8] = []
        try Framing.append(Array(repeating: 1, count: 65_535), to: &stream)
        #expect(stream.prefix(2) == [0xFF, 0xFF] && stream.count == 65_537)
        #expect(throws: FramingError.tooLong(65_536)) { try Framing.append(Array(repeating: 1, count: 65_536), to: &stream) }
        #expect(throws: FramingError.tooShort(11)) { try Framing.append(Array(repeating: 1, count: 11), to: &stream) }
        #expect(stream.count == 65_537)
        var deframer = Deframer(limit: 100)
        deframer.append([0, 100] + Array(repeating: 2, count: 100) + [0])
        #expect(try deframer.next()?.count == 100)
        #expect(try deframer.next() == nil)
        deframer.append([101])
        #expect(throws: FramingError.tooLong(101)) { try deframer.next() }
        var short = Deframer()
        short.append([0, 11])
        #expect(throws: FramingError.tooShort(11)) { try short.next() }
        #expect(throws: FramingError.tooShort(11)) { try short.next() }
    }
}
