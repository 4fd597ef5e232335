public import Pipeline

/// Takes what servers register: one compare-and-set for all that is asked at once.
public struct Registrar: Sendable {
    private let store: any Store
    private let sharding: Sharding

    public init(store: any Store, sharding: Sharding) {
        self.store = store
        self.sharding = sharding
    }

    /// Registers `edits` (set or add), each in place of what the same person registered for
    /// the same RRset; a removal takes that back. Returns the number of the new manifest.
    @discardableResult
    public func register(_ edits: [Edit]) async throws -> UInt64 {
        while true {
            let stored = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))
            var manifest = stored?.value ?? Manifest(source: Origin.registrations, number: 0, sharding: sharding)
            manifest.trace = Trace(cause: "registration").adding(.seen, at: .now())
            var blobs: [[UInt8]] = []
            for (index, wanted) in manifest.sharding.spread(edits: edits) {
                var shard: [Edit] = []
                if let known = manifest.shards[index] { shard = try Edit.decode(try await store.require(known.digest)) }
                for edit in wanted {
                    shard.removeAll { $0.key == edit.key && $0.origin.person == edit.origin.person }
                    if edit.action != .remove { shard.append(edit) }
                }
                let blob = Edit.encode(shard)
                blobs.append(blob)
                let digest = Digest(of: blob)
                manifest.shards[index] =
                    shard.isEmpty ? nil : ShardReference(digest: digest, size: blob.count, count: shard.count, basis: digest)
            }
            manifest.number += 1
            try await store.put(blobs)
            do {
                try await store.write(manifest.encoded, at: WellKnown.registrations, expecting: stored?.version)
                return manifest.number
            } catch let error as StoreError where error.code == .conflict {
                continue
            }
        }
    }
}
