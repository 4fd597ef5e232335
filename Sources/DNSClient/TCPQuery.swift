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
    }

    init(message: Message, options: DNSClient.Options, server: DNSClient.Server, deadline: NIODeadline) {
        self.message = message
        self.options = options
        self.server = server
        self.deadline = deadline
    }

    func run(on group: any EventLoopGroup) async throws -> Message {
        var framed: [UInt8] = []
        do {
            let attempt = try Attempt(message, id: .random(in: 0...UInt16.max), options)
            try Framing.append(attempt.octets, to: &framed)
            state.withLockedValue { $0.attempt = attempt }
        } catch {
            throw DNSClientError(.malformed, server, "the query cannot be sent: \(error)")
        }
        let channel: any Channel
        do {
            let bootstrap = ClientBootstrap(group: group)
                .connectTimeout(max(.milliseconds(1), deadline - .now()))
                .channelInitializer { $0.pipeline.addHandler(self) }
            let local = try options.source.map { try SocketAddress(ipAddress: $0, port: 0) }
            channel = try await (local.map { bootstrap.bind(to: $0) } ?? bootstrap)
                .connect(host: server.host, port: server.port).get()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw DNSClientError(deadline > .now() ? .unreachable : .timeout, server, "\(error)")
        }
        let promise = channel.eventLoop.makePromise(of: Message.self)
        state.withLockedValue { $0.promise = promise }
        let timer = channel.eventLoop.scheduleTask(deadline: deadline) {
            self.finish(.failure(DNSClientError(.timeout, self.server, "no answer over TCP")))
        }
        defer {
            timer.cancel()
            channel.close(promise: nil)
        }
        // The channel may have closed before the promise was there.
        channel.closeFuture.whenComplete { _ in self.fail(.unreachable, "the connection was closed") }
        return try await withTaskCancellationHandler {
            channel.writeAndFlush(ByteBuffer(bytes: framed)).whenFailure { self.fail(.unreachable, "\($0)") }
            return try await promise.futureResult.get()
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
