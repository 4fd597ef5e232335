public import Pipeline

extension TransferStage {
    /// How it is.
    public func health() async -> StageStatus {
        var text = MetricsText(prefix: "freshet_transfer")
        if let shown = shown.current {
            let snapshot = shown.snapshot
            let zones = snapshot.zones.sorted { $0.key < $1.key }.map { MetricsText.Sample(["view": $0.key], $0.value.zones.count) }
            let oversized = snapshot.oversized.values.reduce(0, +)
            text.gauge("presentation", "Number of the presentation that is transferred.", MetricsText.Sample(Int(clamping: snapshot.number)))
            text.gauge("zones", "Zones by view.", zones)
            text.gauge("zone_bytes", "Octets of all zones' records, those that views share for each.", MetricsText.Sample(snapshot.size))
            text.gauge(
                "remembered_presentations", "Presentations in memory from which differences are made.",
                MetricsText.Sample(shown.past.count))
            text.gauge("oversized_records", "Records that no message can hold, and that are left out.", MetricsText.Sample(oversized))
        }
        let failing = await notifier.failing.count
        text.gauge("unacknowledged", "Zones that a server did not acknowledge to have been told of.", MetricsText.Sample(failing))
        statistics.write(into: &text)
        vitals.write(into: &text)
        var faults = vitals.faults + (fault.map { [$0] } ?? [])
        var part = MetricsText(prefix: "freshet_pools")
        faults += await pools.write(into: &part)
        text.add(part)
        return StageStatus(metrics: text, faults: faults)
    }
}
