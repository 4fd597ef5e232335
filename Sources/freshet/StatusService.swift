import Console
import Logging

enum StatusService {
    static func run(_ address: String, _ port: Int, metrics: @escaping @Sendable () async -> String) async throws {
        try await StatusServer(address: address, port: port, logger: Logger(label: "http"), metrics: metrics).run()
    }
}
