public import Logging
public import Pipeline

/// Makes the presentation of the reviewed sources and the registrations, shard by
/// shard, and only of shards whose inputs changed.
public struct PresenterStage: Sendable {
    private let store: any Store
    private let policy: ConflictPolicy
    private let logger: Logger
    private let now: @Sendable () -> Instant

    public init(
        store: any Store, policy: ConflictPolicy, logger: Logger, now: @escaping @Sendable () -> Instant = Instant.now
    ) {
        self.store = store
        self.policy = policy
        self.logger = logger
        self.now = now
    }

    /// Runs until cancelled.
    public func run(instance: String) async throws {
        let loop = try StageLoop(role: "presenter", store: store, instance: instance, logger: logger)
        try await loop.run(watching: [WellKnown.configuration, WellKnown.registrations]) { try await step() }
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
        if let old = previous?.value, old.shards.mapValues(\.digest) == presentation.shards.mapValues(\.digest) {
            return presentation.next
        }
        try await store.write(presentation.encoded, at: WellKnown.presentation, expecting: previous?.version)
        logger.info(
            "presented",
            metadata: [
                "presentation": "\(presentation.number)", "records": "\(presentation.count)",
                "conflicts": "\(presentation.conflicts)", "cause": "\(presentation.trace.cause)",
            ])
        return presentation.next
    }
}
