public import Pipeline

/// What is presented, in the Prometheus text format (exposition format 0.0.4).
public enum PresentationMetrics {
    /// Reads the shards that have conflicts or emergency edits, and no others.
    public static func text(from store: any Store) async throws -> String {
        guard let presentation = try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value else { return "" }
        var conflicts: [Conflict] = []
        for (index, shard) in presentation.shards where shard.conflicts > 0 || presentation.beneath[index] != nil {
            conflicts += try Shard(decoding: try await store.require(shard.digest)).conflicts
        }
        let held = try await store.read(WellKnown.held) != nil
        return text(conflicts, number: presentation.number, isHeld: held)
    }

    static func text(_ conflicts: [Conflict], number: UInt64, isHeld: Bool) -> String {
        var text = ""
        func metric(_ name: String, _ help: String, _ samples: [(labels: String, value: UInt64)]) {
            text += "# HELP freshet_presenter_\(name) \(help)\n# TYPE freshet_presenter_\(name) gauge\n"
            for sample in samples { text += "freshet_presenter_\(name)\(sample.labels) \(sample.value)\n" }
        }
        metric("presentation_number", "Number of the presentation that is live.", [("", number)])
        metric("held", "1 while a presentation waits for an approval.", [("", isHeld ? 1 : 0)])
        // Every policy has a sample, so that a conflict is a rise from 0 and not a new series.
        let none = Dictionary(uniqueKeysWithValues: (ConflictPolicy.Settlement.allCases.map(\.rawValue) + [Conflict.emergency]).map { ($0, 0) })
        let counts = none.merging(Conflict.counts(conflicts.filter { $0.policy == Conflict.emergency || !$0.isNotice })) { $1 }
        metric(
            "conflicts", "RRsets that two sources want, by the policy that settled it; and emergency edits.",
            counts.sorted { $0.key < $1.key }.map { ("{policy=\"\($0.key)\"}", UInt64($0.value)) })
        return text
    }
}
