public import Pipeline
internal import Validation

/// What is presented, in the Prometheus text format (exposition format 0.0.4).
public enum PresentationMetrics {
    /// Reads the shards that have conflicts or emergency edits, and no others.
    ///
    /// - Parameter findings: what is wrong with what is presented.
    public static func text(from store: any Store, findings: StandingFindings? = nil) async throws -> String {
        guard let presentation = try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value else { return "" }
        var conflicts: [Conflict] = []
        for (index, shard) in presentation.shards where shard.conflicts > 0 || presentation.beneath[index] != nil {
            conflicts += try Shard(decoding: try await store.require(shard.digest)).conflicts
        }
        let held = try await store.read(WellKnown.held) != nil
        return text(conflicts, number: presentation.number, isHeld: held) + text(await findings?.counts)
    }

    /// By level and code; every level has a sample.
    static func text(_ judged: (presentation: UInt64, counts: StandingFindings.Counts)?) -> String {
        guard let (presentation, counts) = judged else { return "" }
        var text = metric("judged_number", "Number of the presentation that was judged last.", [("", presentation)])
        let levels = Level.allCases.map { level in
            ("{level=\"\(level.rawValue)\"}", UInt64(counts.filter { $0.key.level == level }.values.reduce(0, +)))
        }
        text += metric("findings", "What is wrong with what is presented, without regard to waivers.", levels)
        let codes = counts.map { ("{code=\"\($0.key.fault.rawValue)\",level=\"\($0.key.level.rawValue)\"}", UInt64($0.value)) }
        return text + metric("findings_by_code", "The same by code.", codes.sorted { $0.0 < $1.0 })
    }

    private static func metric(_ name: String, _ help: String, _ samples: [(labels: String, value: UInt64)]) -> String {
        var text = "# HELP freshet_presenter_\(name) \(help)\n# TYPE freshet_presenter_\(name) gauge\n"
        for sample in samples { text += "freshet_presenter_\(name)\(sample.labels) \(sample.value)\n" }
        return text
    }

    static func text(_ conflicts: [Conflict], number: UInt64, isHeld: Bool) -> String {
        var text = metric("presentation_number", "Number of the presentation that is live.", [("", number)])
        text += metric("held", "1 while a presentation waits for an approval.", [("", isHeld ? 1 : 0)])
        // Every policy has a sample, so that a conflict is a rise from 0 and not a new series.
        let none = Dictionary(uniqueKeysWithValues: (ConflictPolicy.Settlement.allCases.map(\.rawValue) + [Conflict.emergency]).map { ($0, 0) })
        let counts = none.merging(Conflict.counts(conflicts.filter { $0.policy == Conflict.emergency || !$0.isNotice })) { $1 }
        text += metric(
            "conflicts", "RRsets that two sources want, by the policy that settled it; and emergency edits.",
            counts.sorted { $0.key < $1.key }.map { ("{policy=\"\($0.key)\"}", UInt64($0.value)) })
        return text
    }
}
