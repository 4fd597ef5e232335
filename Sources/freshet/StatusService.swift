import Console
import Logging
import Pipeline
import ServiceLifecycle
import Synchronization

/// A stage as a service, and what it says of itself once it is made.
struct Stage: Service {
    let name: PipelineSettings.StageName
    private let source: StatusSource
    private let body: @Sendable () async throws -> Void

    /// - Parameter status: of a stage that is made while it runs, ``StatusSource/set(_:)`` is told.
    init(
        _ name: PipelineSettings.StageName, status source: StatusSource = StatusSource(), _ body: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.source = source
        self.body = body
    }

    init(
        _ name: PipelineSettings.StageName, status: @escaping @Sendable () async -> StageStatus, _ body: @escaping @Sendable () async throws -> Void
    ) {
        self.init(name, status: StatusSource(), body)
        source.set(status)
    }

    var status: StageStatus { get async { await source.status } }

    /// Asked to stop, its task is cancelled.
    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown(body)
        } catch is CancellationError {}
    }
}

/// Whom to ask how a stage is.
final class StatusSource: Sendable {
    private let ask = Mutex<(@Sendable () async -> StageStatus)?>(nil)

    func set(_ ask: @escaping @Sendable () async -> StageStatus) { self.ask.withLock { $0 = ask } }

    var status: StageStatus {
        get async {
            guard let ask = ask.withLock({ $0 }) else { return StageStatus(metrics: MetricsText(prefix: ""), faults: ["it starts"]) }
            return await ask()
        }
    }
}

/// Metrics and health of all stages of a process, at one address.
struct StatusService: Service {
    let endpoint: PipelineSettings.Endpoint
    let stages: [Stage]

    /// One for each address that is named for any of the stages.
    static func all(_ stages: [Stage], at endpoints: [PipelineSettings.StageName: PipelineSettings.Endpoint]) -> [StatusService] {
        var services: [StatusService] = []
        for endpoint in stages.compactMap({ endpoints[$0.name] }) where !services.contains(where: { $0.endpoint == endpoint }) {
            services.append(StatusService(endpoint: endpoint, stages: stages))
        }
        return services
    }

    func run() async throws {
        let logger = Logger(label: "http"), endpoint = endpoint
        let server = StatusServer(
            address: endpoint.address, port: endpoint.port, logger: logger,
            stages: stages.map { stage in (stage.name.rawValue, { await stage.status }) })
        try? await cancelWhenGracefulShutdown {
            do {
                try await server.run { logger.info("metrics are served", metadata: ["address": "\(endpoint.address):\($0)"]) }
            } catch where !Task.isCancelled {
                // No reason to stop what it measures.
                logger.error("no metrics", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: .seconds(1_000_000_000))
        }
    }
}
