import TestSupport
import Testing

@testable import DNSWire

/// dnspython reads what we write, and the other way round.
@Suite struct MessageOracleTests {
    /// Messages that dnspython can hold: it reads updates as something else, and
    /// knows no opcodes and EDNS versions but the assigned ones.
    static func messages(_ seed: UInt64, _ count: Int, lowerCase: Bool = false) -> [Message] {
        var random = Seeded(seed)
        return (0..<count).map { _ in
            var message = random.message(lowerCase: lowerCase, types: Seeded.plainTypes)
            message.opcode = .query
            message.edns?.version = 0
            return message
        }
    }

    @Test func theyReadOurs() async throws {
        let messages = Self.messages(60, 200)
        let answers = try await MessageOracle.ask(messages.map { .init(op: "read", wire: Hex.encode($0.wire)) })
        for (message, answer) in zip(messages, answers) {
            #expect(answer.error == nil, "\(answer.error ?? "") \(Hex.encode(message.wire))")
            #expect(answer.id == message.id && answer.code == message.responseCode.rawValue)
            #expect(answer.flags == MessageHeader.bits(message.opcode, message.flags, message.responseCode))
            #expect(answer.questions == message.questions.map { .init($0) })
            #expect(answer.records == message.rows)
            #expect(answer.edns == message.oracleOptions)
        }
    }

    @Test func weReadTheirs() async throws {
        let messages = Self.messages(61, 200, lowerCase: true)
        let answers = try await MessageOracle.ask(
            messages.map {
                .init(
                    op: "write", id: $0.id, flags: $0.flags.rawValue, code: $0.responseCode.rawValue,
                    questions: $0.questions.map { .init($0) }, records: $0.rows, edns: $0.oracleOptions)
            })
        for (message, answer) in zip(messages, answers) {
            let wire = try #require(answer.wire.flatMap(Hex.decode), "\(answer.error ?? "")")
            let read = try Message(wire: wire)
            #expect(read.rows == message.rows)
            #expect(read == message)
            // And the other builder finds as much to compress: equal but for the order of OPT.
            #expect(message.wire == wire)
        }
    }

    /// Names that differ in case alone we spell out, and they do not.
    @Test func compressedAsWell() async throws {
        let messages = Self.messages(62, 150, lowerCase: true)
        let answers = try await MessageOracle.ask(messages.map { .init(op: "read", wire: Hex.encode($0.wire)) })
        var ours = 0, theirs = 0, plain = 0
        for (message, answer) in zip(messages, answers) {
            ours += message.wire.count
            theirs += try #require(answer.length, "\(answer.error ?? "")")
            plain += message.plainLength
        }
        #expect(ours <= theirs && ours < plain)
    }
}
