public import Pipeline

/// Counts since the Publisher's start.
struct PublisherStatistics: Sendable {
    /// What is done on the way to a release.
    enum Part: String, CaseIterable {
        /// Changed shards become fragments.
        case compile
        /// All files are laid out, proven and seeded.
        case checkpoint
        /// The signed release is written to the store.
        case publish
    }

    /// How the content of a release travels.
    enum Way: String, CaseIterable { case delta, checkpoint, heartbeat }

    private(set) var releases: [Way: Int] = [:]
    private(set) var parts: [Part: Histogram] = [:]
    var checkpoints = 0
    /// Octets of deltas.
    var told = 0

    mutating func published(_ release: Release, cause: String) {
        let way: Way = cause == "heartbeat" ? .heartbeat : release.checkpoint.content == release.content ? .checkpoint : .delta
        releases[way, default: 0] += 1
    }

    mutating func spent(since begun: ContinuousClock.Instant, on part: Part) {
        parts[part, default: Histogram()].observe(ContinuousClock.now - begun)
    }
}

enum PublisherMetrics {
    /// What the store has that people and other stages want the fleet to show.
    struct Live {
        var release: Release?
        var rollout: Rollout
        var halt: Halt?
        var proxies: Int
        /// Of the configuration, from the innermost.
        var rings: [String]

        init(release: Release? = nil, rollout: Rollout = Rollout(), halt: Halt? = nil, proxies: Int = 0, rings: [String] = []) {
            (self.release, self.rollout, self.halt, self.proxies, self.rings) = (release, rollout, halt, proxies, rings)
        }
    }

    static let prefix = "freshet_publisher"

    static func write(_ statistics: PublisherStatistics, seeded: Int, into text: inout MetricsText) {
        text.counter(
            "releases_total", "Releases for the whole fleet, by how their content travels; a heartbeat repeats the one before.",
            PublisherStatistics.Way.allCases.map { .init(["way": $0.rawValue], statistics.releases[$0] ?? 0) })
        text.counter("delta_bytes_total", "Octets of changes that releases told themselves.", statistics.told)
        text.counter("checkpoints_total", "Contents that were made whole for the swarm.", statistics.checkpoints)
        text.gauge("seeded_torrents", "Checkpoints that this process seeds.", .init(seeded))
        text.histogram(
            "part_seconds", "Time of each part of the way to a release.",
            PublisherStatistics.Part.allCases.map { (["part": $0.rawValue], statistics.parts[$0] ?? Histogram()) })
    }

    static func write(_ live: Live, into text: inout MetricsText) {
        text.gauge("release_number", "Number of the fleet's release.", live.release.map { .init($0.number) })
        text.gauge("release_timestamp_seconds", "When it was published (Unix time).", live.release.map { .init($0.published) })
        text.gauge(
            "content_timestamp_seconds", "When its content was published first (Unix time).",
            live.release?.trace.time(of: .published).map { .init($0) })
        text.gauge("proxies", "Proxies that report to the store.", .init(live.proxies))
        let flight = live.rollout.flight
        let ring = flight.map { live.rings.indices.contains($0.ring) ? live.rings[$0.ring] : "\($0.ring)" }
        let rings = live.rings + (ring.map { live.rings.contains($0) ? [] : [$0] } ?? [])
        text.gauge(
            "rollout_ring", "1 for the outermost ring that has what is on its way.", rings.map { .init(["ring": $0], $0 == ring) })
        text.gauge("rollout_since_timestamp_seconds", "When that ring got it (Unix time).", flight.map { .init($0.since) })
        text.gauge("rollout_paused", "1 while a person keeps it there.", .init(flight?.isPaused ?? false))
        text.gauge(
            "halted", "1 while nothing but emergency edits goes live, by the kind of the halt.",
            Halt.Kind.allCases.map { .init(["kind": $0.rawValue], live.halt?.kind == $0) })
        text.gauge("halted_since_timestamp_seconds", "Since when (Unix time).", live.halt.map { .init($0.since) })
    }
}

extension PublisherStage {
    /// Metrics, and whether the stage does its work.
    public func health() async -> StageStatus {
        var text = MetricsText(prefix: PublisherMetrics.prefix)
        vitals.write(into: &text)
        PublisherMetrics.write(statistics, seeded: seeded.count, into: &text)
        do {
            PublisherMetrics.write(try await live(), into: &text)
            return StageStatus(metrics: text, faults: vitals.faults)
        } catch {
            return StageStatus(metrics: text, faults: vitals.faults + ["the store cannot be read: \(error)"])
        }
    }

    /// From the store, for an instance that does not lead knows no better.
    private func live() async throws -> PublisherMetrics.Live {
        let release = try await store.decoded(WellKnown.release, SignedRelease.init(decoding:))?.value
        return PublisherMetrics.Live(
            release: try? release?.verified(by: settings.keys.map { try $0.publicKey }, pipeline: settings.pipeline),
            rollout: try await store.decoded(WellKnown.rollout, Rollout.init(decoding:))?.value ?? Rollout(),
            halt: try await store.decoded(WellKnown.halt, Halt.init(decoding:))?.value,
            proxies: try await store.list(WellKnown.proxies).count, rings: settings.rings.stops.map(\.ring.name))
    }
}
