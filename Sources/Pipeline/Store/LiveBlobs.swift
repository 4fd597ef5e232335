/// What the store's mutable values refer to: all else may be swept.
public enum LiveBlobs {
    /// - Parameters:
    ///   - retention: how much of history is live too; `nil`: nothing, as for a copy of what is live.
    ///   - now: what age is counted from.
    public static func digests(
        in store: any Store, history retention: History.Retention? = nil, at now: Instant = .now()
    ) async throws -> Set<Digest> {
        var live: Set<Digest> = []
        if let configuration = try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))?.value {
            for source in configuration.sources {
                live.insert(source.manifest)
                live.formUnion(digests(of: try Manifest(decoding: try await store.require(source.manifest))))
            }
        }
        for key in [WellKnown.registrations, WellKnown.presentation] {
            guard let manifest = try await store.decoded(key, Manifest.init(decoding:))?.value else { continue }
            live.formUnion(digests(of: manifest))
            guard let retention else { continue }
            let history = try await History(of: manifest, retention: retention, at: now, in: store)
            live.formUnion(history.digests)
            live.formUnion(history.entries.flatMap { $0.changes.values.compactMap(\.before) })
            // A source that was swept before history was kept longer is no reason to sweep nothing.
            let sources = Array(Set(history.entries.flatMap(\.sources.values)).subtracting(live))
            let shards = try await concurrentMap(sources) { digest -> [Digest] in
                guard let blob = try await store.get(digest) else { return [] }
                return [digest] + Self.digests(of: try Manifest(decoding: blob))
            }
            for digests in shards { live.formUnion(digests) }
        }
        if let state = try await store.decoded(WellKnown.transfer, TransferState.init(decoding:))?.value {
            live.formUnion([state.manifest] + state.serials.values)
            live.formUnion(digests(of: try Manifest(decoding: try await store.require(state.manifest))))
        }
        if let state = try await store.decoded(WellKnown.pools, PoolState.init(decoding:))?.value { live.formUnion(state.shards.values) }
        if let signed = try await store.decoded(WellKnown.release, SignedRelease.init(decoding:))?.value {
            let release = try Release(decoding: signed.body)
            live.formUnion([release.checkpoint.torrent, release.checkpoint.listing] + release.log)
        }
        return live
    }

    private static func digests(of manifest: Manifest) -> [Digest] {
        (Array(manifest.shards.values) + manifest.beneath.values).map(\.digest)
    }
}
