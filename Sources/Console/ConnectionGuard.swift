internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTPTypes
internal import Pipeline
internal import Synchronization

/// What one listener lets its clients occupy: connections, and the time a request takes.
final class ConnectionGuard: Sendable {
    struct Limits: Sendable {
        /// Half of them at most for one network.
        var connections: Int
        /// From a request's first line until its answer is taken.
        var exchange: Duration
        /// Between two requests, and for all of a request's head.
        var idle = Duration.seconds(30)
    }

    private let limits: Limits
    private let ceiling: Mutex<ConnectionCeiling>

    init(_ limits: Limits) {
        self.limits = limits
        ceiling = Mutex(ConnectionCeiling(total: min(limits.connections, Self.descriptors() / 2)))
    }

    var server: HTTPServerBuilder {
        .http1(
            configuration: .init(
                additionalChannelHandlers: [ConnectionHandler(self)], idleTimeout: .init(limits.idle),
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384, maxHeaderFieldCount: 64)))
    }

    fileprivate var exchange: TimeAmount { .init(limits.exchange) }
    fileprivate func enter(_ network: PeerNetwork) -> Bool { ceiling.withLock { $0.enter(network) } }
    fileprivate func leave(_ network: PeerNetwork) { ceiling.withLock { $0.leave(network) } }

    /// How many files and connections this process may have open: as many as it may give itself.
    private static func descriptors() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let wanted = min(limit.rlim_max, 65_536)
        if limit.rlim_cur < wanted {
            var more = limit
            more.rlim_cur = wanted
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &more) == 0 { limit = more }
        }
        return Int(clamping: limit.rlim_cur)
    }
}

/// One connection: closed at once if it is one too many, and if an exchange takes too long,
/// be it that the request does not end or that the answer is not taken.
private final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let shared: ConnectionGuard
    private var network: PeerNetwork?
    private var isReading = false
    private var unanswered = 0
    private var deadline: Scheduled<Void>?

    init(_ shared: ConnectionGuard) { self.shared = shared }

    func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { enter(context) } }

    func channelActive(context: ChannelHandlerContext) {
        enter(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            unanswered += 1
            arm(context)
        case .body: break
        case .end:
            isReading = false
            settle()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        let promise = promise ?? context.eventLoop.makePromise()
        // Written is what the kernel took.
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.unanswered -= 1
            self.settle()
        }
        context.write(data, promise: promise)
    }

    private func enter(_ context: ChannelHandlerContext) {
        guard network == nil else { return }
        let peer = PeerNetwork(context.remoteAddress)
        guard shared.enter(peer) else { return context.close(promise: nil) }
        network = peer
    }

    private func leave() {
        deadline?.cancel()
        deadline = nil
        if let network { shared.leave(network) }
        network = nil
    }

    private func arm(_ context: ChannelHandlerContext) {
        guard deadline == nil else { return }
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.value.eventLoop.scheduleTask(in: shared.exchange) { context.value.close(promise: nil) }
    }

    private func settle() {
        guard !isReading, unanswered <= 0 else { return }
        deadline?.cancel()
        deadline = nil
    }
}

extension PeerNetwork {
    init(_ address: SocketAddress?) {
        // Where sockaddr_in and sockaddr_in6 have the address (ip(7), ipv6(7)).
        let octets: Range<Int>
        switch address {
        case .v4: octets = 4..<8
        case .v6: octets = 8..<24
        default: octets = 0..<0
        }
        self = address?.withSockAddr { start, size in
            PeerNetwork(UnsafeRawBufferPointer(start: start, count: size)[octets])
        } ?? .unknown
    }
}
