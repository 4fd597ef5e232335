internal import DNSWire
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// UDP sockets on random ports: one for each query, as long as there are few of both.
///
/// Over the limit, queries share. A socket closes when its last query ends, and takes
/// no new ones after some thousands, so that no port stays for long.
final class SocketPool: Sendable {
    /// Where a socket is bound to.
    struct Kind: Hashable {
        var isIPv6: Bool
        var source: String?
    }

    private struct State {
        var open: [Kind: [UDPSocket]] = [:]
        /// Sockets there are, and those that are being bound.
        var count = 0
    }

    private let group: any EventLoopGroup
    private let limit: Int
    private let state = NIOLockedValueBox(State())

    init(group: any EventLoopGroup, limit: Int) {
        precondition(limit > 0)
        self.group = group
        self.limit = limit
    }

    /// A socket with a place taken for one query; `finish` gives the place back.
    func socket(_ kind: Kind) -> EventLoopFuture<UDPSocket> {
        let shared: UDPSocket? = state.withLockedValue { state in
            if state.count >= limit, let socket = state.open[kind]?.filter({ $0.hasRoom }).randomElement() {
                socket.take()
                return socket
            }
            state.count += 1
            return nil
        }
        if let shared { return shared.channel.eventLoop.makeSucceededFuture(shared) }
        let inbox = Inbox()
        let bound = DatagramBootstrap(group: group)
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 20)
            // As much as a datagram can hold: a longer answer than announced is still an answer.
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_535))
            .channelInitializer { $0.pipeline.addHandler(inbox) }
            .bind(host: kind.source ?? (kind.isIPv6 ? "::" : "0.0.0.0"), port: 0)
        return bound.map { channel in
            let socket = UDPSocket(channel: channel, inbox: inbox, kind: kind)
            socket.take()
            self.state.withLockedValue { $0.open[kind, default: []].append(socket) }
            return socket
        }.flatMapErrorThrowing { error in
            self.state.withLockedValue { $0.count -= 1 }
            throw error
        }
    }

    /// Ends one query on `socket`, which closes if that was the last.
    func finish(_ socket: UDPSocket) {
        let isIdle = state.withLockedValue { state in
            guard socket.giveBack() else { return false }
            state.count -= 1
            state.open[socket.kind]?.removeAll { $0 === socket }
            if state.open[socket.kind]?.isEmpty == true { state.open[socket.kind] = nil }
            return true
        }
        if isIdle { socket.channel.close(promise: nil) }
    }
}

/// One socket, and how many queries use it. The pool's lock guards the numbers.
final class UDPSocket: Sendable {
    let channel: any Channel
    let inbox: Inbox
    let kind: SocketPool.Kind
    private let users = NIOLockedValueBox((now: 0, ever: 0))

    init(channel: any Channel, inbox: Inbox, kind: SocketPool.Kind) {
        self.channel = channel
        self.inbox = inbox
        self.kind = kind
    }

    /// Ids have to stay hard to guess, and ports must not grow old.
    var hasRoom: Bool { users.withLockedValue { $0.now < 4096 && $0.ever < 16_384 } }
    func take() { users.withLockedValue { $0 = ($0.now + 1, $0.ever + 1) } }
    /// Whether nobody uses it now.
    func giveBack() -> Bool {
        users.withLockedValue {
            $0.now -= 1
            return $0.now == 0
        }
    }
}

/// Hands datagrams to the queries that wait for them.
final class Inbox: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private struct Waiting {
        var from: SocketAddress
        var take: @Sendable ([UInt8]) -> Void
    }

    private let waiting = NIOLockedValueBox<[UInt16: Waiting]>([:])

    /// Expects an answer from `address`, under an id that no other query here has.
    func expect(from address: SocketAddress, _ take: @escaping @Sendable ([UInt8]) -> Void) -> UInt16 {
        waiting.withLockedValue { waiting in
            var id = UInt16.random(in: 0...UInt16.max)
            while waiting[id] != nil { id = .random(in: 0...UInt16.max) }
            waiting[id] = Waiting(from: address, take: take)
            return id
        }
    }

    func forget(_ id: UInt16) { waiting.withLockedValue { $0[id] = nil } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let octets = Array(envelope.data.readableBytesView)
        guard octets.count >= 12 else { return }
        let id = UInt16(octets[0]) << 8 | UInt16(octets[1])
        guard let found = waiting.withLockedValue({ $0[id] }), found.from == envelope.remoteAddress else { return }
        found.take(octets)
    }

    /// A datagram that could not be delivered says nothing certain: the deadline decides.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
