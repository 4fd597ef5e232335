import DNSClient
import DNSWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport

/// A server of octets over TCP: sends what it is told for a query and closes, or goes on
/// for ever, as fast as it is read.
final class Stream: Sendable {
    typealias Opening = @Sendable (MessageView) -> (octets: [UInt8], repeats: Bool)
    typealias Rest = @Sendable (MessageView) -> [UInt8]

    private let channel: any Channel
    private let sent = NIOLockedValueBox(0)
    var server: DNSClient.Server { .init(host: "127.0.0.1", port: channel.localAddress!.port!) }

    init(_ opening: @escaping Opening, again: @escaping Rest = { _ in [] }) async throws {
        let sent = self.sent
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Sender(opening, again, sent)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// How many octets have gone when no more go.
    func standstill() async throws -> Int {
        var last = -1, same = 0
        try await eventually("nothing more is sent") {
            let now = sent.withLockedValue { $0 }
            same = now == last ? same + 1 : 0
            last = now
            return same == 20
        }
        return last
    }

    deinit { channel.close(promise: nil) }
}

private final class Sender: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let opening: Stream.Opening
    private let again: Stream.Rest
    private let sent: NIOLockedValueBox<Int>
    private var received = Deframer()
    private var rest: ByteBuffer?

    init(_ opening: @escaping Stream.Opening, _ again: @escaping Stream.Rest, _ sent: NIOLockedValueBox<Int>) {
        self.opening = opening
        self.again = again
        self.sent = sent
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.append(unwrapInboundIn(data).readableBytesView)
        guard let octets = try? received.next(), let query = try? MessageView(octets) else { return }
        let (first, repeats) = opening(query)
        let channel = context.channel
        guard repeats else {
            channel.writeAndFlush(ByteBuffer(bytes: first)).whenComplete { _ in channel.close(promise: nil) }
            return
        }
        rest = ByteBuffer(bytes: again(query))
        channel.writeAndFlush(ByteBuffer(bytes: first), promise: nil)
        more(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { more(context) }

    private func more(_ context: ChannelHandlerContext) {
        guard let rest, context.channel.isWritable, context.channel.isActive else { return }
        let sent = self.sent, count = rest.readableBytes
        context.writeAndFlush(NIOAny(rest)).whenSuccess { sent.withLockedValue { $0 += count } }
        // Each turn once, so that others have theirs.
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.0.more(bound.value.1) }
    }
}
