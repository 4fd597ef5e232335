internal import Hummingbird
public import Logging
public import Pipeline

/// Serves the metrics and the health of a process's stages over HTTP: reading only.
public struct StatusServer: Sendable {
    /// By the stage's name.
    public typealias Stages = [(name: String, status: @Sendable () async -> StageStatus)]

    private let address: String
    private let port: Int
    private let logger: Logger
    private let stages: Stages

    /// - Parameter port: 0 takes any that is free.
    public init(address: String, port: Int, logger: Logger, stages: Stages) {
        self.address = address
        self.port = port
        self.logger = logger
        self.stages = stages
    }

    /// Runs until the task is cancelled; `listening` is told the port once it accepts.
    public func run(listening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let router = Router()
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
            router: router, configuration: .init(address: .hostname(address, port: port), serverName: nil),
            onServerRunning: { await listening($0.localAddress?.port ?? 0) }, logger: quiet)
        try await application.run()
    }
}
