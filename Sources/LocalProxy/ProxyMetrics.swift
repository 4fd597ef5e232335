internal import Pipeline

/// Counts since the proxy's start.
struct ProxyStatistics: Sendable {
    var deployments = 0
    var failures = 0
    /// Databases made anew because the old one was damaged.
    var repairs = 0
    /// Octets from peers.
    var downloaded: UInt64 = 0
    /// How long the steps of changes took, each named after the milestone where it ends; and of the last change.
    private(set) var steps: [Milestone.Stage: Histogram] = Dictionary(
        uniqueKeysWithValues: Milestone.Stage.allCases.dropFirst().map { ($0, Histogram()) })
    private(set) var lastSteps: [(step: Milestone.Stage, seconds: Double)] = []
    /// From the cause of a change to its answer through unbound.
    private(set) var propagation = Histogram()
    private(set) var lastPropagation: Double?
    private(set) var deployment = Histogram()
    private(set) var lastDeployment: Double?

    /// - Parameter isChange: whether it brought other content; a heartbeat tells of a change
    ///   that went its way before, and what a newcomer starts with is older than itself.
    mutating func deployed(trace: Trace, took: Duration, isChange: Bool) {
        deployments += 1
        deployment.observe(took)
        lastDeployment = took / .seconds(1)
        guard isChange else { return }
        lastSteps = zip(trace.milestones, trace.milestones.dropFirst()).map { earlier, later in
            (later.stage, Double(max(0, later.at - earlier.at)) / 1000)
        }
        for (step, seconds) in lastSteps { steps[step, default: Histogram()].observe(seconds) }
        guard let cause = trace.milestones.first?.at, let answer = trace.time(of: .seenThroughUnbound) else { return }
        let seconds = Double(max(0, answer - cause)) / 1000
        propagation.observe(seconds)
        lastPropagation = seconds
    }
}

enum ProxyMetrics {
    static func status(_ status: Deployment, _ statistics: ProxyStatistics, freshness: Duration, now: Instant) -> StageStatus {
        var text = MetricsText(prefix: "freshet_proxy")
        text.gauge("release_number", "Number of the deployed release.", .init(status.release))
        let faults = faults(of: status)
        text.gauge("healthy", "1 while nothing is wrong and both daemons show the deployed release.", .init(faults.isEmpty))
        let seen = [("tinydns", status.tinydns), ("unbound", status.unbound)]
        text.gauge(
            "stamp_age_seconds", "Age of the timestamp TXT record as read through a daemon.",
            seen.compactMap { name, seen in seen.map { .init(["through": name], Double(now - $0.published) / 1000) } })
        text.gauge(
            "stamp_release_number", "Release that the stamp shows through a daemon.",
            seen.compactMap { name, seen in seen.map { .init(["through": name], $0.release) } })
        text.gauge(
            "stamp_fault", "1 if the stamp is stale, missing, invalid, from the future or out of reach.",
            seen.map { name, seen in .init(["through": name], seen.map { $0.fault != nil } ?? true) })
        text.gauge("freshness_bound_seconds", "Age above which a stamp is stale.", .init(freshness / .seconds(1)))
        text.counter("deployments_total", "Releases deployed since the start.", statistics.deployments)
        text.counter("failures_total", "Releases that could not be deployed, and faults of the store.", statistics.failures)
        text.counter("repairs_total", "Databases made anew because the one before was damaged.", statistics.repairs)
        text.counter("downloaded_bytes_total", "Octets fetched from the swarm.", statistics.downloaded)
        times(statistics, into: &text)
        return StageStatus(metrics: text, faults: faults)
    }

    private static func times(_ statistics: ProxyStatistics, into text: inout MetricsText) {
        text.histogram("deployment_seconds", "Time of a deployment, fetch to answer; heartbeats too.", [([:], statistics.deployment)])
        text.gauge("last_deployment_seconds", "The same of the last deployment.", statistics.lastDeployment.map { .init($0) })
        text.histogram(
            "step_seconds", "Time of each step of a change, from the milestone before to the one it is named after.",
            statistics.steps.sorted { $0.key.rawValue < $1.key.rawValue }.map { (["step": $0.key.rawValue], $0.value) })
        text.gauge(
            "last_step_seconds", "The same of the last change.", statistics.lastSteps.map { .init(["step": $0.step.rawValue], $0.seconds) })
        text.histogram(
            "propagation_seconds", "Time from the cause of a change to its answer through unbound.", [([:], statistics.propagation)])
        text.gauge("last_propagation_seconds", "The same of the last change.", statistics.lastPropagation.map { .init($0) })
    }

    /// What is wrong, for people.
    static func faults(of status: Deployment) -> [String] {
        var faults = status.release == 0 ? ["no release is deployed yet"] : []
        if let fault = status.fault { faults.append(fault) }
        for (name, seen) in [("tinydns", status.tinydns), ("unbound", status.unbound)] {
            if let fault = seen?.fault {
                faults.append("\(name): \(fault)")
            } else if seen?.release != status.release {
                faults.append("\(name) does not show release \(status.release)")
            }
        }
        return faults
    }
}
