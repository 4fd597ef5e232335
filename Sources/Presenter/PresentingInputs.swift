internal import Pipeline

/// The manifests of all sources, in the order of the configuration.
struct PresentingInputs: Sendable {
    private(set) var generations: [(name: String, manifest: Manifest)] = []
    private(set) var edits: [Manifest] = []
    private(set) var registrations: Manifest?
    let sharding: Sharding
    private let sources: [Configuration.Source]
    private let manifests: [Manifest]

    /// - Parameter known: whose manifests need not be read again.
    init(_ configuration: Configuration, _ registrations: Manifest?, known: PresentingInputs?, in blobs: any Blobs) async throws {
        sources = configuration.sources
        self.registrations = registrations
        var manifests: [Manifest] = []
        for source in sources {
            let manifest: Manifest
            if let place = known?.sources.firstIndex(where: { $0.manifest == source.manifest }), let known {
                manifest = known.manifests[place]
            } else {
                manifest = try Manifest(decoding: try await blobs.require(source.manifest))
            }
            manifests.append(manifest)
            switch source.kind {
            case .generation: generations.append((source.name, manifest))
            case .edits: edits.append(manifest)
            }
        }
        self.manifests = manifests
        let all = manifests + [registrations].compactMap(\.self)
        guard let sharding = all.first?.sharding, all.allSatisfy({ $0.sharding == sharding }) else {
            throw StoreError(.corrupt, "the sources differ in their number of shards, or there are none")
        }
        self.sharding = sharding
    }

    /// Shards of which a source has something.
    var indices: Set<Int> { (manifests + [registrations].compactMap(\.self)).reduce(into: []) { $0.formUnion($1.shards.keys) } }

    func has(_ index: Int) -> Bool { manifests.contains { $0.shards[index] != nil } || registrations?.shards[index] != nil }

    /// Shards of which a source has something else than before; `nil` if the sources are
    /// others, and so every shard is.
    func changes(since before: PresentingInputs) -> Set<Int>? {
        guard sharding == before.sharding, (registrations == nil) == (before.registrations == nil),
            sources.map(\.name) == before.sources.map(\.name), sources.map(\.kind) == before.sources.map(\.kind)
        else { return nil }
        var changes: Set<Int> = []
        for place in sources.indices where sources[place].manifest != before.sources[place].manifest {
            changes.formUnion(manifests[place].changes(since: before.manifests[place]))
        }
        if let registrations { changes.formUnion(registrations.changes(since: before.registrations)) }
        return changes
    }

    /// Whether the rules make the same of a shard as before.
    func hasSameGenerations(as before: PresentingInputs, at index: Int) -> Bool {
        generations.count == before.generations.count
            && zip(generations, before.generations).allSatisfy { $0.name == $1.name && $0.manifest.shards[index]?.digest == $1.manifest.shards[index]?.digest }
    }
}
