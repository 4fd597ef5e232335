internal import Synchronization

/// How a stage is, for those who watch it.
public struct StageStatus: Sendable {
    public var metrics: MetricsText
    /// Why it is not healthy; none: it is.
    public var faults: [String]

    public init(metrics: MetricsText, faults: [String] = []) {
        self.metrics = metrics
        self.faults = faults
    }
}

/// What the loop of a stage notes of itself.
public final class StageVitals: Sendable {
    private struct State {
        var isLeading = false
        var failures = 0
        /// Why the last step failed, or why there is none.
        var fault: String?
        /// What the step under way said of itself.
        var noted: String?
        var work = Histogram()
    }

    private let state = Mutex(State())

    public init() {}

    func leads(_ isLeading: Bool) {
        state.withLock { state in
            // Who waits for another to go is well.
            (state.isLeading, state.fault, state.noted) = (isLeading, nil, nil)
        }
    }

    /// Something failed, and the stage goes on: until a step says nothing of the kind.
    public func note(_ fault: String) { state.withLock { $0.noted = fault } }

    func worked(_ took: Duration, fault: String? = nil) {
        state.withLock { state in
            state.work.observe(took)
            state.fault = fault ?? state.noted
            state.noted = nil
            if state.fault != nil { state.failures += 1 }
        }
    }

    func missesStore(_ fault: String) {
        state.withLock { state in
            state.fault = fault
            state.failures += 1
        }
    }

    /// Whether this instance is the one that works.
    public var isLeading: Bool { state.withLock { $0.isLeading } }

    public var faults: [String] { state.withLock { $0.fault.map { [$0] } ?? [] } }

    public func write(into metrics: inout MetricsText) {
        let state = state.withLock { $0 }
        metrics.gauge("leading", "1 while this instance of the stage is the one that works.", .init(state.isLeading))
        metrics.counter("failures_total", "Steps that failed, to be tried again.", state.failures)
        metrics.gauge("failing", "1 while the last step failed or the store is away.", .init(state.fault != nil))
        metrics.histogram("work_seconds", "Time of each step of the stage, also of those that found nothing to do.", [([:], state.work)])
    }
}
