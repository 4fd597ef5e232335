internal import Pipeline
internal import Synchronization

/// Runs that failed: the same pack on the same inputs fails again, or hangs again, and
/// need not be tried for a while.
final class FailedRuns: Sendable {
    /// Milliseconds after which a failure is no longer taken for granted: the machine may
    /// have been busy, or out of memory.
    private static let patience: Int64 = 600_000

    private struct Failure {
        var basis: Digest
        var error: ConfiguratorError
        var at: Instant
    }

    private let failures = Mutex<[String: Failure]>([:])

    /// Runs `body`, unless it failed on this basis lately; then throws what it threw.
    func unlessFailed<Value>(
        _ rule: String, _ basis: Digest, at instant: Instant, _ body: () async throws -> Value
    ) async throws -> Value {
        if let known = failures.withLock({ $0[rule] }), known.basis == basis, instant - known.at < Self.patience {
            throw known.error
        }
        do {
            let value = try await body()
            failures.withLock { $0[rule] = nil }
            return value
        } catch let error as ConfiguratorError {
            if error.code != .interrupted { failures.withLock { $0[rule] = Failure(basis: basis, error: error, at: instant) } }
            throw error
        }
    }
}
