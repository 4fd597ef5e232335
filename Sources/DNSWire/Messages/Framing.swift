/// Messages on a stream, each behind two octets of length (RFC 1035 §4.2.2, RFC 7766 §8).
public enum Framing {
    /// Appends a message with its length. One write for both: some servers close the
    /// connection if the length comes alone (RFC 7766 §8).
    public static func append(_ message: [UInt8], to stream: inout [UInt8]) throws(FramingError) {
        guard message.count >= MessageHeader.length else { throw .tooShort(message.count) }
        guard message.count <= 65_535 else { throw .tooLong(message.count) }
        stream.append(network: UInt16(message.count))
        stream.append(contentsOf: message)
    }
}

/// Cuts a stream into messages, however its octets arrive.
public struct Deframer: Sendable {
    private let limit: Int
    private var received: [UInt8] = []
    private var at = 0

    /// - Parameter limit: the most octets that a message may have.
    public init(limit: Int = 65_535) { self.limit = limit }

    /// Takes octets as they arrive. What is held is bounded if ``next()`` is asked for
    /// messages until it has none.
    public mutating func append(_ octets: some Sequence<UInt8>) {
        if at > 0 {
            received.removeFirst(at)
            at = 0
        }
        received.append(contentsOf: octets)
    }

    /// The next whole message; `nil` if more octets have to come first.
    ///
    /// - Throws: for a length that no message has, or over the limit. The stream is
    ///   then of no more use, and each further call throws too.
    public mutating func next() throws(FramingError) -> [UInt8]? {
        guard received.count - at >= 2 else { return nil }
        let length = Int(received.u16(at: at))
        guard length >= MessageHeader.length else { throw .tooShort(length) }
        guard length <= limit else { throw .tooLong(length) }
        guard received.count - at >= 2 + length else { return nil }
        defer { at += 2 + length }
        return Array(received[at + 2..<at + 2 + length])
    }

    /// Whether a stream that ends here ends between messages.
    public var isBetweenMessages: Bool { at == received.count }
}

/// Why a length is refused; in octets.
public enum FramingError: Error, Hashable, Sendable {
    /// No message is shorter than its header.
    case tooShort(Int)
    /// Over the limit of a ``Deframer``, or over the 65,535 that two octets can say.
    case tooLong(Int)
}
