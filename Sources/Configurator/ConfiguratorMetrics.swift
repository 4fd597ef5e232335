public import Pipeline
internal import Synchronization

/// How the rules ran since the Configurator's start.
final class RuleRunRecord: Sendable {
    struct Runs: Sendable {
        var times = Histogram()
        var failures = 0
    }

    private let runs = Mutex<[String: Runs]>([:])

    var byRule: [String: Runs] { runs.withLock { $0 } }

    func measured<Value>(_ rule: String, _ body: () async throws -> Value) async throws -> Value {
        let begun = ContinuousClock.now
        do {
            let value = try await body()
            note(rule, ContinuousClock.now - begun, hasFailed: false)
            return value
        } catch {
            note(rule, ContinuousClock.now - begun, hasFailed: true)
            throw error
        }
    }

    private func note(_ rule: String, _ took: Duration, hasFailed: Bool) {
        runs.withLock { runs in
            runs[rule, default: Runs()].times.observe(took)
            if hasFailed { runs[rule]?.failures += 1 }
        }
    }
}

/// How the site's repository was fetched.
final class FetchRecord: Sendable {
    private let state = Mutex<(last: Instant?, failures: Int)>((nil, 0))

    var last: Instant? { state.withLock { $0.last } }
    var failures: Int { state.withLock { $0.failures } }

    func succeeded(at instant: Instant) { state.withLock { $0.last = instant } }
    func failed() { state.withLock { $0.failures += 1 } }
}

enum ConfiguratorMetrics {
    static let prefix = "freshet_configurator"

    static func write(_ runs: [String: RuleRunRecord.Runs], lastFetch: Instant?, fetchFailures: Int, into text: inout MetricsText) {
        let runs = runs.sorted { $0.key < $1.key }
        text.histogram("rule_seconds", "Time of each run of a rule, failed ones too.", runs.map { (["rule": $0.key], $0.value.times) })
        text.counter("rule_failures_total", "Runs of a rule that failed.", runs.map { .init(["rule": $0.key], $0.value.failures) })
        text.gauge(
            "fetched_timestamp_seconds", "When the site's repository was last fetched, if it is elsewhere (Unix time).",
            lastFetch.map { .init($0) })
        text.counter("fetch_failures_total", "Fetches of the site's repository that failed.", fetchFailures)
    }

    static func write(_ configuration: Configuration?, into text: inout MetricsText) {
        text.gauge("configuration_number", "Number of the configuration that is live.", configuration.map { .init($0.number) })
        text.gauge(
            "configuration_timestamp_seconds", "When the commit, input or registration it was made for was seen (Unix time).",
            configuration?.trace.milestones.first.map { .init($0.at) })
        text.gauge("commit_info", "1, with the commit that it was made of.", configuration?.commit.map { .init(["commit": $0.id], 1) })
        text.gauge(
            "source_failed", "1 if the last run of a source failed, and its last good generation stays.",
            (configuration?.sources ?? []).map { .init(["source": $0.name], $0.failure != nil) })
    }
}

extension ConfiguratorStage {
    /// Metrics, and whether the stage does its work. A rule that fails is the site's affair, and no fault of the stage.
    public func health() async -> StageStatus {
        var text = MetricsText(prefix: ConfiguratorMetrics.prefix)
        vitals.write(into: &text)
        ConfiguratorMetrics.write(assembly.ruleRuns.byRule, lastFetch: fetches.last, fetchFailures: fetches.failures, into: &text)
        do {
            ConfiguratorMetrics.write(try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))?.value, into: &text)
            return StageStatus(metrics: text, faults: vitals.faults)
        } catch {
            return StageStatus(metrics: text, faults: vitals.faults + ["the store cannot be read: \(error)"])
        }
    }
}
