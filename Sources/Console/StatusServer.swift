internal import Hummingbird
public import Logging

/// Serves a process's metrics and health over HTTP: reading only.
public struct StatusServer: Sendable {
    private let address: String
    private let port: Int
    private let logger: Logger
    private let metrics: @Sendable () async -> String

    /// - Parameter metrics: the Prometheus text of now.
    public init(address: String, port: Int, logger: Logger, metrics: @escaping @Sendable () async -> String) {
        self.address = address
        self.port = port
        self.logger = logger
        self.metrics = metrics
    }

    /// Runs until the task is cancelled or the process is asked to stop.
    public func run() async throws {
        let router = Router()
        let metrics = metrics
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: await metrics())))
        }
        var quiet = logger
        quiet.logLevel = .warning
        let application = Application(
            router: router, configuration: .init(address: .hostname(address, port: port), serverName: nil), logger: quiet)
        try await application.run()
    }
}
