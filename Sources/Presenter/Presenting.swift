internal import DNSWire
public import Pipeline

/// Makes the presentation of sources: the Presenter's work without its loop, for
/// `freshet plan` too.
public struct Presenting: Sendable {
    private let blobs: any Blobs
    private let policy: ConflictPolicy
    private let now: @Sendable () -> Instant

    public init(blobs: any Blobs, policy: ConflictPolicy, now: @escaping @Sendable () -> Instant = Instant.now) {
        self.blobs = blobs
        self.policy = policy
        self.now = now
    }

    /// The presentation of these sources at `instant`; stores its new shards, and nothing else.
    ///
    /// Shards whose inputs are those of `previous` are taken from there.
    public func presentation(
        of configuration: Configuration, registrations: Manifest?, previous: Manifest?, at instant: Instant
    ) async throws -> Manifest {
        var generations: [(name: String, manifest: Manifest)] = []
        var edits: [Manifest] = []
        for source in configuration.sources {
            let manifest = try Manifest(decoding: try await blobs.require(source.manifest))
            switch source.kind {
            case .generation: generations.append((source.name, manifest))
            case .edits: edits.append(manifest)
            }
        }
        let all = generations.map(\.manifest) + edits + [registrations].compactMap { $0 }
        guard let sharding = all.first?.sharding, all.allSatisfy({ $0.sharding == sharding }) else {
            throw StoreError(.corrupt, "the sources differ in their number of shards, or there are none")
        }
        let indices = Set(all.flatMap(\.shards.keys)).sorted()
        let job = ShardJob(
            blobs: blobs, policy: policy, generations: generations, edits: edits, registrations: registrations,
            previous: previous?.sharding == sharding ? previous : nil, instant: instant)
        let results = try await concurrentMap(indices) { try await job.present($0) }
        try await blobs.put(results.compactMap(\.blob))

        var presentation = Manifest(
            source: "presentation", number: (previous?.number ?? 0) + 1, sharding: sharding,
            basis: ["configuration@\(configuration.number)", "registrations@\(registrations?.number ?? 0)"],
            trace: trace(configuration, registrations, since: previous))
        for (index, result) in zip(indices, results) { presentation.shards[index] = result.reference }
        presentation.next = results.compactMap(\.next).min()
        presentation.trace = presentation.trace.adding(.presented, at: now())
        return presentation
    }

    /// The trace of what is new; of both, what was seen last.
    private func trace(_ configuration: Configuration, _ registrations: Manifest?, since previous: Manifest?) -> Trace {
        let known = Set(previous?.basis ?? [])
        var news: [Trace] = []
        if !known.contains("configuration@\(configuration.number)") { news.append(configuration.trace) }
        if let registrations, !known.contains("registrations@\(registrations.number)") { news.append(registrations.trace) }
        let latest = news.max { ($0.milestones.first?.at.milliseconds ?? 0) < ($1.milestones.first?.at.milliseconds ?? 0) }
        return latest ?? Trace(cause: "an edit started or expired").adding(.seen, at: now())
    }
}

extension Shard {
    /// Owners of SOA RRsets that every client sees: each is the apex of a zone.
    var zones: [Name] { records.filter { $0.key.type == .soa && $0.key.location == nil }.map(\.key.owner) }
}

/// One shard's outcome: `blob` only if it had to be computed.
struct ShardResult: Sendable {
    var reference: ShardReference
    var blob: [UInt8]?
    var next: Instant?
}

/// Presents one shard, if its basis changed.
struct ShardJob: Sendable {
    let blobs: any Blobs
    let policy: ConflictPolicy
    let generations: [(name: String, manifest: Manifest)]
    let edits: [Manifest]
    let registrations: Manifest?
    let previous: Manifest?
    let instant: Instant

    func present(_ index: Int) async throws -> ShardResult {
        var edits: [Edit] = []
        for manifest in self.edits {
            if let shard = manifest.shards[index] { edits += try Edit.decode(try await blobs.require(shard.digest)) }
        }
        var registered: [Edit] = []
        if let shard = registrations?.shards[index] {
            registered = try Edit.decode(try await blobs.require(shard.digest))
        }
        let timed = edits + registered
        let next = timed.flatMap { [$0.starts, $0.expires] }.compactMap { $0 }.filter { $0 > instant }.min()
        let basis = basis(index, active: timed.map { $0.isActive(at: instant) })
        if let known = previous?.shards[index], known.basis == basis {
            return ShardResult(reference: known, next: next)
        }
        var sources = ShardSources(registrations: registered, edits: edits)
        for (name, manifest) in generations {
            guard let shard = manifest.shards[index] else { continue }
            sources.generations[name] = try Shard(decoding: try await blobs.require(shard.digest))
        }
        let shard = reconcile(sources, policy: policy, at: instant)
        let blob = shard.encoded
        let reference = ShardReference(
            digest: Digest(of: blob), size: blob.count, count: shard.count, basis: basis,
            conflicts: shard.conflicts.count, zones: shard.zones)
        return ShardResult(reference: reference, blob: blob, next: next)
    }

    /// Digest of all that the shard is computed from: inputs, policy, which edits are active.
    private func basis(_ index: Int, active: [Bool]) -> Digest {
        var octets = Array("presentation 1 \(policy.rawValue)".utf8)
        for (name, manifest) in generations + edits.map({ ("", $0) }) + [registrations].compactMap({ $0.map { ("", $0) } }) {
            octets += [0] + Array(name.utf8) + [0] + (manifest.shards[index]?.digest.bytes ?? [])
        }
        return Digest(of: octets + active.map { $0 ? 1 : 0 })
    }
}
