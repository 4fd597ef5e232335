internal import DNSWire
internal import Pipeline

extension Shard {
    /// Owners of SOA RRsets that every client sees: each is the apex of a zone.
    var zones: [Name] { records.filter { $0.key.type == .soa && $0.key.location == nil }.map(\.key.owner) }
}

/// One shard's outcome: `blob` only if it had to be computed.
struct ShardResult: Sendable {
    var reference: ShardReference
    var shard: Shard?
    var blob: [UInt8]?
}

/// What is wanted of one shard by people and servers.
struct ShardEdits: Sendable {
    var edits: [Edit] = []
    var registrations: [Edit] = []

    var isEmpty: Bool { edits.isEmpty && registrations.isEmpty }

    /// When one of them starts or expires next.
    func next(after instant: Instant) -> Instant? {
        (edits + registrations).flatMap { [$0.starts, $0.expires] }.compactMap { $0 }.filter { $0 > instant }.min()
    }
}

/// Presents one shard, if its basis changed.
struct ShardJob: Sendable {
    let blobs: any Blobs
    let policy: ConflictPolicy
    let inputs: PresentingInputs
    /// Without emergency edits.
    let previous: Manifest?
    let instant: Instant

    /// The edits of one shard.
    func read(_ index: Int) async throws -> ShardEdits {
        var wanted = ShardEdits()
        for manifest in inputs.edits {
            if let shard = manifest.shards[index] { wanted.edits += try Edit.decode(try await blobs.require(shard.digest)) }
        }
        if let shard = inputs.registrations?.shards[index] {
            wanted.registrations = try Edit.decode(try await blobs.require(shard.digest))
        }
        return wanted
    }

    /// - Parameter subtrees: active edits that hand over subtrees, of all shards, in a fixed order.
    func present(_ index: Int, _ wanted: ShardEdits, subtrees: [Edit]) async throws -> ShardResult {
        let active = (wanted.edits + wanted.registrations).map { $0.isActive(at: instant) }
        let basis = basis(index, active: active, subtrees: subtrees)
        if let known = previous?.shards[index], known.basis == basis {
            return ShardResult(reference: known)
        }
        var sources = ShardSources(
            registrations: wanted.registrations, edits: wanted.edits.filter { $0.subtree == nil }, subtrees: subtrees)
        for (name, manifest) in inputs.generations {
            guard let shard = manifest.shards[index] else { continue }
            sources.generations[name] = try Shard(decoding: try await blobs.require(shard.digest))
        }
        // Most shards have no conflicts, and no use for what was there before.
        var before = policy.looksBack ? try await previous(index) : nil
        var shard = settle(sources, policy: policy, at: instant, previous: before ?? Shard())
        if !shard.conflicts.isEmpty {
            if before == nil { before = try await previous(index) }
            shard.conflicts = shard.conflicts.dated(by: before?.conflicts ?? [], at: instant)
        }
        let blob = shard.encoded
        return ShardResult(reference: ShardReference(to: shard, blob, basis: basis), shard: shard, blob: blob)
    }

    private func previous(_ index: Int) async throws -> Shard? {
        guard let reference = previous?.shards[index] else { return nil }
        return try Shard(decoding: try await blobs.require(reference.digest))
    }

    /// Digest of all that the shard is computed from: inputs, policy, which edits are active.
    private func basis(_ index: Int, active: [Bool], subtrees: [Edit]) -> Digest {
        var octets = Array("presentation 2 \(policy.text)".utf8)
        for (name, manifest) in inputs.generations + (inputs.edits + [inputs.registrations].compactMap(\.self)).map({ ("", $0) }) {
            octets += [0] + Array(name.utf8) + [0] + (manifest.shards[index]?.digest.bytes ?? [])
        }
        octets += active.map { $0 ? 1 : 0 }
        return Digest(of: subtrees.isEmpty ? octets : octets + Edit.encode(subtrees))
    }
}

extension ShardReference {
    init(to shard: Shard, _ blob: [UInt8], basis: Digest) {
        self.init(
            digest: Digest(of: blob), size: blob.count, count: shard.count, basis: basis,
            conflicts: shard.conflicts.count { !$0.isNotice }, zones: shard.zones)
    }
}
