internal import DNSWire
internal import NIOCore

/// One TCP connection: requests one after another, each answered to its end before the next
/// is read. What it holds is a message each way, however much is asked or slowly taken.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let responder: Responder
    private let limits: ConnectionLimits
    private var address: [UInt8]?
    private var deframer = Deframer()
    /// What is being answered.
    private var stream: TransferStream?
    private var isWaiting = false
    private var isReading = true
    private var isWriting = false
    private var hasEnded = false
    private var isClosed = false

    init(responder: Responder, limits: ConnectionLimits) {
        self.responder = responder
        self.limits = limits
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let octets = context.remoteAddress?.octets, limits.take(context.channel, from: octets) else {
            context.close(promise: nil)
            return
        }
        address = octets
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        if let address { limits.giveBack(context.channel, from: address) }
        address = nil
        stream = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard address != nil else { return }
        deframer.append(unwrapInboundIn(data).readableBytesView)
        proceed(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { if stream == nil { proceed(context) } else { write(context) } }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is IdleStateHandler.IdleStateEvent: context.close(promise: nil)
        case ChannelEvent.inputClosed:
            hasEnded = true
            proceed(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Takes up requests until one has to be waited for.
    private func proceed(_ context: ChannelHandlerContext) {
        while stream == nil, !isWaiting, !isClosed, context.channel.isWritable, let address {
            let message: [UInt8]?
            do { message = try deframer.next() } catch { return context.close(promise: nil) }
            guard let message else {
                if hasEnded { return closeWhenSent(context) }
                break
            }
            take(responder.reply(to: message, from: address, over: .tcp), context)
        }
        // Nothing more is read while there is something to be answered, or answers are not taken.
        let reads = stream == nil && !isWaiting && context.channel.isWritable
        if !isClosed, reads != isReading {
            isReading = reads
            context.channel.setOption(.autoRead, value: reads).whenFailure { _ in }
        }
    }

    private func take(_ reply: Responder.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .none: break
        case .message(let message):
            send(message, context)
            context.flush()
        case .stream(let stream):
            self.stream = stream
            write(context)
        case .later(let find):
            isWaiting = true
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.makeFutureWithTask { await find() }.whenSuccess { reply in
                let (handler, context) = bound.value
                handler.isWaiting = false
                guard !handler.isClosed else { return }
                handler.take(reply, context)
                handler.proceed(context)
            }
        }
    }

    /// Messages in a row before other connections have their turn.
    private static let turn = 8

    private func write(_ context: ChannelHandlerContext) {
        // Flushing may make the channel writable again, and call this from within.
        if isWriting || stream == nil { return }
        isWriting = true
        var sent = 0
        while !isClosed, stream != nil, context.channel.isWritable, sent < Self.turn {
            guard let message = stream?.next() else {
                stream = nil
                break
            }
            send(message, context)
            sent += 1
        }
        context.flush()
        isWriting = false
        if stream == nil || isClosed { return proceedLater(context) }
        if context.channel.isWritable {
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.execute {
                let (handler, context) = bound.value
                handler.write(context)
            }
        }
    }

    /// Not from within: a thousand small requests would be a thousand calls deep.
    private func proceedLater(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            let (handler, context) = bound.value
            handler.proceed(context)
        }
    }

    /// Who sends nothing more may still be reading.
    private func closeWhenSent(_ context: ChannelHandlerContext) {
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { [channel = context.channel] _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
    }

    private func send(_ message: [UInt8], _ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: message.count + 2)
        buffer.writeInteger(UInt16(truncatingIfNeeded: message.count))
        buffer.writeBytes(message)
        responder.statistics.sent(buffer.readableBytes)
        context.write(wrapOutboundOut(buffer), promise: nil)
    }
}

/// Datagrams, each answered at once.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let responder: Responder

    init(responder: Responder) { self.responder = responder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let datagram = unwrapInboundIn(data)
        guard let address = datagram.remoteAddress.octets else { return }
        let reply = responder.reply(to: Array(datagram.data.readableBytesView), from: address, over: .udp)
        guard case .message(let message) = reply else { return }
        let buffer = context.channel.allocator.buffer(bytes: message)
        context.writeAndFlush(wrapOutboundOut(AddressedEnvelope(remoteAddress: datagram.remoteAddress, data: buffer)), promise: nil)
    }

    /// Of a datagram that could not be sent: the others go on.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
