internal import DNSWire
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// UDP sockets on random ports: one for each query, as long as there are few of both.
///
/// Over the limit, queries share, if there is one of their kind to share. A socket closes when its last query ends, and takes
/// no new ones after some thousands, so that no port stays for long.
final class SocketPool: Sendable {
    /// Where a socket is bound to.
    struct Kind: Hashable {
        var isIPv6: Bool
        var source: String?
    }

    private struct State {
        var open: [Kind: [UDPSocket]] = [:]
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

    /// A socket, perhaps still being bound, with a place taken for one query;
    /// ``finish(_:)`` gives the place back.
    func socket(_ kind: Kind) -> UDPSocket {
        state.withLockedValue { state in
            if state.count >= limit, let shared = state.open[kind]?.filter(\.hasRoom).randomElement() {
                shared.take()
                return shared
            }
            state.count += 1
            let socket = UDPSocket(kind, on: group)
            socket.take()
            state.open[kind, default: []].append(socket)
            return socket
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
        if isIdle { socket.channel.whenSuccess { $0.close(promise: nil) } }
    }
}

/// One socket, and how many queries use it.
final class UDPSocket: Sendable {
    let kind: SocketPool.Kind
    let inbox = Inbox()
    /// There when it is bound.
    let channel: EventLoopFuture<any Channel>
    private let users = NIOLockedValueBox((now: 0, ever: 0))

    init(_ kind: SocketPool.Kind, on group: any EventLoopGroup) {
        self.kind = kind
        let inbox = self.inbox
        channel = DatagramBootstrap(group: group)
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 20)
            // As much as a datagram can hold: a longer answer than announced is still an answer.
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_535))
            .channelInitializer { $0.pipeline.addHandler(inbox) }
            .bind(host: kind.source ?? (kind.isIPv6 ? "::" : "0.0.0.0"), port: 0)
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
