internal import Pipeline

/// Counts since the proxy's start.
struct ProxyStatistics: Sendable {
    var deployments = 0
    var failures = 0
    /// Databases made anew because the old one was damaged.
    var repairs = 0
    /// Octets from peers.
    var downloaded: UInt64 = 0
    /// Seconds of the last release by step.
    var steps: [(step: String, seconds: Double)] = []
    var lastDeployment: Double = 0

    mutating func deployed(_ release: Release, trace: Trace, took: Duration) {
        deployments += 1
        lastDeployment = Double(took.milliseconds) / 1000
        steps = zip(trace.milestones, trace.milestones.dropFirst()).map { earlier, later in
            (later.stage.rawValue, Double(later.at - earlier.at) / 1000)
        }
    }
}

/// The Prometheus text format (exposition format 0.0.4).
enum ProxyMetrics {
    static func text(_ status: Deployment, _ statistics: ProxyStatistics, freshness: Duration, now: Instant) -> String {
        var text = ""
        func metric(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: Double)]) {
            text += "# HELP freshet_proxy_\(name) \(help)\n# TYPE freshet_proxy_\(name) \(type)\n"
            for sample in samples {
                let labels = sample.labels.isEmpty ? "" : "{\(sample.labels)}"
                text += "freshet_proxy_\(name)\(labels) \(number(sample.value))\n"
            }
        }
        metric("release_number", "gauge", "Number of the deployed release.", [("", Double(status.release))])
        metric("healthy", "gauge", "1 while nothing is wrong and both daemons show the deployed release.", [("", isHealthy(status) ? 1 : 0)])
        let seen = [("tinydns", status.tinydns), ("unbound", status.unbound)]
        metric(
            "stamp_age_seconds", "gauge", "Age of the timestamp TXT record as read through a daemon.",
            seen.compactMap { name, seen in
                seen.map { ("through=\"\(name)\"", Double(now - $0.published) / 1000) }
            })
        metric(
            "stamp_release_number", "gauge", "Release that the stamp shows through a daemon.",
            seen.compactMap { name, seen in seen.map { ("through=\"\(name)\"", Double($0.release)) } })
        metric(
            "stamp_fault", "gauge", "1 if the stamp is stale, missing, invalid, from the future or out of reach.",
            seen.map { name, seen in ("through=\"\(name)\"", seen?.fault == nil && seen != nil ? 0 : 1) })
        metric(
            "freshness_bound_seconds", "gauge", "Age above which a stamp is stale.",
            [("", Double(freshness.milliseconds) / 1000)])
        metric("deployments_total", "counter", "Releases deployed since the start.", [("", Double(statistics.deployments))])
        metric("failures_total", "counter", "Releases that could not be deployed, and faults of the store.", [("", Double(statistics.failures))])
        metric("repairs_total", "counter", "Databases made anew because the one before was damaged.", [("", Double(statistics.repairs))])
        metric("downloaded_bytes_total", "counter", "Octets fetched from the swarm.", [("", Double(statistics.downloaded))])
        metric("deployment_seconds", "gauge", "Time the last deployment took, fetch to answer.", [("", statistics.lastDeployment)])
        metric(
            "step_seconds", "gauge", "Time of each step of the last release, from the one before.",
            statistics.steps.map { ("step=\"\($0.step)\"", $0.seconds) })
        return text
    }

    static func isHealthy(_ status: Deployment) -> Bool {
        func shows(_ seen: Deployment.Seen?) -> Bool { seen.map { $0.fault == nil && $0.release == status.release } ?? false }
        return status.release > 0 && status.fault == nil && shows(status.tinydns) && shows(status.unbound)
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
