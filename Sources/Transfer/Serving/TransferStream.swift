internal import DNSWire

/// The messages of one answer, made when they are asked for: what they are made of is shared,
/// and what is kept beside is one message.
struct TransferStream: Sendable {
    /// Records, part after part.
    private let parts: [[UInt8]]
    private var part = 0
    private var offset = 0
    private var packer: MessagePacker
    private var edns: EDNS?
    private var signer: TSIGServer?
    private var isDone = false
    private let now: @Sendable () -> UInt64

    /// - Parameters:
    ///   - parts: records as ``Segment`` has them.
    ///   - edns: goes into the first message.
    ///   - signer: signs each message (RFC 8945 §5.3.1).
    ///   - limit: octets of a message at most.
    ///   - now: seconds since 1970.
    init(
        _ parts: [[UInt8]], id: UInt16, flags: Message.Flags, question: Question, edns: EDNS?, signer: TSIGServer?, limit: Int,
        now: @escaping @Sendable () -> UInt64
    ) {
        self.parts = parts.filter { !$0.isEmpty }
        packer = MessagePacker(id: id, flags: flags, question: question, limit: limit)
        self.edns = edns
        self.signer = signer
        self.now = now
    }

    /// The next message; `nil` after the last.
    mutating func next() -> [UInt8]? {
        if isDone { return nil }
        let reserved = MessagePacker.length(of: edns) + (signer?.key.recordLength ?? 0)
        fill: while part < parts.count {
            while offset < parts[part].count {
                guard let end = packer.append(parts[part], at: offset, reserving: reserved) else {
                    // A record that no message has room for: who asked gets an end that is none.
                    if packer.isEmpty {
                        isDone = true
                        return nil
                    }
                    break fill
                }
                offset = end
            }
            part += 1
            offset = 0
        }
        isDone = part == parts.count
        var message = packer.take(edns: edns)
        edns = nil
        if signer != nil {
            do { try signer?.sign(&message, at: now()) } catch { isDone = true }
        }
        return message
    }

    /// The only message; `nil` if one is not enough.
    static func single(_ stream: TransferStream) -> [UInt8]? {
        var stream = stream
        guard let message = stream.next(), stream.part == stream.parts.count else { return nil }
        return message
    }
}
