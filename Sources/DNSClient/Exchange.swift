internal import DNSWire
internal import NIOConcurrencyHelpers
internal import NIOCore

/// One query and its answer on one channel: datagrams, or frames with a length
/// (RFC 1035 §4.2.2) if there is no remote address.
final class Exchange: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let query: Message
    private let server: DNSClient.Server
    private let remote: SocketAddress?
    private let state = NIOLockedValueBox(State())

    private struct State {
        var promise: EventLoopPromise<Message>?
        var received: [UInt8] = []
    }

    init(query: Message, server: DNSClient.Server, remote: SocketAddress?) {
        self.query = query
        self.server = server
        self.remote = remote
    }

    /// Sends the query; the future gets the first answer that fits it.
    func answer(on channel: any Channel) -> EventLoopFuture<Message> {
        let promise = channel.eventLoop.makePromise(of: Message.self)
        state.withLockedValue { $0.promise = promise }
        let octets = query.wire
        if let remote {
            let envelope = AddressedEnvelope(remoteAddress: remote, data: ByteBuffer(bytes: octets))
            channel.writeAndFlush(envelope).cascadeFailure(to: promise)
        } else {
            let framed = [UInt8(octets.count >> 8), UInt8(octets.count & 0xFF)] + octets
            channel.writeAndFlush(ByteBuffer(bytes: framed)).cascadeFailure(to: promise)
        }
        // The channel may have closed before the promise was there.
        channel.closeFuture.whenComplete { _ in self.finish(.failure(self.closed)) }
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let octets = Array(unwrapInboundIn(data).readableBytesView)
        if remote != nil {
            accept(octets, strict: false)
        } else {
            let message: [UInt8]? = state.withLockedValue { state in
                state.received += octets
                guard state.received.count >= 2 else { return nil }
                let length = Int(state.received[0]) << 8 | Int(state.received[1])
                return state.received.count >= length + 2 ? Array(state.received[2..<length + 2]) : nil
            }
            if let message { accept(message, strict: true) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(.failure(error)) }

    private func accept(_ octets: [UInt8], strict: Bool) {
        do {
            let message = try Message(wire: octets)
            guard message.id == query.id, message.flags.contains(.response), message.questions == query.questions else {
                return
            }
            finish(.success(message))
        } catch {
            // tinydns cuts an answer to its header and question, and keeps the counts
            // of what it left out: a malformed message whose TC bit is to be obeyed.
            if !strict, octets.count > 12, octets[2] & 0x82 == 0x82, query.id == UInt16(octets[0]) << 8 | UInt16(octets[1]) {
                return finish(.success(Message(id: query.id, flags: [.response, .truncated])))
            }
            finish(.failure(DNSClientError(.malformed, server, "\(error)")))
        }
    }

    private var closed: DNSClientError { DNSClientError(.unreachable, server, "the connection was closed") }

    private func finish(_ result: Result<Message, any Error>) {
        let promise = state.withLockedValue { state in
            defer { state.promise = nil }
            return state.promise
        }
        promise?.completeWith(result)
    }
}

/// Lets datagrams from the asked server through, and no others.
final class FromServerOnly: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias InboundOut = ByteBuffer

    private let remote: SocketAddress

    init(_ remote: SocketAddress) { self.remote = remote }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        if envelope.remoteAddress == remote { context.fireChannelRead(wrapInboundOut(envelope.data)) }
    }
}
