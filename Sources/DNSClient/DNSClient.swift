public import DNSWire
internal import NIOCore
internal import NIOPosix

/// Asks a name server: UDP, then TCP if the answer was cut (RFC 7766).
///
/// Each query has a socket of its own, so its port is random and unconnected
/// neighbours cannot answer in its place; the id is random too (RFC 5452).
public struct DNSClient: Sendable {
    /// A server's address.
    public struct Server: Hashable, Sendable, CustomStringConvertible {
        /// An IPv4 or IPv6 literal.
        public var host: String
        public var port: Int

        public init(host: String, port: Int = 53) {
            self.host = host
            self.port = port
        }

        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    private let group: any EventLoopGroup

    /// A client on the process's shared event loops.
    public init() { group = MultiThreadedEventLoopGroup.singleton }

    /// One query of class IN; waits at most `timeout` in all.
    ///
    /// - Parameter source: the local address to ask from; any by default.
    /// - Throws: ``DNSClientError``, or `CancellationError`.
    public func query(
        _ name: Name, _ type: RRType, at server: Server, recursionDesired: Bool = false,
        timeout: Duration = .seconds(2), source: String? = nil
    ) async throws -> Message {
        let query = Message.query(name, type, id: .random(in: 0...UInt16.max), recursionDesired: recursionDesired)
        let deadline = NIODeadline.now() + .nanoseconds(timeout.nanoseconds)
        let answer = try await overUDP(query, server, deadline, source)
        return answer.flags.contains(.truncated) ? try await overTCP(query, server, deadline) : answer
    }

    private func overUDP(
        _ query: Message, _ server: Server, _ deadline: NIODeadline, _ source: String?
    ) async throws -> Message {
        let remote: SocketAddress
        let local: String
        do {
            remote = try SocketAddress(ipAddress: server.host, port: server.port)
            local = source ?? (server.host.contains(":") ? "::" : "0.0.0.0")
        } catch {
            throw DNSClientError(.badAddress, server, "\(error)")
        }
        let exchange = Exchange(query: query, server: server, remote: remote)
        return try await run(exchange, server, deadline) {
            try await DatagramBootstrap(group: group)
                .channelInitializer { $0.pipeline.addHandlers([FromServerOnly(remote), exchange]) }
                .bind(host: local, port: 0).get()
        }
    }

    private func overTCP(_ query: Message, _ server: Server, _ deadline: NIODeadline) async throws -> Message {
        let exchange = Exchange(query: query, server: server, remote: nil)
        return try await run(exchange, server, deadline) {
            try await ClientBootstrap(group: group)
                .connectTimeout(max(.milliseconds(1), deadline - .now()))
                .channelInitializer { $0.pipeline.addHandler(exchange) }
                .connect(host: server.host, port: server.port).get()
        }
    }

    private func run(
        _ exchange: Exchange, _ server: Server, _ deadline: NIODeadline, connect: () async throws -> any Channel
    ) async throws -> Message {
        let channel: any Channel
        do {
            channel = try await connect()
        } catch {
            throw DNSClientError(.unreachable, server, "\(error)")
        }
        let timer = channel.eventLoop.scheduleTask(deadline: deadline) {
            channel.pipeline.fireErrorCaught(DNSClientError(.timeout, server, "no answer"))
        }
        defer {
            timer.cancel()
            channel.close(promise: nil)
        }
        return try await withTaskCancellationHandler {
            try await exchange.answer(on: channel).get()
        } onCancel: {
            channel.pipeline.fireErrorCaught(CancellationError())
        }
    }
}

/// Why there is no answer.
public struct DNSClientError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable { case timeout, unreachable, malformed, badAddress }

    public let code: Code
    public let server: DNSClient.Server
    public let message: String

    init(_ code: Code, _ server: DNSClient.Server, _ message: String) {
        self.code = code
        self.server = server
        self.message = message
    }

    /// Whether asking again may help.
    public var isRetriable: Bool { code != .badAddress }
    public var description: String { "\(server): \(message) (\(code.rawValue))" }
}

extension Duration {
    /// Whole nanoseconds; over 292 years it traps.
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
