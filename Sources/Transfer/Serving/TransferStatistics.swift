internal import Pipeline
internal import Synchronization

/// Counts since the start.
final class TransferStatistics: Sendable {
    /// What was asked, and what came of it.
    enum Kind: String, CaseIterable {
        case soa, axfr, ixfr
        /// To an IXFR the whole zone was answered.
        case axfrForIXFR = "axfr_for_ixfr"
        /// To an IXFR nothing but the SOA.
        case current
        case refused
        case malformed
        case badSignature = "bad_signature"
    }

    /// What became of a NOTIFY.
    enum Notice: String, CaseIterable { case acknowledged, error, timeout }

    private struct Counts {
        var kinds: [Kind: Int] = [:]
        var notices: [Notice: Int] = [:]
        var octets = 0
        var connections = 0
        var turnedAway = 0
    }

    private let counts = Mutex(Counts())

    func count(_ kind: Kind) { counts.withLock { $0.kinds[kind, default: 0] += 1 } }
    func count(_ notice: Notice) { counts.withLock { $0.notices[notice, default: 0] += 1 } }
    func sent(_ octets: Int) { counts.withLock { $0.octets += octets } }
    func connections(_ open: Int) { counts.withLock { $0.connections = open } }
    func turnedAway() { counts.withLock { $0.turnedAway += 1 } }

    func of(_ kind: Kind) -> Int { counts.withLock { $0.kinds[kind] ?? 0 } }
    func of(_ notice: Notice) -> Int { counts.withLock { $0.notices[notice] ?? 0 } }

    func write(into text: inout MetricsText) {
        let counts = counts.withLock { $0 }
        text.counter(
            "answers_total", "Answers by what they were.", Kind.allCases.map { .init(["kind": $0.rawValue], counts.kinds[$0] ?? 0) })
        text.counter(
            "notifies_total", "NOTIFY messages by what came of them, their retries together.",
            Notice.allCases.map { .init(["result": $0.rawValue], counts.notices[$0] ?? 0) })
        text.counter("sent_bytes_total", "Octets of answers over TCP.", counts.octets)
        text.gauge("connections", "Open TCP connections.", .init(counts.connections))
        text.counter("connections_refused_total", "TCP connections over a ceiling.", counts.turnedAway)
    }
}
