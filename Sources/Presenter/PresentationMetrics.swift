public import Pipeline
internal import Validation

/// What is presented, and what waits.
public enum PresentationMetrics {
    /// Reads the shards that have conflicts or emergency edits, and no others.
    ///
    /// - Parameter findings: what is wrong with what is presented.
    public static func metrics(from store: any Store, findings: StandingFindings? = nil) async throws -> MetricsText {
        let presentation = try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value
        var conflicts: [Conflict] = []
        for (index, shard) in presentation?.shards ?? [:] where shard.conflicts > 0 || presentation?.beneath[index] != nil {
            conflicts += try Shard(decoding: try await store.require(shard.digest)).conflicts
        }
        let held = try await store.decoded(WellKnown.held, Held.init(decoding:))?.value
        var text = MetricsText(prefix: prefix)
        write(presentation, conflicts, held: held, into: &text)
        write(await findings?.counts, into: &text)
        return text
    }

    static let prefix = "freshet_presenter"

    /// By level and code; every level has a sample.
    static func write(_ judged: (presentation: UInt64, counts: StandingFindings.Counts)?, into text: inout MetricsText) {
        text.gauge("judged_number", "Number of the presentation that was judged last.", judged.map { .init($0.presentation) })
        let counts = judged?.counts
        let levels = counts.map { counts in
            Level.allCases.map { level in
                MetricsText.Sample(["level": level.rawValue], counts.filter { $0.key.level == level }.values.reduce(0, +))
            }
        }
        text.gauge("findings", "What is wrong with what is presented, without regard to waivers.", levels ?? [])
        let codes = (counts ?? [:]).sorted { ($0.key.fault.rawValue, $0.key.level.rawValue) < ($1.key.fault.rawValue, $1.key.level.rawValue) }
        text.gauge("findings_by_code", "The same by code.", codes.map { .init(["code": $0.key.fault.rawValue, "level": $0.key.level.rawValue], $0.value) })
    }

    static func write(_ presentation: Manifest?, _ conflicts: [Conflict], held: Held?, into text: inout MetricsText) {
        text.gauge("presentation_number", "Number of the presentation that is live.", presentation.map { .init($0.number) })
        text.gauge("records", "RRsets and map entries that are presented.", presentation.map { .init($0.count) })
        text.gauge("zones", "Zones that are presented.", presentation.map { .init($0.zones.count) })
        text.gauge("held", "1 while a presentation waits for an approval.", .init(held != nil))
        text.gauge("held_since_timestamp_seconds", "Since when it waits (Unix time).", held.map { .init($0.since) })
        // Every policy has a sample, so that a conflict is a rise from 0 and not a new series.
        let none = Dictionary(uniqueKeysWithValues: (ConflictPolicy.Settlement.allCases.map(\.rawValue) + [Conflict.emergency]).map { ($0, 0) })
        let counts = none.merging(Conflict.counts(conflicts.filter { $0.policy == Conflict.emergency || !$0.isNotice })) { $1 }
        text.gauge(
            "conflicts", "RRsets that two sources want, by the policy that settled it; and emergency edits.",
            counts.sorted { $0.key < $1.key }.map { .init(["policy": $0.key], $0.value) })
        let emergencies = conflicts.filter { $0.policy == Conflict.emergency }.compactMap(\.since)
        text.gauge(
            "emergency_since_timestamp_seconds", "Since when the oldest emergency edit is in force (Unix time).",
            emergencies.min().map { .init($0) })
    }
}

extension PresenterStage {
    /// Metrics, and whether the stage does its work.
    public func health() async -> StageStatus {
        var text = MetricsText(prefix: PresentationMetrics.prefix)
        vitals.write(into: &text)
        do {
            text.add(try await PresentationMetrics.metrics(from: store, findings: findings))
            return StageStatus(metrics: text, faults: vitals.faults)
        } catch {
            return StageStatus(metrics: text, faults: vitals.faults + ["the store cannot be read: \(error)"])
        }
    }
}
