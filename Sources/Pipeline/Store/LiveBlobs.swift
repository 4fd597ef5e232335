/// What the store's mutable values refer to: all else may be swept.
public enum LiveBlobs {
    public static func digests(in store: any Store) async throws -> Set<Digest> {
        var live: Set<Digest> = []
        func add(_ manifest: Manifest) { live.formUnion((Array(manifest.shards.values) + manifest.beneath.values).map(\.digest)) }
        if let configuration = try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))?.value {
            for source in configuration.sources {
                live.insert(source.manifest)
                add(try Manifest(decoding: try await store.require(source.manifest)))
            }
        }
        for key in [WellKnown.registrations, WellKnown.presentation] {
            if let manifest = try await store.decoded(key, Manifest.init(decoding:))?.value { add(manifest) }
        }
        if let signed = try await store.decoded(WellKnown.release, SignedRelease.init(decoding:))?.value {
            let release = try Release(decoding: signed.body)
            live.formUnion([release.checkpoint.torrent, release.checkpoint.listing] + release.log)
        }
        return live
    }
}
