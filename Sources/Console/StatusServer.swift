internal import Hummingbird
public import Logging
public import Pipeline
internal import Synchronization

/// Serves the metrics and the health of a process's stages over HTTP: reading only.
public struct StatusServer: Sendable {
    /// By the stage's name.
    public typealias Stages = [(name: String, status: @Sendable () async -> StageStatus)]

    private let address: String
    private let port: Int
    private let logger: Logger
    private let stages: Stages
    private let limit: RateLimit
    private let clock: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - port: 0 takes any that is free.
    ///   - limit: of the questions that one network asks; by default a hundred a second.
    public init(
        address: String, port: Int, logger: Logger, limit: RateLimit = RateLimit(every: .milliseconds(10), burst: 1000),
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, stages: Stages
    ) {
        self.limit = limit
        self.clock = clock
        self.address = address
        self.port = port
        self.logger = logger
        self.stages = stages
    }

    /// Runs until the task is cancelled; `listening` is told the port once it accepts.
    public func run(listening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let router = Router(context: ClientContext.self)
        router.add(middleware: Turnstile(limit, clock: clock))
        let stages = stages
        router.get("/metrics") { _, _ in
            var text = MetricsText(prefix: "")
            for stage in stages { text.add(await stage.status().metrics) }
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: text.text)))
        }
        router.get("/healthz") { _, _ in
            var faults: [String] = []
            for stage in stages { faults += await stage.status().faults.map { "\(stage.name): \($0)" } }
            return Response(
                status: faults.isEmpty ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: faults.isEmpty ? "ok\n" : faults.joined(separator: "\n") + "\n")))
        }
        var quiet = logger
        quiet.logLevel = .warning
        let application = Application(
            router: router, server: ConnectionGuard(.init(connections: 256, exchange: .seconds(30))).server,
            configuration: .init(address: .hostname(address, port: port), serverName: nil),
            onServerRunning: { await listening($0.localAddress?.port ?? 0) }, logger: quiet)
        try await application.run()
    }
}

/// Turns away who asks too often, before the answer is worked for.
private struct Turnstile: RouterMiddleware {
    private final class Shared: Sendable {
        let buckets: Mutex<TokenBuckets<PeerNetwork>>
        init(_ limit: RateLimit) { buckets = Mutex(TokenBuckets(limit, capacity: 4096)) }
    }

    private let shared: Shared
    private let clock: @Sendable () -> ContinuousClock.Instant

    init(_ limit: RateLimit, clock: @escaping @Sendable () -> ContinuousClock.Instant) {
        shared = Shared(limit)
        self.clock = clock
    }

    func handle(
        _ request: Request, context: ClientContext, next: (Request, ClientContext) async throws -> Response
    ) async throws -> Response {
        let wait = shared.buckets.withLock { $0.take(context.network, at: clock()) }
        guard let wait else { return try await next(request, context) }
        return Response(status: .tooManyRequests, headers: [.retryAfter: "\(Int((wait / .seconds(1)).rounded(.up)))"])
    }
}
