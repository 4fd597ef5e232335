import Pipeline
import Testing

@testable import Publisher

@Suite struct PublisherMetricsTests {
    private func text(_ live: PublisherMetrics.Live) -> String {
        var text = MetricsText(prefix: PublisherMetrics.prefix)
        PublisherMetrics.write(live, into: &text)
        return text.text
    }

    /// Every ring and every kind of halt has its series, so that each is a rise from 0.
    @Test func rollout() {
        let none = text(.init(rings: ["canary", "half"]))
        for line in ["rollout_ring{ring=\"canary\"} 0", "rollout_ring{ring=\"half\"} 0", "rollout_paused 0", "proxies 0"]
            + Halt.Kind.allCases.map({ "halted{kind=\"\($0.rawValue)\"} 0" })
        { #expect(none.contains("freshet_publisher_\(line)\n"), "\(line)") }
        #expect(!none.contains("\nfreshet_publisher_rollout_since") && !none.contains("\nfreshet_publisher_release"))
        var flight = Rollout.Flight(content: Digest(of: []), presentation: 3, stable: 2, ring: 1, since: Instant(milliseconds: 5_000))
        flight.isPaused = true
        let some = text(
            .init(
                rollout: Rollout(flight: flight), halt: Halt(.freeze, reason: "r", since: Instant(milliseconds: 7_000)), proxies: 4,
                rings: ["canary", "half"]))
        for line in [
            "rollout_ring{ring=\"canary\"} 0", "rollout_ring{ring=\"half\"} 1", "rollout_paused 1", "proxies 4", "rollout_since_timestamp_seconds 5",
            "halted{kind=\"freeze\"} 1", "halted{kind=\"rollout\"} 0", "halted_since_timestamp_seconds 7",
        ] { #expect(some.contains("freshet_publisher_\(line)\n"), "\(line)") }
        // The configuration has other rings by now.
        #expect(text(.init(rollout: Rollout(flight: flight), rings: ["canary"])).contains("rollout_ring{ring=\"1\"} 1\n"))
    }

    @Test func releases() {
        let ends = Digest(of: [1]), starts = Digest(of: [2])
        func release(_ content: Digest) -> Release {
            Release(
                pipeline: "p", number: 9, published: Instant(milliseconds: 20_000), content: content, presentation: 1,
                trace: Trace(cause: "c").adding(.published, at: Instant(milliseconds: 11_000)), heartbeat: 1,
                checkpoint: Checkpoint(content: starts, listing: starts, torrent: starts, infoHash: []))
        }
        var statistics = PublisherStatistics()
        statistics.published(release(ends), cause: "c")
        statistics.published(release(starts), cause: "c")
        for _ in 0..<2 { statistics.published(release(ends), cause: "heartbeat") }
        statistics.spent(since: .now, on: .compile)
        var text = MetricsText(prefix: PublisherMetrics.prefix)
        PublisherMetrics.write(statistics, seeded: 2, into: &text)
        PublisherMetrics.write(.init(release: release(ends)), into: &text)
        for line in [
            "releases_total{way=\"delta\"} 1", "releases_total{way=\"checkpoint\"} 1", "releases_total{way=\"heartbeat\"} 2", "seeded_torrents 2",
            "part_seconds_count{part=\"compile\"} 1", "part_seconds_count{part=\"publish\"} 0", "release_number 9", "release_timestamp_seconds 20",
            "content_timestamp_seconds 11",
        ] { #expect(text.text.contains("freshet_publisher_\(line)\n"), "\(line)\n\(text.text)") }
    }
}
