internal import NIOCore
internal import NIOPosix

/// Listens over TCP and UDP at some addresses until cancelled.
struct TransferServer {
    let endpoints: [TransferSettings.Endpoint]
    let responder: Responder
    let limits: ConnectionLimits
    let idle: Duration

    /// - Parameter ready: is told the ports, in the order of the addresses.
    func run(ready: @Sendable ([Int]) -> Void) async throws {
        var channels: [any Channel] = []
        var ports: [Int] = []
        do {
            for endpoint in endpoints {
                let stream = try BoundSocket(.stream, endpoint, port: endpoint.port)
                channels.append(try await listen(stream))
                channels.append(try await receive(try BoundSocket(.datagram, endpoint, port: stream.port)))
                ports.append(stream.port)
            }
        } catch {
            for channel in channels { try? await channel.close() }
            throw error
        }
        ready(ports)
        // Cancellation ends the sleep.
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(86_400)) }
        for channel in channels { try? await channel.close() }
        await limits.closeAll()
    }

    private func listen(_ socket: BoundSocket) async throws -> any Channel {
        let responder = responder, limits = limits
        let idle = TimeAmount.nanoseconds(Int64(idle / .nanoseconds(1)))
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        IdleStateHandler(allTimeout: idle), StreamHandler(responder: responder, limits: limits),
                    ])
                }
            }
            .withBoundSocket(socket.descriptor).get()
    }

    private func receive(_ socket: BoundSocket) async throws -> any Channel {
        let responder = responder
        return try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_535))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(DatagramHandler(responder: responder)) }
            }
            .withBoundSocket(socket.descriptor).get()
    }
}
