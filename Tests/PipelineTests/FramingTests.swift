import DNSWire
import TestSupport
import Testing

@testable import Pipeline

@Suite struct FramingTests {
    private static func replies(_ random: inout Seeded) -> [PackReply] {
        (0..<random.below(6)).map { _ in
            switch random.below(5) {
            case 0: .records((0..<random.below(4)).map { _ in random.recordSet() }, map: [random.mapEntry()])
            case 1: .done(records: random.below(1 << 40), map: random.below(9))
            case 3: .finding(PolicyFinding(level: .warning, policy: random.word() + "p", key: random.recordSet().key, message: random.word(), origin: Origin(source: "R", file: "f", line: 2)))
            case 2: .fault(message: random.word(), file: random.word(), line: random.below(99))
            default: .description([RuleDescription(name: "A", inputs: ["x", "y"], file: random.word(), line: 3)], policies: 2)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func drip(_ size: Int) throws {
        var random = Seeded(UInt64(size))
        for _ in 0..<20 {
            let replies = Self.replies(&random)
            let octets = replies.flatMap(\.encoded)
            var stream = Delimited()
            var read: [PackReply] = []
            for start in stride(from: 0, to: octets.count, by: size) {
                stream.feed(octets[start..<min(start + size, octets.count)])
                while let message = try stream.next() { read.append(try PackReply(decoding: message)) }
                if start + size < octets.count, read.count == replies.count { Issue.record("a message too early") }
            }
            #expect(read == replies)
            #expect(stream.isEmpty)
        }
    }

    @Test func cut() throws {
        let octets = PackReply.fault(message: "x", file: "f", line: 1).encoded
        for length in 1..<octets.count {
            var stream = Delimited()
            stream.feed(octets[..<length])
            #expect(try stream.next() == nil)
            #expect(!stream.isEmpty)
        }
    }

    @Test func lengths() throws {
        for length in [0, 1, 127, 128, 16_383, 16_384, 70_000] {
            let message = [UInt8](repeating: 7, count: length)
            var stream = Delimited()
            stream.feed(Delimited.frame(message) + [1])
            #expect(try stream.next() == message)
            #expect(try stream.next() == nil)
        }
    }

    /// Refused as soon as the length is known, before the octets are waited for.
    @Test func oversize() throws {
        var largest = Delimited()
        largest.feed([0x80, 0x80, 0x80, 0x08])  // 16 MiB exactly
        #expect(try largest.next() == nil)
        var larger = Delimited()
        larger.feed([0x81, 0x80, 0x80, 0x08])
        #expect(throws: DecodingFault.self) { try larger.next() }
        var endless = Delimited()
        endless.feed([UInt8](repeating: 0xFF, count: 10))
        #expect(throws: DecodingFault.self) { try endless.next() }
    }

    @Test func request() throws {
        let request = PackRequest(rule: "Servers", inputs: ["b": "/x", "a": "/ü"])
        var stream = Delimited()
        stream.feed(request.encoded)
        let message = try #require(try stream.next())
        #expect(try PackRequest(decoding: message) == request)
    }

    @Test func mutationsNeverTrap() {
        var random = Seeded(11)
        for _ in 0..<3000 {
            var stream = Delimited()
            stream.feed(random.mutate(Self.replies(&random).flatMap(\.encoded)))
            while let message = try? stream.next() { _ = try? PackReply(decoding: message) }
        }
    }
}
