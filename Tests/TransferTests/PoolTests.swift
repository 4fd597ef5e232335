import DNSClient
import DNSWire
import Foundation
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Transfer

@Suite struct PoolTests {
    static func answer(_ code: ResponseCode, aa: Bool, _ records: [ResourceRecord] = []) -> Message {
        var message = Message(id: 1, flags: aa ? [.response, .authoritative] : .response, responseCode: code)
        message.answers = records
        return message
    }

    @Test func judgement() throws {
        let zone = try Name("example.test.")
        let soa = ResourceRecord(
            owner: zone, type: .soa, ttl: 1, rdata: .soa(primary: zone, mailbox: zone, serial: 7, refresh: 1, retry: 1, expire: 1, minimum: 1))
        var other = soa
        other.owner = try Name("test.")
        #expect(SerialAnswer(Self.answer(.noError, aa: true, [soa]), of: zone) == .serves(Serial(7)))
        #expect(SerialAnswer(Self.answer(.noError, aa: false, [soa]), of: zone) == .unsure(.noError))
        #expect(SerialAnswer(Self.answer(.noError, aa: true, [other]), of: zone) == .unsure(.noError))
        #expect(SerialAnswer(Self.answer(.noError, aa: true), of: zone) == .disowns(.noError))
        #expect(SerialAnswer(Self.answer(.nameError, aa: true), of: zone) == .disowns(.nameError))
        #expect(SerialAnswer(Self.answer(.nameError, aa: false), of: zone) == .unsure(.nameError))
        for code in [ResponseCode.serverFailure, .refused, .formatError] {
            let unsure = SerialAnswer(Self.answer(code, aa: true, [soa]), of: zone)
            #expect(unsure == (code == .refused ? .disowns(code) : .unsure(code)))
            #expect(!PoolChange.absent.isDone(unsure) && !PoolChange.present(Serial(7)).isDone(unsure))
        }
        let wanted = PoolChange.present(Serial(0xFFFF_FFFF))
        for (serial, isDone) in [(UInt32.max, true), (0, true), (5, true), (.max - 1, false), (0x7FFF_FFFF, false)] {
            #expect(wanted.isDone(.serves(Serial(serial))) == isDone, "\(serial)")
        }
    }

    @Test func threshold() {
        let change = PoolChange.present(Serial(2))
        let old = SerialAnswer.serves(Serial(1)), new = SerialAnswer.serves(Serial(2))
        for (answers, percent, isOver, status) in [
            ([new, new, new], 100, false, PoolStatus.active), ([new, new, old], 100, false, .pending), ([new, new, old], 66, false, .active),
            ([new, new, old], 67, true, .error), ([.unanswered, .unsure(.refused)], 1, true, .error), ([], 1, false, .pending), ([], 1, true, .error),
            ([old, old], 0, false, .pending),
        ] {
            #expect(PoolStatus(of: change, answers: answers, threshold: percent, isOver: isOver) == status, "\(answers) \(percent)")
        }
    }

    /// Servers that have it, that get it, that never do, and that are not there.
    @Test func polls() async throws {
        let directory = try TemporaryDirectory("poll")
        let pipe = try Pipe("\(directory.path)/store")
        try await pipe.present(records(zone("example.test.")))
        let primary = try await Primary(pipe.store, directory: directory.path)
        try await primary.serves(1)
        let there = DNSClient.Server(host: "127.0.0.1", port: primary.port), gone = DNSClient.Server(host: "127.0.0.1", port: Int(try freePorts(1)[0]))
        let patience = SerialPoll.Patience(timeout: .milliseconds(300), interval: .milliseconds(20), retries: 2)
        let asked = Mutex<[DNSClient.Server: Int]>([:])
        let poll = SerialPoll(zone: try Name("example.test."), change: .present(Serial(1)), servers: [there, gone], patience: patience)
        let answers = try await poll.run { server, _ in asked.withLock { $0[server, default: 0] += 1 } }
        #expect(answers == [there: .init(answer: .serves(Serial(1)), attempts: 1), gone: .init(attempts: 3)])
        #expect(asked.withLock { $0 } == [there: 1, gone: 3])
        // It comes while it is waited for.
        var waiting = SerialPoll(zone: try Name("example.test."), change: .present(Serial(2)), servers: [there], patience: patience)
        waiting.patience.retries = 1000
        async let later = waiting.run()
        try await pipe.present(records(zone("example.test.", "a.example.test. 1 IN A 10.0.0.1")))
        #expect(try await later[there]?.answer == .serves(Serial(2)))
        await primary.stop()
    }
}
