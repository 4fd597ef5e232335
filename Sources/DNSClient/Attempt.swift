internal import DNSWire
internal import Foundation

/// One query as it was sent, and what an answer has to be like.
struct Attempt: Sendable {
    let octets: [UInt8]
    private let message: Message
    private let options: DNSClient.Options
    private let tsig: TSIGClient?

    /// Gives the message `id` and signs it.
    init(_ message: Message, id: UInt16, _ options: DNSClient.Options) throws(TSIGError) {
        var message = message
        message.id = id
        self.message = message
        self.options = options
        var octets = message.wire
        if let key = options.key {
            var tsig = TSIGClient(key)
            try tsig.sign(&octets, at: Self.now)
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
            if datagram, tsig == nil, received.count > 12, received[2] & 0x82 == 0x82,
                message.id == UInt16(received[0]) << 8 | UInt16(received[1])
            {
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
        // Servers that cannot read a query may leave its question out (RFC 1035 §4.1.1).
        let mayLackQuestion = answer.questions.isEmpty && answer.responseCode != .noError && answer.responseCode != .nameError
        guard mayLackQuestion || repeats(answer.questions) else { return .dropped("an answer to another question") }
        return .answer(answer)
    }

    private func repeats(_ questions: [Question]) -> Bool {
        guard questions == message.questions else { return false }
        return !options.mixesCase || zip(questions, message.questions).allSatisfy { $0.name.wire == $1.name.wire }
    }

    private static var now: UInt64 { UInt64(Date().timeIntervalSince1970) }
}
