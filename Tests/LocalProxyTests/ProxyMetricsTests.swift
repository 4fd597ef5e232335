import Pipeline
import Testing

@testable import LocalProxy

@Suite struct ProxyMetricsTests {
    private let now = Instant(milliseconds: 1_000_000)

    private func deployment(_ release: UInt64) -> Deployment {
        let seen = Deployment.Seen(at: now, release: 7, published: Instant(milliseconds: 990_500))
        return Deployment(
            host: "p", release: release, tinydns: seen, unbound: seen, swarmAddress: "", tinydnsAddress: "", unboundAddress: "")
    }

    private func status(_ deployment: Deployment, _ statistics: ProxyStatistics = ProxyStatistics()) -> StageStatus {
        ProxyMetrics.status(deployment, statistics, freshness: .seconds(180), now: now)
    }

    @Test func health() {
        let good = status(deployment(7))
        #expect(good.faults.isEmpty && good.metrics.text.contains("freshet_proxy_healthy 1\n"))
        #expect(good.metrics.text.contains("freshet_proxy_stamp_age_seconds{through=\"unbound\"} 9.5\n"))
        #expect(good.metrics.text.contains("freshet_proxy_stamp_fault{through=\"tinydns\"} 0\n"))
        var one = deployment(7)
        one.unbound?.fault = "stale"
        #expect(status(one).faults == ["unbound: stale"] && status(one).metrics.text.contains("freshet_proxy_healthy 0\n"))
        #expect(status(one).metrics.text.contains("freshet_proxy_stamp_fault{through=\"unbound\"} 1\n"))
        one = deployment(7)
        one.tinydns = nil
        #expect(status(one).faults == ["tinydns does not show release 7"])
        #expect(status(one).metrics.text.contains("freshet_proxy_stamp_fault{through=\"tinydns\"} 1\n"))
        #expect(status(deployment(8)).faults.count == 2)
        one = deployment(7)
        one.fault = "no way"
        #expect(status(one).faults == ["no way"])
        #expect(status(Deployment(host: "p", swarmAddress: "", tinydnsAddress: "", unboundAddress: "")).faults.contains("no release is deployed yet"))
    }

    /// Each change once, by step and as a whole; clocks that differ do not count backwards.
    @Test func times() {
        let stages: [(Milestone.Stage, Int64)] = [
            (.seen, 0), (.packBuilt, 200), (.rulesRun, 250), (.presented, 240), (.published, 300), (.fetched, 400), (.deployed, 410),
            (.seenThroughTinydns, 420), (.seenThroughUnbound, 450),
        ]
        let trace = stages.reduce(Trace(cause: "c")) { $0.adding($1.0, at: Instant(milliseconds: $1.1)) }
        var statistics = ProxyStatistics()
        statistics.deployed(trace: trace, took: .milliseconds(50), isChange: true)
        // A heartbeat tells of the same change again.
        statistics.deployed(trace: trace, took: .milliseconds(30), isChange: false)
        let text = status(deployment(7), statistics).metrics.text
        for line in [
            "deployments_total 2", "deployment_seconds_count 2", "last_deployment_seconds 0.03", "propagation_seconds_count 1",
            "propagation_seconds_bucket{le=\"0.25\"} 0", "propagation_seconds_bucket{le=\"0.5\"} 1", "propagation_seconds_sum 0.45",
            "last_propagation_seconds 0.45", "step_seconds_sum{step=\"packBuilt\"} 0.2", "step_seconds_count{step=\"packBuilt\"} 1",
            "step_seconds_sum{step=\"presented\"} 0", "step_seconds_sum{step=\"seenThroughUnbound\"} 0.03", "last_step_seconds{step=\"fetched\"} 0.1",
        ] { #expect(text.contains("freshet_proxy_\(line)\n"), "\(line)\n\(text)") }
        // Every step has its series from the start, but what is counted from is none.
        for stage in Milestone.Stage.allCases {
            #expect(status(deployment(7)).metrics.text.contains("step_seconds_count{step=\"\(stage.rawValue)\"} 0\n") == (stage != .seen))
        }
        // An answer that never came is no answer.
        statistics.deployed(trace: Trace(cause: "c", milestones: Array(trace.milestones.dropLast())), took: .zero, isChange: true)
        #expect(statistics.propagation.count == 1)
    }
}
