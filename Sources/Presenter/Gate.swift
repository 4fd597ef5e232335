internal import Pipeline
public import Review

/// Lets a presentation go live, or holds it until a person approves its plan.
///
/// What is held changes nothing: the presentation before it stays live.
public struct Gate: Sendable {
    /// What needs an approval.
    public enum Mode: String, Sendable, CaseIterable {
        /// What ``BlastRadius`` names.
        case radius
        /// That, and every change that a commit makes.
        case always
        /// Nothing.
        case never
    }

    private let mode: Mode
    private let radius: BlastRadius
    private let counts = ZoneCounts()

    public init(mode: Mode = .radius, radius: BlastRadius = BlastRadius()) {
        self.mode = mode
        self.radius = radius
    }

    /// What waits if `candidate` may not replace `live` yet; `nil` if it may.
    func holds(
        _ presented: Presented, replacing live: Manifest, policy: ConflictPolicy, in blobs: any Blobs, at instant: Instant,
        approvals: () async throws -> [Approval]
    ) async throws -> Held? {
        let candidate = presented.manifest
        let diff = try await RecordDiff(from: live, to: candidate, among: Set(presented.changed), in: blobs, known: presented.decoded)
        let blocking = policy.blocking(diff.newConflicts)
        guard mode != .never || !blocking.isEmpty else { return nil }
        // Counting reads all that is live, and only what takes away or changes can be too much.
        let harmless =
            diff.records.count { $0.kind == .remove } < radius.least && diff.records.count { $0.kind == .change } < radius.least
        // Of the zones those that something changes in: there may be many others.
        let owners = Set(diff.records.map(\.key.owner) + blocking.map(\.key.owner))
        // Reading whole maps is for what may be too much.
        let moves =
            Plan.addressesAtMost(diff.map) > radius.addresses
            ? try await MapMoves(from: live, to: candidate, in: blobs) : nil
        let plan = Plan(
            diff: diff, apexes: owners.flatMap { candidate.zones(above: $0) + live.zones(above: $0) },
            existing: harmless ? [:] : try await counts.counts(of: live, in: blobs), moves: moves, blocking: blocking,
            radius: radius)
        var reasons = plan.breaches.filter { mode != .never || $0.kind == .conflict }.map(\.description)
        if mode == .always, Self.configuration(candidate) != Self.configuration(live) {
            reasons.append("every change by a commit needs an approval here")
        }
        guard !plan.isEmpty, !reasons.isEmpty else { return nil }
        if try await approvals().contains(where: { $0.plan == plan.digest && $0.isValid(at: instant) }) { return nil }
        return Held(plan: plan.digest, cause: candidate.trace.cause, since: instant, summary: plan.summary, reasons: reasons)
    }

    private static func configuration(_ manifest: Manifest) -> String? {
        manifest.basis.first { $0.hasPrefix("configuration@") }
    }
}
