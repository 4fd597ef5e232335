public import Logging
public import Pipeline
internal import Synchronization

/// Makes the ``Configuration`` of a site's tree: runs the rules whose pack or inputs
/// changed, reads the edits, stores new shards and manifests.
public struct Assembly: Sendable {
    public struct Settings: Sendable {
        public var packs: [PackSettings]
        /// Inputs outside the tree: declared name to absolute path.
        public var inputs: [String: String]
        /// JSON Schemas: input names, or globs of them, to files in the tree.
        public var schemas: [String: String]
        public var sharding: Sharding
        /// The edits' directory in the tree.
        public var edits: String

        public init(
            packs: [PackSettings], inputs: [String: String], schemas: [String: String] = [:], sharding: Sharding,
            edits: String = "edits"
        ) {
            self.packs = packs
            self.inputs = inputs
            self.schemas = schemas
            self.sharding = sharding
            self.edits = edits
        }
    }

    private let store: any Blobs
    let settings: Settings
    private let packBuild: PackBuild
    private let logger: Logger
    private let now: @Sendable () -> Instant
    private let failedRuns = FailedRuns()
    private let interruption = Interruption()
    let ruleRuns = RuleRunRecord()
    private let descriptions = Descriptions()

    public init(
        store: any Blobs, settings: Settings, packBuild: PackBuild, logger: Logger,
        now: @escaping @Sendable () -> Instant = Instant.now
    ) {
        self.store = store
        self.settings = settings
        self.packBuild = packBuild
        self.logger = logger
        self.now = now
    }

    /// The configuration of `tree` after `previous`.
    ///
    /// A source that fails keeps its last good generation, with the failure noted. One
    /// that has none to keep fails the whole: what it should make must not vanish.
    /// Passing faults (the store is away, a disk is full) fail the whole too, to be
    /// tried again.
    ///
    /// - Parameter registrations: what servers registered, for rules that read it.
    public func configuration(
        of tree: SiteTree, after previous: Configuration?, registrations: Manifest? = nil, trace: Trace
    ) async throws -> Configuration {
        let registered = RegistrationInput(registrations, in: store)
        defer { registered.remove() }
        interruption.last.withLock { $0 = nil }
        var trace = trace
        var sources: [Configuration.Source] = []
        let known = Dictionary(uniqueKeysWithValues: (previous?.sources ?? []).map { ($0.name, $0) })
        for pack in settings.packs where tree.has(pack) {
            do {
                let program = try await packBuild.program(pack, in: tree)
                trace = trace.adding(.packBuilt, at: now())
                let process = PackProcess(program: program.path, wire: pack.wire, limits: pack.limits)
                for rule in try await rules(of: process, program.digest) {
                    let name = "\(pack.name)/\(rule.name)"
                    let registrations = rule.inputs.contains(RegistrationFile.inputName) ? try await registered.path() : ""
                    let run = RuleRun(
                        name: name, rule: rule, process: process, programDigest: program.digest, tree: tree,
                        settings: settings, registrations: registrations, sourceDirectory: pack.sourceDirectory)
                    sources.append(
                        try await attempt(name, last: known[name]) { try await generation(run, last: known[name]) })
                }
            } catch let error as ConfiguratorError {
                // The whole pack failed: all its rules keep what they have.
                let kept = known.values.filter { $0.name.hasPrefix(pack.name + "/") }
                if kept.isEmpty { throw error }
                note(error)
                logger.error("a pack failed: its last good generations stay", metadata: ["pack": "\(pack.name)", "error": "\(error)"])
                sources.removeAll { $0.name.hasPrefix(pack.name + "/") }
                for var source in kept {
                    source.failure = "\(error)"
                    sources.append(source)
                }
            }
        }
        sources += try await edited(in: tree, known)
        return Configuration(
            number: (previous?.number ?? 0) + 1, commit: tree.commit, trace: trace.adding(.rulesRun, at: now()), sources: sources)
    }

    /// When to make the last configuration again though nothing changed; `nil` if it is as good as it gets.
    var retry: Instant? { interruption.last.withLock { $0?.advanced(byMilliseconds: Interruption.pause) } }

    private func note(_ error: ConfiguratorError) {
        if error.code == .interrupted { interruption.last.withLock { $0 = now() } }
    }

    /// A program says the same of itself each time.
    private func rules(of process: PackProcess, _ program: Digest) async throws -> [RuleDescription] {
        if let known = descriptions.known.withLock({ $0[program] }) { return known }
        let rules = try await process.describe()
        descriptions.known.withLock {
            if $0.count > 100 { $0 = [:] }
            $0[program] = rules
        }
        return rules
    }

    /// Removes compiled packs that were not used lately.
    func sweepPrograms() { packBuild.sweep() }

    /// Paths outside the tree whose change calls for another run.
    func watchedInputs() -> [String] {
        settings.inputs.values.sorted()
            + settings.packs.compactMap { if case .executable(let path) = $0.program, path.hasPrefix("/") { path } else { nil } }
    }

    private func attempt(
        _ name: String, last: Configuration.Source?, _ body: () async throws -> Configuration.Source
    ) async throws -> Configuration.Source {
        do {
            return try await body()
        } catch let error as ConfiguratorError {
            guard var kept = last else { throw error }
            note(error)
            logger.error(
                "a source failed: its last good generation stays", metadata: ["source": "\(name)", "error": "\(error)"])
            kept.failure = "\(error)"
            return kept
        }
    }

