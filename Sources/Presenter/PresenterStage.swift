public import Logging
public import Pipeline
public import Validation

/// Makes the presentation of the reviewed sources and the registrations, shard by
/// shard, and only of shards whose inputs changed.
public struct PresenterStage: Sendable {
    /// Whose emergency edits are believed, and where.
    public struct People: Sendable {
        public var keys: [VerifyingKey]
        public var pipeline: String

        public init(keys: [VerifyingKey], pipeline: String) {
            self.keys = keys
            self.pipeline = pipeline
        }
    }

    let store: any Store
    private let policy: ConflictPolicy
    private let gate: Gate
    private let people: People
    let logger: Logger
    private let now: @Sendable () -> Instant
    private let memory: StepMemory?
    /// What is wrong with what is presented.
    public let findings: StandingFindings
    let vitals = StageVitals()

    /// - Parameters:
    ///   - profile: what is looked for in what is presented.
    ///   - remembers: whether steps look only at what changed since the step before; what
    ///     they make is the same.
    public init(
        store: any Store, policy: ConflictPolicy, gate: Gate = Gate(), people: People = People(keys: [], pipeline: ""),
        profile: Profile = Profile(), remembers: Bool = true, logger: Logger, now: @escaping @Sendable () -> Instant = Instant.now
    ) {
        self.store = store
        self.policy = policy
        self.gate = gate
        self.people = people
        self.logger = logger
        self.now = now
        memory = remembers ? StepMemory() : nil
        findings = StandingFindings(profile: profile)
    }

