internal import DNSWire
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// One query over a connection of its own (RFC 7766).
final class TCPQuery: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let message: Message
    private let options: DNSClient.Options
    private let server: DNSClient.Server
    private let deadline: NIODeadline
    private let state = NIOLockedValueBox(State())

    private struct State {
        var promise: EventLoopPromise<Message>?
        var attempt: Attempt?
        var received = Deframer()
        /// There from before it is connected.
        var channel: (any Channel)?
    }

    init(message: Message, options: DNSClient.Options, server: DNSClient.Server, deadline: NIODeadline) {
        self.message = message
        self.options = options
        self.server = server
        self.deadline = deadline
    }

    func run(on group: any EventLoopGroup, to address: SocketAddress, from source: SocketAddress?) async throws -> Message {
        var framed: [UInt8] = []
        guard let attempt = Attempt(message, id: .random(in: 0...UInt16.max), options),
            (try? Framing.append(attempt.octets, to: &framed)) != nil
        else { throw DNSClientError(.unsendable, server, "no message can hold what is to be sent") }
        let loop = group.next()
        let promise = loop.makePromise(of: Message.self)
        state.withLockedValue { $0 = State(promise: promise, attempt: attempt) }
        let timer = loop.scheduleTask(deadline: deadline) {
            self.finish(.failure(DNSClientError(.timeout, self.server, "no answer over TCP")))
        }
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(max(.milliseconds(1), deadline - .now()))
            .channelInitializer { channel in
                self.state.withLockedValue { $0.channel = channel }
                return channel.pipeline.addHandler(self)
            }
        if let source { bootstrap = bootstrap.bind(to: source) }
        let connected = bootstrap.connect(to: address)
        let buffer = ByteBuffer(bytes: framed)
        connected.whenComplete { result in
            switch result {
            case .success(let channel):
                channel.closeFuture.whenComplete { _ in self.fail(.unreachable, "the connection was closed") }
                channel.writeAndFlush(buffer).whenFailure { self.fail(.unreachable, "\($0)") }
            case .failure(let error): self.fail(.unreachable, "\(error)")
            }
        }
        // Also a connection that is still being made.
        defer {
            timer.cancel()
            state.withLockedValue { $0.channel }?.close(promise: nil)
            connected.whenSuccess { $0.close(promise: nil) }
        }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            finish(.failure(CancellationError()))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let octets = unwrapInboundIn(data).readableBytesView
        let result: Result<Message, DNSClientError>? = state.withLockedValue { state in
            state.received.append(octets)
            do {
                guard let message = try state.received.next(), let attempt = state.attempt else { return nil }
                // What a connection brings comes from the server or breaks it: there is no other to wait for.
                switch attempt.judge(message, datagram: false) {
                case .answer(let answer): return .success(answer)
                case .dropped(let why): return .failure(DNSClientError(.malformed, server, why))
                }
            } catch {
                return .failure(DNSClientError(.malformed, server, "\(error)"))
            }
        }
        if let result { finish(result.mapError { $0 }) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(.unreachable, "\(error)") }

    private func fail(_ code: DNSClientError.Code, _ why: String) { finish(.failure(DNSClientError(code, server, why))) }

    private func finish(_ result: Result<Message, any Error>) {
        let promise = state.withLockedValue { state in
            defer { state.promise = nil }
            return state.promise
        }
        promise?.completeWith(result)
    }
}