    private func generation(_ run: RuleRun, last: Configuration.Source?) async throws -> Configuration.Source {
        let inputs = try run.inputDigests()
        let basis = run.basis(inputs)
        if var last, last.basis == basis {
            last.failure = nil
            return last
        }
        let started = ContinuousClock.now
        let (records, map) = try await failedRuns.unlessFailed(run.name, basis, at: now()) {
            try await ruleRuns.measured(run.name) {
                try run.validateInputs()
                let (records, map) = try await run.records()
                let faults = RecordLint.faults(in: records)
                guard faults.isEmpty else { throw ConfiguratorError(.pack, faults) }
                return (records, map)
            }
        }
        let shards = settings.sharding.spread(unsorted: records, map: map).map { $0 }
        let blobs = try await concurrentMap(shards) { index, shard in
            var shard = shard
            shard.sort()
            return (index, NewBlob(shard.encoded, count: shard.count))
        }
        let manifest = try await store(Dictionary(uniqueKeysWithValues: blobs), source: run.name, last: last)
        logger.info(
            "rule ran",
            metadata: [
                "rule": "\(run.name)", "records": "\(records.count)", "map": "\(map.count)",
                "took": "\(ContinuousClock.now - started)",
            ])
        return Configuration.Source(name: run.name, kind: .generation, manifest: manifest, inputs: inputs, basis: basis)
    }

    /// People's edits; whole zones beside them; and where zones have a map of clients that too, as a
    /// generation, which maps are of.
    ///
    /// Each is read only when its own files changed: a zone of a million records takes longer than all
    /// else. But a fault in one keeps all of them as they were: what moves from one to the other in a
    /// commit is never in neither.
    private func edited(in tree: SiteTree, _ known: [String: Configuration.Source]) async throws -> [Configuration.Source] {
        let files = try EditFiles.Files(in: "\(tree.directory)/\(settings.edits)")
        let (zonesName, mapName) = (Origin.editedZones, "\(Origin.edits)/map")
        let (edits, zones, map) = (known[Origin.edits], known[zonesName], known[mapName])
        func basis(_ isOfZones: Bool) throws -> Digest {
            Digest(of: Array("edits 2 \(settings.sharding.count)\0".utf8) + (try files.digest(ofZones: isOfZones)).bytes)
        }
        let peopleBasis = try basis(false), zonesBasis = try basis(true)
        func stands(_ source: Configuration.Source?, _ basis: Digest) -> Bool { source.map { $0.failure == nil && $0.basis == basis } ?? false }
        let people = stands(edits, peopleBasis) ? nil : Result { try EditFiles.read(people: files, relativeTo: tree.directory) }
        let zonesStand = files.zones.isEmpty || stands(zones, zonesBasis) && map.map { stands($0, zonesBasis) } ?? true
        let zoned = zonesStand ? nil : Result { try EditFiles.read(zones: files, relativeTo: tree.directory) }
        let all = [edits, zones, map].compactMap { $0 }
        do {
            try EditFiles.throwFaults(of: [people?.map { _ in }, zoned?.map { _ in }].compactMap { $0 })
        } catch let error as ConfiguratorError where edits != nil {
            var kept: [Configuration.Source] = []
            for source in all { kept.append(try await attempt(source.name, last: source) { throw error }) }
            return kept
        }
        var sources: [Configuration.Source] = []
        if let people {
            sources.append(try await edited(Origin.edits, try people.get(), last: edits, peopleBasis))
        } else if let edits {
            sources.append(edits)
        }
        if let zoned {
            let content = try zoned.get()
            sources.append(try await edited(zonesName, content.edits, last: zones, zonesBasis))
            if !content.map.isEmpty {
                let shards = settings.sharding.spread(records: [], map: content.map)
                let manifest = try await store(shards.mapValues { NewBlob($0.encoded, count: $0.count) }, source: mapName, last: map)
                sources.append(.init(name: mapName, kind: .generation, manifest: manifest, basis: zonesBasis))
            }
        } else if !files.zones.isEmpty {
            sources += [zones, map].compactMap { $0 }
        }
        return sources
    }

    private func edited(_ name: String, _ edits: [Edit], last: Configuration.Source?, _ basis: Digest) async throws -> Configuration.Source {
        let blobs = settings.sharding.spread(edits: edits).mapValues { NewBlob(Edit.encode($0), count: $0.count) }
        return .init(name: name, kind: .edits, manifest: try await store(blobs, source: name, last: last), basis: basis)
    }

    /// Stores shards that are new, then the manifest if its content is.
    private func store(_ blobs: [Int: NewBlob], source: String, last: Configuration.Source?) async throws -> Digest {
        var old: Manifest?
        if let last { old = try Manifest(decoding: try await store.require(last.manifest)) }
        var manifest = Manifest(source: source, number: (old?.number ?? 0) + 1, sharding: settings.sharding)
        var news: [[UInt8]] = []
        for (index, new) in blobs {
            manifest.shards[index] = ShardReference(digest: new.digest, size: new.blob.count, count: new.count, basis: new.digest)
            if old?.shards[index]?.digest != new.digest { news.append(new.blob) }
        }
        if let old, let last, old.sharding == manifest.sharding, old.contentDigest == manifest.contentDigest { return last.manifest }
        return try await store.put(news + [manifest.encoded]).last!
    }
}

/// What packs said of themselves, by the digests of their programs.
private final class Descriptions: Sendable {
    let known = Mutex<[Digest: [RuleDescription]]>([:])
}

/// When a pack was killed at work, if that was in the last configuration.
private final class Interruption: Sendable {
    /// Milliseconds until it is tried again: what killed it may be there still.
    static let pause: Int64 = 2000
    let last = Mutex<Instant?>(nil)
}

/// One shard as it would be stored.
private struct NewBlob: Sendable {
    let blob: [UInt8]
    let digest: Digest
    let count: Int

    init(_ blob: [UInt8], count: Int) {
        self.blob = blob
        digest = Digest(of: blob)
        self.count = count
    }
}
