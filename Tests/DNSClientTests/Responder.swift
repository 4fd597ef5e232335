import DNSWire
import NIOCore
import NIOPosix

/// A name server of the test's own, where no real one would do: it drops, delays and
/// forges as told, over UDP and TCP on one loopback port.
final class Responder: Sendable {
    /// Gives the octets to send, in order, for a query that came as the `number`th
    /// (from 1), over TCP or not.
    typealias Answer = @Sendable (_ query: MessageView, _ number: Int, _ overTCP: Bool) -> [[UInt8]]

    private let udp: any Channel
    private let stranger: (any Channel)?
    private let tcp: any Channel
    let port: Int

    /// - Parameter answersFromElsewhere: whether datagrams leave from another port than they are sent to.
    init(answersFromElsewhere: Bool = false, _ answer: @escaping Answer) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let stranger = answersFromElsewhere ? try await DatagramBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get() : nil
        self.stranger = stranger
        let udp = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Datagrams(answer, stranger)) } }
            .bind(host: "127.0.0.1", port: 0).get()
        self.udp = udp
        port = udp.localAddress!.port!
        tcp = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Frames(answer)) } }
            .bind(host: "127.0.0.1", port: port).get()
    }

    deinit {
        udp.close(promise: nil)
        tcp.close(promise: nil)
        stranger?.close(promise: nil)
    }
}

private final class Datagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    private let answer: Responder.Answer
    private let stranger: (any Channel)?
    private var number = 0

    init(_ answer: @escaping Responder.Answer, _ stranger: (any Channel)?) {
        self.answer = answer
        self.stranger = stranger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let query = try? MessageView(Array(envelope.data.readableBytesView)) else { return }
        number += 1
        for octets in answer(query, number, false) {
            let out = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: octets))
            (stranger ?? context.channel).writeAndFlush(out, promise: nil)
        }
    }
}

private final class Frames: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let answer: Responder.Answer
    private var received = Deframer()
    private var number = 0
    init(_ answer: @escaping Responder.Answer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.append(unwrapInboundIn(data).readableBytesView)
        while let octets = try? received.next(), let query = try? MessageView(octets) {
            number += 1
            for octets in answer(query, number, true) {
                var framed: [UInt8] = []
                try? Framing.append(octets, to: &framed)
                // In pieces: a client must not expect a frame in one read.
                for octet in framed.prefix(3) { context.channel.writeAndFlush(ByteBuffer(bytes: [octet]), promise: nil) }
                context.channel.writeAndFlush(ByteBuffer(bytes: framed.dropFirst(3)), promise: nil)
            }
        }
    }
}

/// The answer to a query with these records.
func response(to query: MessageView, _ records: [ResourceRecord] = [], flags: Message.Flags = []) -> Message {
    let asked = Message(query)
    var message = Message(id: asked.id, flags: flags.union([.response, .authoritative]))
    message.questions = asked.questions
    message.answers = records
    if asked.edns != nil { message.edns = EDNS(udpSize: 4096) }
    return message
}
