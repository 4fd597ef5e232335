internal import Pipeline
internal import Synchronization

/// Counts since the registrar's start.
final class RegistrarRecord: Sendable {
    /// Of which limit a call had too much.
    enum Limit: String, CaseIterable { case peer, identity, stranger }

    private struct State {
        var limited: [Limit: Int] = [:]
        var requests: [RegistrationService.Action: [Int: Int]] = [:]
        var times = Histogram()
        var ended = 0
        var isLogWritten = true
    }

    private let state = Mutex(State())

    func answered(_ action: RegistrationService.Action, status: Int, took: Duration) {
        state.withLock { state in
            state.requests[action, default: [:]][status, default: 0] += 1
            state.times.observe(took)
        }
    }

    func limited(by limit: Limit) { state.withLock { $0.limited[limit, default: 0] += 1 } }
    func ended(_ count: Int) { state.withLock { $0.ended += count } }
    func logged(_ isWritten: Bool) { state.withLock { $0.isLogWritten = isWritten } }

    var faults: [String] { state.withLock { $0.isLogWritten ? [] : ["the audit log cannot be written"] } }

    func write(into text: inout MetricsText) {
        let state = state.withLock { $0 }
        let requests = state.requests.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { action, counts in
            counts.sorted { $0.key < $1.key }.map { status, count in
                MetricsText.Sample(["action": action.rawValue, "status": "\(status)"], count)
            }
        }
        text.counter("requests_total", "Calls of the registration API, by the HTTP status of the answer.", requests)
        text.histogram("request_seconds", "Time to the answer, with what it had to wait for the store and the disk.", [([:], state.times)])
        text.counter(
            "limited_total", "Calls that were turned away (429), by whose limit was reached.",
            Limit.allCases.map { .init(["limit": $0.rawValue], state.limited[$0] ?? 0) })
        text.counter("ended_total", "Registrations whose lease ended and that were cleared away by this process.", state.ended)
        text.gauge("audit_failed", "1 while the audit log cannot be written.", .init(!state.isLogWritten))
    }
}
