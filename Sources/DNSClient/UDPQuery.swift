internal import DNSWire
internal import NIOConcurrencyHelpers
internal import NIOCore

/// One query over UDP: sent anew while nobody answers, the servers in turns.
final class UDPQuery: Sendable {
    typealias Answer = (message: Message, server: DNSClient.Server)

    private struct State {
        /// Gone when the query has ended.
        var promise: EventLoopPromise<Answer>?
        var sent: [(socket: UDPSocket, id: UInt16)] = []
        var lastDropped: DNSClientError?
        var timer: Scheduled<Void>?
    }

    private let message: Message
    private let options: DNSClient.Options
    private let deadline: NIODeadline
    private let loop: any EventLoop
    private let sockets: SocketPool
    private let state = NIOLockedValueBox(State())

    init(message: Message, options: DNSClient.Options, deadline: NIODeadline, loop: any EventLoop, sockets: SocketPool) {
        self.message = message
        self.options = options
        self.deadline = deadline
        self.loop = loop
        self.sockets = sockets
    }

    func run(_ servers: [(DNSClient.Server, SocketAddress)]) async throws -> Answer {
        let promise = loop.makePromise(of: Answer.self)
        state.withLockedValue { $0.promise = promise }
        return try await withTaskCancellationHandler {
            send(0, servers)
            return try await promise.futureResult.get()
        } onCancel: {
            finish(.failure(CancellationError()))
        }
    }

    private func send(_ number: Int, _ servers: [(DNSClient.Server, SocketAddress)]) {
        let (server, address) = servers[number % servers.count]
        let kind = SocketPool.Kind(isIPv6: address.protocol == .inet6, source: options.source)
        let socket = sockets.socket(kind)
        socket.channel.whenComplete { [self] result in
            switch result {
            case .success(let channel): write(to: socket, channel, server, address)
            case .failure(let error):
                // Earlier tries may yet be answered, and later ones may find a socket.
                sockets.finish(socket)
                let failure = DNSClientError(.unreachable, server, "no socket: \(error)")
                state.withLockedValue { $0.lastDropped = failure }
            }
            wait(number, servers)
        }
    }

    private func write(
        to socket: UDPSocket, _ channel: any Channel, _ server: DNSClient.Server, _ address: SocketAddress
    ) {
        // The answer cannot come before the query is sent, so the box is full in time.
        let attempt = NIOLockedValueBox<Attempt?>(nil)
        let id = socket.inbox.expect(from: address) { [self] octets in
            guard let attempt = attempt.withLockedValue({ $0 }) else { return }
            switch attempt.judge(octets, datagram: true) {
            case .answer(let message): finish(.success((message, server)))
            case .dropped(let why): state.withLockedValue { $0.lastDropped = DNSClientError(.malformed, server, why) }
            }
        }
        let isOver = state.withLockedValue { state in
            guard state.promise != nil else { return true }
            state.sent.append((socket, id))
            return false
        }
        guard !isOver else { return release(socket, id) }
        guard let made = Attempt(message, id: id, options) else {
            return finish(.failure(DNSClientError(.unsendable, server, "no message can hold what is to be sent")))
        }
        attempt.withLockedValue { $0 = made }
        let envelope = AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: made.octets))
        // A datagram that does not leave is one that was lost: the next try may get through.
        channel.writeAndFlush(envelope, promise: nil)
    }

    /// Until the next try, or until the deadline if this was the last.
    private func wait(_ number: Int, _ servers: [(DNSClient.Server, SocketAddress)]) {
        let patience = TimeAmount.nanoseconds(options.patience.nanoseconds << Int64(min(number, 16)))
        let next = NIODeadline.now() + patience
        let isLast = number + 1 >= options.tries || next >= deadline
        let timer = loop.scheduleTask(deadline: isLast ? deadline : next) { [self] in
            guard isLast else { return send(number + 1, servers) }
            let dropped = state.withLockedValue { $0.lastDropped }
            finish(.failure(dropped ?? DNSClientError(.timeout, servers[number % servers.count].0, "no answer")))
        }
        let isOver = state.withLockedValue { state in
            state.timer = timer
            return state.promise == nil
        }
        if isOver { timer.cancel() }
    }

    private func finish(_ result: Result<Answer, any Error>) {
        let (promise, sent, timer) = state.withLockedValue { state in
            defer { state.promise = nil; state.sent = []; state.timer = nil }
            return (state.promise, state.sent, state.timer)
        }
        timer?.cancel()
        for (socket, id) in sent { release(socket, id) }
        promise?.completeWith(result)
    }

    private func release(_ socket: UDPSocket, _ id: UInt16) {
        socket.inbox.forget(id)
        sockets.finish(socket)
    }
}
