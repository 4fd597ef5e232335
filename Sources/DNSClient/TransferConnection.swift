internal import DNSWire
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// A connection whose messages are read one by one, when they are asked for: while nobody
/// asks, the server has to wait (TCP's own flow control).
final class TransferConnection: Sendable {
    private struct State {
        var received = Deframer()
        var waiting: EventLoopPromise<[UInt8]>?
        var channel: (any Channel)?
        /// Why there is no more to come.
        var end: (any Error)?
    }

    private let server: DNSClient.Server
    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let state = NIOLockedValueBox(State())

    init(server: DNSClient.Server) { self.server = server }

    deinit { state.withLockedValue { $0.channel }?.close(promise: nil) }

    /// Connects and sends the request.
    func open(_ request: [UInt8], from source: String?, by deadline: NIODeadline) async throws {
        let address = try Self.address(server.host, server.port, server)
        var framed: [UInt8] = []
        try Framing.append(request, to: &framed)
        // The handler holds us only weakly through `Forward`: dropping the iterator must close the connection.
        let forward = Forward(self)
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(max(.milliseconds(1), deadline - .now()))
            .channelOption(.autoRead, value: false)
            .channelInitializer { $0.pipeline.addHandler(forward) }
        if let source {
            let local = try Self.address(source, 0, server)
            guard local.protocol == address.protocol else {
                throw TransferError(.badAddress, server, "it cannot be reached from \(source)")
            }
            bootstrap = bootstrap.bind(to: local)
        }
        let connected = bootstrap.connect(to: address)
        do {
            let channel = try await withTaskCancellationHandler {
                try await connected.get()
            } onCancel: {
                connected.whenSuccess { $0.close(promise: nil) }
            }
            state.withLockedValue { $0.channel = channel }
            try Task.checkCancellation()
            try await channel.writeAndFlush(ByteBuffer(bytes: framed))
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw TransferError(.unreachable, server, "\(error)")
        }
    }

    /// The next message.
    func next(by deadline: NIODeadline) async throws -> [UInt8] {
        let promise = loop.makePromise(of: [UInt8].self)
        let timer = loop.scheduleTask(deadline: deadline) { [weak self] in
            guard let self else { return }
            self.finish(TransferError(.timeout, self.server, "the zone did not come in time"))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            let channel: (any Channel)? = state.withLockedValue { state in
                // Also what is complete already, if the connection has ended since.
                if let result = take(&state) {
                    promise.completeWith(result)
                    return nil
                }
                state.waiting = promise
                return state.channel
            }
            channel?.read()
            return try await promise.futureResult.get()
        } onCancel: {
            finish(CancellationError())
        }
    }

    /// What there is to give: a whole message, or the end.
    private func take(_ state: inout State) -> Result<[UInt8], any Error>? {
        do {
            if let message = try state.received.next() { return .success(message) }
        } catch {
            return .failure(TransferError(.malformed, server, "\(error)"))
        }
        return state.end.map { .failure($0) }
    }

    fileprivate func received(_ octets: ByteBuffer) { give { $0.received.append(octets.readableBytesView) } }

    /// Whether more has to be read.
    fileprivate var isWaiting: Bool { state.withLockedValue { $0.waiting != nil } }

    fileprivate func ended(_ error: any Error) { give { if $0.end == nil { $0.end = error } } }

    fileprivate func closed() { ended(TransferError(.cutShort, server, "the connection ended before the zone")) }

    /// Nothing more is read, and whoever waits is told.
    private func finish(_ error: any Error) {
        ended(error)
        state.withLockedValue { $0.channel }?.close(promise: nil)
    }

    private func give(_ change: (inout State) -> Void) {
        let done: (EventLoopPromise<[UInt8]>, Result<[UInt8], any Error>)? = state.withLockedValue { state in
            change(&state)
            guard let promise = state.waiting, let result = take(&state) else { return nil }
            state.waiting = nil
            return (promise, result)
        }
        if let (promise, result) = done { promise.completeWith(result) }
    }

    fileprivate func fail(_ error: any Error) { ended(TransferError(.cutShort, server, "\(error)")) }

    private static func address(_ host: String, _ port: Int, _ server: DNSClient.Server) throws -> SocketAddress {
        do {
            return try SocketAddress(ipAddress: host, port: port)
        } catch {
            throw TransferError(.badAddress, server, "\(error)")
        }
    }
}

/// What the channel tells, to a connection that may be gone.
private final class Forward: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let connection: WeakConnection

    private struct WeakConnection: Sendable { weak let value: TransferConnection? }

    init(_ connection: TransferConnection) { self.connection = WeakConnection(value: connection) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { connection.value?.received(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        if connection.value?.isWaiting == true { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) { connection.value?.closed() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.value?.fail(error)
        context.close(promise: nil)
    }
}
