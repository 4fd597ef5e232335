public import Logging

/// The thin loop around a stage's pure function: lead, watch, step, and again.
///
/// Several instances of a stage may run; the leader works, the others wait. A step
/// that loses a compare-and-set or meets a passing fault is run again; any other
/// fault is logged, and the stage waits for news, its last good state untouched.
public struct StageLoop: Sendable {
    public var role: StoreKey
    public var store: any Store
    public var logger: Logger
    /// Names this instance to people.
    public var instance: String
    /// What it notes of itself.
    public var vitals: StageVitals

    public init(
        role: String, store: any Store, instance: String, vitals: StageVitals = StageVitals(), logger: Logger
    ) throws(StoreError) {
        self.vitals = vitals
        self.role = try WellKnown.leaders.appending(role)
        self.store = store
        self.instance = instance
        self.logger = logger
    }

    /// Runs `step` when one of `keys` or `others` ticks (asked for anew with each term
    /// of leadership, for a cancelled stream is dead), and at the instant the last step asked for.
    ///
    /// Returns when cancelled.
    public func run(
        watching keys: [StoreKey], and others: @escaping @Sendable () -> AsyncStream<Void>? = { nil }, step: @Sendable () async throws -> Instant?
    ) async throws {
        while !Task.isCancelled {
            do {
                let lease = try await store.lead(role, value: Array(instance.utf8))
                logger.info("leading", metadata: ["role": "\(role.name)"])
                vitals.leads(true)
                defer {
                    vitals.leads(false)
                    Task { await lease.release() }
                }
                try await work(until: lease, watching: keys, and: others(), step: step)
                if !Task.isCancelled { logger.warning("leadership lost", metadata: ["role": "\(role.name)"]) }
            } catch let error as StoreError where error.isRetriable && !Task.isCancelled {
                logger.warning("the store is away: will try again", metadata: ["error": "\(error)"])
                vitals.missesStore("the store is away: \(error)")
                try await Task.sleep(for: .milliseconds(500))
            } catch is CancellationError {
                return
            }
        }
    }

    private func work(
        until lease: any Lease, watching keys: [StoreKey], and others: AsyncStream<Void>?, step: @Sendable () async throws -> Instant?
    ) async throws {
        let (ticks, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = store.watch(keys)
        let feeders = [
            Task {
                for await _ in watch { continuation.yield() }
                continuation.finish()
            },
            Task { if let others { for await _ in others { continuation.yield() } } },
            Task {
                await lease.untilLost()
                continuation.finish()
            },
        ]
        defer { for feeder in feeders { feeder.cancel() } }
        var alarm: Task<Void, any Error>?
        defer { alarm?.cancel() }
        var failures = 0
        var said = ""
        for await _ in ticks {
            alarm?.cancel()
            var wake: Instant?
            let begun = ContinuousClock.now
            do {
                wake = try await step()
                vitals.worked(ContinuousClock.now - begun)
                failures = 0
                said = ""
            } catch is CancellationError {
                return
            } catch {
                failures += 1
                let store = error as? StoreError
                if store?.code == .conflict {
                    logger.debug("another writer was quicker: reading again")
                    continuation.yield()
                } else {
                    let text = "\(error)"
                    vitals.worked(ContinuousClock.now - begun, fault: text)
                    logger.log(level: text == said ? .debug : .error, "step failed", metadata: ["error": "\(error)"])
                    said = text
                    // Passing faults: soon, then less and less often, at most 30 s apart.
                    // Others wait for news.
                    if (error as? any Retriable)?.isRetriable ?? true {
                        wake = Instant.now().advanced(byMilliseconds: min(30_000, 250 << Int64(min(failures, 7))))
                    }
                }
            }
            if let wake {
                let wait = max(0, wake - Instant.now())
                alarm = Task {
                    try await Task.sleep(for: .milliseconds(wait))
                    continuation.yield()
                }
            }
        }
    }
}

/// Maps with at most `limit` transforms under way; results in the order of the input.
public func concurrentMap<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], limit: Int = 16, _ transform: @escaping @Sendable (Input) async throws -> Output
) async throws -> [Output] {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
        var outputs: [Output?] = Array(repeating: nil, count: inputs.count)
        var next = 0
        while next < min(limit, inputs.count) {
            let index = next
            group.addTask { (index, try await transform(inputs[index])) }
            next += 1
        }
        while let (index, output) = try await group.next() {
            outputs[index] = output
            if next < inputs.count {
                let index = next
                group.addTask { (index, try await transform(inputs[index])) }
                next += 1
            }
        }
        return outputs.compactMap { $0 }
    }
}
