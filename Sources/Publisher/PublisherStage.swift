internal import DNSWire
internal import Foundation
public import Logging
public import Pipeline

/// Turns each presentation into a signed release and seeds it; publishes again on a
/// heartbeat, so that the stamp tells a quiet pipeline from a dead one.
public actor PublisherStage {
    public struct Settings: Sendable {
        public var pipeline: String
        /// Where fragments and releases are kept.
        public var directory: String
        public var key: SigningKey
        public var heartbeat: Duration
        /// How many releases stay seeded for proxies that are still fetching them.
        public var keptReleases: Int

        public init(pipeline: String, directory: String, key: SigningKey, heartbeat: Duration, keptReleases: Int = 3) {
            self.pipeline = pipeline
            self.directory = directory
            self.key = key
            self.heartbeat = heartbeat
            self.keptReleases = keptReleases
        }
    }

    private let settings: Settings
    private let store: any Store
    private let distribution: Distribution
    private let logger: Logger
    private let files: ReleaseFiles
    /// When the current release was published, as far as this process knows.
    private var lastPublication: ContinuousClock.Instant?
    /// Oldest first.
    private var seeded: [(number: UInt64, infoHash: [UInt8])] = []

    public init(settings: Settings, store: any Store, distribution: Distribution, logger: Logger) throws {
        self.settings = settings
        self.store = store
        self.distribution = distribution
        self.logger = logger
        files = try ReleaseFiles(directory: settings.directory)
    }

    /// Runs until cancelled.
    public func run(instance: String) async throws {
        let key = try WellKnown.seeders.appending(instance)
        // Held beside leadership: a deposed leader may still seed what it published.
        let presence = Presence(store: store, key: key, logger: logger)
        await presence.show(Array(distribution.address.utf8))
        let held = Task { await presence.run() }
        defer { held.cancel() }
        let loop = try StageLoop(role: "publisher", store: store, instance: instance, logger: logger)
        try await loop.run(watching: [WellKnown.presentation]) { try await self.step() }
        await presence.end()
    }

    /// Publishes if there is something new or the heartbeat is due; returns when it is due next.
    public func step() async throws -> Instant? {
        guard let presentation = try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value else {
            return nil
        }
        let stored = try await store.decoded(WellKnown.release, SignedRelease.init(decoding:))
        var previous: Release?
        do {
            previous = try stored?.value.verified(by: [settings.key.publicKey], pipeline: settings.pipeline)
        } catch {
            // Somebody else wrote there. No proxy believes it; ours goes over it.
            logger.error("the release in the store is not ours: publishing over it", metadata: ["error": "\(error)"])
        }
        let content = try await files.content(of: presentation, in: store)
        if let previous, previous.content == content.digest, previous.presentation <= presentation.number {
            // By a clock that nobody sets: a wall clock set back must not stop the heart.
            let age = Duration.milliseconds(max(0, Instant.now() - previous.published))
            let last = lastPublication ?? ContinuousClock.now - age
            lastPublication = last
            let left = (settings.heartbeat - (ContinuousClock.now - last)).milliseconds
            if left > 0, try await reseed(previous) { return .now().advanced(byMilliseconds: left) }
        }
        return try await publish(presentation, content, after: previous, version: stored?.version)
    }

    private func publish(
        _ presentation: Manifest, _ content: ReleaseFiles.Content, after previous: Release?, version: StoreVersion?
    ) async throws -> Instant {
        let number = max(previous?.number ?? 0, highestNumber, try await highestDeployed()) + 1
        var owners: [Name] = []
        for zone in content.zones where !zone.isReverse { owners.append(try Stamp.owner(in: zone)) }
        // A clock that was set back never makes a stamp older than the last.
        let published = max(Instant.now(), (previous?.published).map { $0.advanced(byMilliseconds: 1) } ?? .now())
        let stamp = Stamp(pipeline: settings.pipeline, release: number, published: published, content: content.digest)
        let laidOut = try await files.layOut(content, stamp: stamp, owners: owners, number: number)
        let torrent = try await distribution.describe(laidOut.directory)
        let metadata = try await store.put([torrent.metadata])[0]
        let isHeartbeat = previous?.content == content.digest
        // A heartbeat tells on of the change it repeats: a proxy may have missed that.
        let trace = isHeartbeat ? previous?.trace ?? presentation.trace : presentation.trace.adding(.published, at: .now())
        let release = Release(
            pipeline: settings.pipeline, number: number, published: published, content: content.digest,
            files: laidOut.files, zones: content.zones, stamps: owners, presentation: presentation.number,
            trace: trace, torrent: metadata, infoHash: torrent.infoHash,
            database: laidOut.database, heartbeat: settings.heartbeat.milliseconds)
        // Seeded before it is announced: the first proxy to ask finds it.
        try await distribution.seed(torrent, laidOut.directory)
        do {
            try Files.replace(highestPath, with: Array(String(number).utf8), durable: true)
            try await store.write(
                SignedRelease(release, signedBy: settings.key).encoded, at: WellKnown.release, expecting: version)
        } catch {
            await distribution.drop(torrent.infoHash)
            throw error
        }
        lastPublication = .now
        seeded.append((number, torrent.infoHash))
        while seeded.count > settings.keptReleases { await distribution.drop(seeded.removeFirst().infoHash) }
        await files.keep(Set(seeded.map(\.number)), content: content)
        logger.log(
            level: isHeartbeat ? .debug : .info, "published",
            metadata: [
                "release": "\(number)", "presentation": "\(presentation.number)", "cause": "\(isHeartbeat ? "heartbeat" : trace.cause)",
                "bytes": "\(laidOut.files.reduce(0) { $0 + $1.size })",
            ])
        return .now().advanced(byMilliseconds: settings.heartbeat.milliseconds)
    }

    /// Seeds the current release after a restart; false if its files are gone.
    private func reseed(_ release: Release) async throws -> Bool {
        if seeded.contains(where: { $0.number == release.number }) { return true }
        guard await files.has(release), let metadata = try await store.get(release.torrent) else { return false }
        let torrent = Distribution.Torrent(metadata: metadata, infoHash: release.infoHash)
        try await distribution.seed(torrent, await files.releaseDirectory(release.number))
        seeded.append((release.number, release.infoHash))
        return true
    }

    private var highestPath: String { "\(settings.directory)/highest-release" }

    /// Survives the loss of the store: numbers never go back.
    private var highestNumber: UInt64 {
        (try? String(contentsOfFile: highestPath, encoding: .utf8)).flatMap { UInt64($0) } ?? 0
    }

    /// What the fleet has already: a Publisher on another machine starts above it.
    private func highestDeployed() async throws -> UInt64 {
        var highest: UInt64 = 0
        for key in try await store.list(WellKnown.proxies) {
            guard let lease = try await store.read(key), let proxy = try? Deployment(decoding: lease.value) else { continue }
            highest = max(highest, proxy.release)
        }
        return highest
    }
}

extension Name {
    private static let reverse: [Name] = ["in-addr.arpa.", "ip6.arpa."].compactMap { try? Name($0) }
    /// Reverse zones carry no stamp: nobody asks them for freshness.
    fileprivate var isReverse: Bool { Self.reverse.contains { isWithin($0) } }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
