internal import DNSWire
internal import Foundation

/// One query as it was sent, and what an answer has to be like.
struct Attempt: Sendable {
    let octets: [UInt8]
    private let message: Message
    private let options: DNSClient.Options
    private let tsig: TSIGClient?

    /// Gives the message `id` and signs it; `nil` if it is too large for that.
    init?(_ message: Message, id: UInt16, _ options: DNSClient.Options) {
        var message = message
        message.id = id
        // A signature that came with it would not be the last record any more.
        if options.key != nil { message.tsig = nil }
        self.message = message
        self.options = options
        guard var octets = message.wholeWire else { return nil }
        if let key = options.key {
            var tsig = TSIGClient(key)
            guard (try? tsig.sign(&octets, at: Self.now)) != nil else { return nil }
            self.tsig = tsig
        } else {
            tsig = nil
        }
        self.octets = octets
    }

    enum Verdict {
        case answer(Message)
        /// Not ours, or forged, or broken: wait for another.
        case dropped(String)
    }

    /// - Parameter datagram: whether it may have been cut in the middle.
    func judge(_ received: [UInt8], datagram: Bool) -> Verdict {
        let view: MessageView
        do {
            view = try MessageView(received)
        } catch {
            // tinydns cuts an answer to its header and question, and keeps the counts
            // of what it left out: a malformed message whose TC bit is to be obeyed.
            if datagram, tsig == nil, isCutShort(received) {
                var cut = Message(id: message.id, flags: [.response, .truncated])
                cut.questions = message.questions
                return .answer(cut)
            }
            return .dropped("\(error)")
        }
        guard view.id == message.id, view.flags.contains(.response), view.opcode == message.opcode else {
            return .dropped("an answer to another query")
        }
        if var tsig {
            do {
                guard try tsig.receive(view, at: Self.now) else { return .dropped("the answer is not signed") }
            } catch {
                return .dropped("TSIG: \(error)")
            }
        }
        let answer = Message(view)
        // Servers that cannot read a query may leave its question out; but then nothing
        // shows whether they know in which case it was sent.
        let mayLackQuestion =
            answer.questions.isEmpty && answer.responseCode != .noError && answer.responseCode != .nameError && !options.mixesCase
        guard mayLackQuestion || repeats(answer.questions) else { return .dropped("an answer to another question") }
        return .answer(answer)
    }

    /// Whether these are the header and the question of an answer, and no more.
    private func isCutShort(_ received: [UInt8]) -> Bool {
        guard let header = try? MessageHeader(received), header.id == message.id, header.opcode == message.opcode,
            header.flags.isSuperset(of: [.response, .truncated]), Int(header.questionCount) == message.questions.count
        else { return false }
        var asked = Message(id: 0)
        asked.questions = message.questions
        return received.dropFirst(12) == asked.wire.dropFirst(12)
    }

    private func repeats(_ questions: [Question]) -> Bool {
        guard questions == message.questions else { return false }
        return !options.mixesCase || zip(questions, message.questions).allSatisfy { $0.name.wire == $1.name.wire }
    }

    private static var now: UInt64 { UInt64(Date().timeIntervalSince1970) }
}