    /// Runs until cancelled.
    public func run(instance: String) async throws {
        let loop = try StageLoop(role: "presenter", store: store, instance: instance, vitals: vitals, logger: logger)
        // Judging waits for no step, and no step for it.
        let (steps, step) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await loop.run(
                    watching: [WellKnown.configuration, WellKnown.registrations, WellKnown.approvals, WellKnown.emergency, WellKnown.halt]
                ) {
                    defer { step.yield() }
                    return try await self.step()
                }
            }
            group.addTask {
                for await _ in steps {
                    do { try await judge() } catch { logger.error("what is presented was not judged", metadata: ["error": "\(error)"]) }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Brings ``findings`` up to what the last step made or found live.
    public func judge() async throws {
        guard let memory, let live = memory.live, let (update, shards) = try await findings.follow(live.manifest, known: live.decoded, in: store)
        else { return }
        // The next step changes what is decoded already. A step meanwhile has newer ones.
        if memory.live?.manifest.number == live.manifest.number { memory.keep(shards) }
        log(update, of: live.manifest)
    }

    /// Brings the presentation up to date; returns when an edit starts or expires next.
    ///
    /// The gate judges what was reviewed. Emergency edits go over what it lets through, and
    /// while it holds something over what is live.
    @discardableResult
    public func step() async throws -> Instant? {
        let memory = memory ?? StepMemory()
        do {
            return try await step(memory)
        } catch {
            // Another writer was quicker, or something failed halfway.
            memory.forget()
            throw error
        }
    }

    private func step(_ memory: StepMemory) async throws -> Instant? {
        guard let configuration = try await memory.decoded(WellKnown.configuration, in: store, Configuration.init(decoding:))?.value
        else { return nil }
        let registrations = try await memory.decoded(WellKnown.registrations, in: store, Manifest.init(decoding:))?.value
        let previous = try await memory.decoded(WellKnown.presentation, in: store, Manifest.init(decoding:))
        let instant = now()
        let emergencies = try await emergencies(at: instant)
        // Written together, once the gate has let them through.
        let blobs = ScratchBlobs(over: store)
        let presenting = Presenting(blobs: blobs, policy: policy, now: now)
        let held = try await store.decoded(WellKnown.held, Held.init(decoding:))
        let halt = try await store.decoded(WellKnown.halt, Halt.init(decoding:))?.value
        var settled: Manifest, changed: [Int], decoded: [Digest: Shard] = [:], waits: Held?
        if let halt, let live = previous?.value.reviewed {
            // What is remembered is of what would be shown without.
            memory.forget()
            (settled, changed) = try await shown(under: halt, live: live)
            settled = reissued(settled, next: nil)
            if !changed.isEmpty { settled.trace.cause = "\(halt.kind.rawValue) of presentation \(live.number)" }
        } else {
            let kept = memory.shards
            var presented = try await presenting.present(
                configuration, registrations: registrations, previous: previous?.value, at: instant, known: memory.presented, kept: kept)
            memory.presented = presented
            // What was before is not read again to be compared.
            for index in presented.changed {
                if let old = kept[index] { presented.decoded[old.digest] = old.shard }
            }
            (settled, changed, decoded) = (presented.manifest, presented.changed, presented.decoded)
            if let live = previous?.value.reviewed, !changed.isEmpty {
                waits = try await gate.holds(presented, replacing: live, policy: policy, in: blobs, at: instant) {
                    try await store.decoded(WellKnown.approvals, Approval.decode)?.value ?? []
                }
                if let waits {
                    try await hold(waits, held)
                    (settled, changed) = (reissued(live, next: settled.next), [])
                }
            }
            if waits == nil, let live = previous?.value.reviewed, changed.isEmpty, live.basis == settled.basis {
                // Nothing that was reviewed changed: if anything does, it is an emergency edit.
                settled.trace = emergencyTrace
            }
        }
        var presentation = try await presenting.overlaid(settled, with: emergencies, after: previous?.value, at: instant)
        let places = previous.map { Set(changed + $0.value.beneath.keys + presentation.beneath.keys) }
        let changes = presentation.changes(since: previous?.value, among: places)
        if let old = previous?.value, changed.isEmpty, changes.isEmpty {
            if old.basis != presentation.basis {
                // The same records, and by now what a later configuration makes: who
                // waits for that has waited long enough. It is no other presentation.
                var same = old
                (same.basis, same.next) = (presentation.basis, presentation.next)
                try await memory.write(same, same.encoded, at: WellKnown.presentation, in: store, expecting: previous?.version)
            }
            memory.live = (old, [:])
        } else {
            let reviewed = waits == nil && halt == nil ? configuration : nil
            let entry = HistoryEntry(
                from: previous?.value, to: presentation, among: changes, at: instant, commit: reviewed?.commit,
                sources: Dictionary((reviewed?.sources ?? []).map { ($0.name, $0.manifest) }) { $1 }
            ).encoded
            presentation.history = Digest(of: entry)
            try await blobs.store([entry])
            try await memory.write(
                presentation, presentation.encoded, at: WellKnown.presentation, in: store, expecting: previous?.version)
            if memory.live == nil { logLargeShards(presentation) }
            memory.live = (presentation, decoded)
            for index in changed where presentation.beneath[index] == nil {
                guard let digest = presentation.shards[index]?.digest, let shard = decoded[digest] else { continue }
                memory.keep([index: KeptShard(digest: digest, shard: shard)])
            }
            log(presentation, emergencies)
        }
        // Only now: a crash before this leaves a held plan that the next step takes back.
        if waits == nil, halt == nil, let held { try await store.remove(WellKnown.held, expecting: held.version) }
        return presentation.next
    }

    /// What is live, as a new presentation: only emergency edits change it.
    private func reissued(_ live: Manifest, next: Instant?) -> Manifest {
        var manifest = live
        manifest.number += 1
        manifest.next = next
        manifest.trace = emergencyTrace
        return manifest
    }

    private var emergencyTrace: Trace { Trace(cause: Trace.emergency).adding(.seen, at: now()).adding(.presented, at: now()) }

    private func emergencies(at instant: Instant) async throws -> [Emergency] {
        try await (store.decoded(WellKnown.emergency, EmergencyEdit.decode)?.value ?? []).map {
            Emergency($0.edit, at: $0.at, fault: $0.fault(people: people.keys, pipeline: people.pipeline, at: instant))
        }
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
