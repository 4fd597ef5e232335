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

extension ShardEdits {
    /// Names of which something else is wanted at `instant` than was at `before`.
    func names(differingFrom other: ShardEdits, since before: Instant, at instant: Instant) -> Set<Name> {
        var names: Set<Name> = []
        for (mine, theirs) in [(edits, other.edits), (registrations, other.registrations)] {
            names.formUnion(Set(mine).symmetricDifference(theirs).map(\.key.owner))
            for edit in mine where edit.isActive(at: before) != edit.isActive(at: instant) { names.insert(edit.key.owner) }
        }
        return names
    }
}

extension Shard {
    /// With these names' RRsets and conflicts in the place of its own.
    func replacing(_ names: Set<Name>, by other: Shard) -> Shard {
        var shard = self
        let new = Dictionary(grouping: other.records, by: \.key.owner)
        // From the end: then places before stay what they are.
        for name in names.sorted(by: { $1.precedes($0) }) {
            shard.records.replaceSubrange(shard.records.range(of: name), with: new[name] ?? [])
        }
        if !conflicts.isEmpty || !other.conflicts.isEmpty {
            shard.conflicts = conflicts.filter { !names.contains($0.key.owner) || $0.key.isOfMap } + other.conflicts
            var sorted = Shard(conflicts: shard.conflicts)
            sorted.sort()
            shard.conflicts = sorted.conflicts
        }
        return shard
    }
}

extension RecordKey {
    /// Where conflicts over lines of the map are reported.
    fileprivate var isOfMap: Bool { type.rawValue == 0 }
}

extension [RecordSet] {
    /// Where a name's RRsets are, or would be; they are in canonical order.
    fileprivate func range(of name: Name) -> Range<Int> {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].key.owner.precedes(name) { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < count, self[end].key.owner == name { end += 1 }
        return low..<end
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
    /// The outcome before, if only edits and registrations differ from what that was made of.
    var known: Presented?
    var kept: [Int: KeptShard] = [:]

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
        if let base = base(index, subtrees) {
            return try await present(index, wanted, on: base, basis)
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

    /// What the shard was before, decoded, if only names that people or servers want something
    /// of can differ from that.
    private func base(_ index: Int, _ subtrees: [Edit]) -> Shard? {
        guard let known, let kept = kept[index], subtrees.isEmpty, known.subtrees.isEmpty, !policy.looksBack,
            kept.digest == previous?.shards[index]?.digest, kept.digest == known.manifest.shards[index]?.digest,
            inputs.hasSameGenerations(as: known.inputs, at: index)
        else { return nil }
        return kept.shard
    }

    /// As ``present(_:_:subtrees:)``: settles only the names whose edits are not those of before.
    private func present(_ index: Int, _ wanted: ShardEdits, on base: Shard, _ basis: Digest) async throws -> ShardResult {
        guard let known else { preconditionFailure("there is a base") }
        let names = wanted.names(differingFrom: known.wishes[index], since: known.instant, at: instant)
        var sources = ShardSources(
            registrations: wanted.registrations.filter { names.contains($0.key.owner) },
            edits: wanted.edits.filter { names.contains($0.key.owner) })
        for (name, manifest) in inputs.generations {
            guard let shard = manifest.shards[index], !names.isEmpty else { continue }
            sources.generations[name] = try Shard(decoding: try await blobs.require(shard.digest), of: names)
        }
        let settled = settle(sources, policy: policy, at: instant, previous: Shard())
        var shard = base.replacing(names, by: settled)
        shard.conflicts = shard.conflicts.dated(by: base.conflicts, at: instant)
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
