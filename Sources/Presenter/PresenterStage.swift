public import Logging
public import Pipeline

/// Makes the presentation of the reviewed sources and the registrations, shard by
/// shard, and only of shards whose inputs changed.
public struct PresenterStage: Sendable {
    private let store: any Store
    private let policy: ConflictPolicy
    private let gate: Gate
    private let logger: Logger
    private let now: @Sendable () -> Instant

    public init(
        store: any Store, policy: ConflictPolicy, gate: Gate = Gate(), logger: Logger,
        now: @escaping @Sendable () -> Instant = Instant.now
    ) {
        self.store = store
        self.policy = policy
        self.gate = gate
        self.logger = logger
        self.now = now
    }

    /// Runs until cancelled.
    public func run(instance: String) async throws {
        let loop = try StageLoop(role: "presenter", store: store, instance: instance, logger: logger)
        try await loop.run(watching: [WellKnown.configuration, WellKnown.registrations, WellKnown.approvals]) { try await step() }
    }

    /// Brings the presentation up to date; returns when an edit starts or expires next.
    @discardableResult
    public func step() async throws -> Instant? {
        guard let configuration = try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))?.value
        else { return nil }
        let registrations = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))?.value
        let previous = try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))
        let instant = now()
        let presentation = try await Presenting(blobs: store, policy: policy, now: now).presentation(
            of: configuration, registrations: registrations, previous: previous?.value, at: instant)
        let held = try await store.decoded(WellKnown.held, Held.init(decoding:))
        if let old = previous?.value {
            if old.shards.mapValues(\.digest) == presentation.shards.mapValues(\.digest) {
                // What waited was taken back.
                if let held { try await store.remove(WellKnown.held, expecting: held.version) }
                if old.basis != presentation.basis {
                    // The same records, and by now what a later configuration makes: who
                    // waits for that has waited long enough. It is no other presentation.
                    var same = old
                    (same.basis, same.next) = (presentation.basis, presentation.next)
                    try await store.write(same.encoded, at: WellKnown.presentation, expecting: previous?.version)
                }
                return presentation.next
            }
            let approvals = try await store.decoded(WellKnown.approvals, Approval.decode)
            if let waits = try await gate.holds(
                presentation, replacing: old, in: store, approvals: approvals?.value ?? [], at: instant)
            {
                try await hold(waits, held)
                return presentation.next
            }
        }
        try await store.write(presentation.encoded, at: WellKnown.presentation, expecting: previous?.version)
        logger.info(
            "presented",
            metadata: [
                "presentation": "\(presentation.number)", "records": "\(presentation.count)",
                "conflicts": "\(presentation.conflicts)", "cause": "\(presentation.trace.cause)",
            ])
        // Only now: a crash before this leaves a held plan that the next step takes back.
        if let held { try await store.remove(WellKnown.held, expecting: held.version) }
        return presentation.next
    }

    private func hold(_ waits: Held, _ held: (value: Held, version: StoreVersion)?) async throws {
        if held?.value.plan == waits.plan { return }
        try await store.write(waits.encoded, at: WellKnown.held, expecting: held?.version)
        logger.error(
            "held: what is live stays until somebody approves",
            metadata: [
                "plan": "\(waits.plan)", "cause": "\(waits.cause)", "summary": "\(waits.summary)",
                "reasons": "\(waits.reasons.joined(separator: "; "))",
            ])
    }
}
