internal import DNSWire
internal import Foundation
public import Logging
public import Pipeline

/// Turns each presentation into a signed release; publishes again on a heartbeat, so that
/// the stamp tells a quiet pipeline from a dead one.
///
/// What changed travels in the release itself, or, if it is much, as a checkpoint in the
/// swarm. A checkpoint for newcomers is made beside the work once the deltas add up.
public actor PublisherStage {
    public struct Settings: Sendable {
        public var pipeline: String
        /// Where fragments and checkpoints are kept.
        public var directory: String
        /// Each signs every release: while a key is being replaced, proxies pin one or the other.
        public var keys: [SigningKey]
        public var heartbeat: Duration
        /// Who gets a content before the whole fleet does.
        public var rings: Rings
        /// How many checkpoints stay seeded for proxies that are still fetching them.
        public var keptCheckpoints: Int

        public init(
            pipeline: String, directory: String, keys: [SigningKey], heartbeat: Duration, rings: Rings = Rings(), keptCheckpoints: Int = 3
        ) {
            self.pipeline = pipeline
            self.directory = directory
            self.keys = keys
            self.heartbeat = heartbeat
            self.rings = rings
            self.keptCheckpoints = keptCheckpoints
        }
    }

    let settings: Settings
    let store: any Store
    let distribution: Distribution
    let logger: Logger
    let files: ReleaseFiles
    /// What is in the store, as far as this process knows; `nil`: it has not looked.
    var live: (release: Release?, version: StoreVersion?)?
    var presented: (manifest: Manifest, version: StoreVersion)?
    /// Deltas that no release has told yet; `nil`: not all of them are known.
    var untold: [Delta]? = []
    /// When the current release was published, as far as this process knows.
    var lastPublication: ContinuousClock.Instant?
    /// Checkpoints that are seeded, the latest used last.
    var seeded: [Checkpoint] = []
    /// What was written last, and whether it got there is not known.
    var attempted: (release: Release, track: DeltaTrack)?
    /// How followers get from the last checkpoint to the release in the store.
    var track: DeltaTrack?
    var isShortening = false
    /// The content of a later checkpoint for the track to start from.
    var shortened: Digest?
    private var numbers: ReleaseNumbers
    /// Releases that the log in the store may not have yet, oldest first.
    private var unlogged: [ReleaseLog.Step] = []
    /// What rings have that are ahead of the fleet, and how it goes on from there.
    var candidate: Head?
    /// What the store has of it.
    var rollout: (value: Rollout, version: StoreVersion?)?
    var statistics = PublisherStatistics()
    let vitals = StageVitals()

    /// A release as it stands in the store.
    struct Head: Sendable {
        var release: Release
        var version: StoreVersion
        var track: DeltaTrack
    }


    public init(settings: Settings, store: any Store, distribution: Distribution, logger: Logger) throws {
        self.settings = settings
        self.store = store
        self.distribution = distribution
        self.logger = logger
        files = try ReleaseFiles(directory: settings.directory)
        numbers = ReleaseNumbers(path: "\(settings.directory)/highest-release")
    }

    /// Runs until cancelled.
    public func run(instance: String) async throws {
        let key = try WellKnown.seeders.appending(instance)
        // Held beside leadership: a deposed leader may still seed what it published.
        let presence = Presence(store: store, key: key, logger: logger)
        await presence.show(Array(distribution.address.utf8))
        let held = Task { await presence.run() }
        let admission = Task { await Admission(store: store, distribution: distribution, logger: logger).run() }
        defer {
            held.cancel()
            admission.cancel()
        }
        let loop = try StageLoop(role: "publisher", store: store, instance: instance, vitals: vitals, logger: logger)
        let byPeople = settings.rings.isEmpty ? [] : [WellKnown.halt, WellKnown.emergency, WellKnown.rollout]
        try await loop.run(watching: [WellKnown.presentation] + byPeople) { try await self.step() }
        await presence.end()
    }

    /// Publishes if there is something new or the heartbeat is due; returns when it is due next.
    public func step() async throws -> Instant? {
        guard let presentation = try await presentation() else { return nil }
        let previous = try await taken()
        if !settings.rings.isEmpty { return try await stepByRings(presentation, after: previous) }
        return try await follow(presentation, after: previous)
    }

    /// Gives the whole fleet what is presented.
    func follow(_ presentation: Manifest, after previous: Release?) async throws -> Instant? {
        let update = try await update(to: presentation)
        if let previous, previous.content == update.content, previous.presentation <= presentation.number {
            if let due = heartbeatDue(after: previous), isSeeded(previous.checkpoint) { return due }
        }
        return try await publish(presentation, update, after: previous)
    }

    /// Compiles what is presented.
    func update(to presentation: Manifest) async throws -> ReleaseFiles.Update {
        let begun = ContinuousClock.now
        let update = try await files.update(to: presentation, in: store)
        if update.delta?.splices.isEmpty != true { statistics.spent(since: begun, on: .compile) }
        untold = update.delta.flatMap { delta in untold.map { $0 + (delta.splices.isEmpty ? [] : [delta]) } }
        return update
    }

    /// When the fleet's stamps are to be renewed; `nil`: now.
    func heartbeatDue(after previous: Release) -> Instant? {
        // By a clock that nobody sets: a wall clock set back must not stop the heart.
        let age = Duration.milliseconds(max(0, Instant.now() - previous.published))
        let last = lastPublication ?? ContinuousClock.now - age
        lastPublication = last
        let left = (settings.heartbeat - (ContinuousClock.now - last)).milliseconds
        return left > 0 ? .now().advanced(byMilliseconds: left) : nil
    }

    /// Decoded once for each version.
    private func presentation() async throws -> Manifest? {
        guard let stored = try await store.read(WellKnown.presentation) else { return nil }
        if let presented, presented.version == stored.version { return presented.manifest }
        do {
            let manifest = try Manifest(decoding: stored.value)
            presented = (manifest, stored.version)
            return manifest
        } catch {
            throw StoreError(.corrupt, "the value at '\(WellKnown.presentation)' cannot be read", cause: error)
        }
    }

    /// The release in the store, if it is ours; taken up whenever somebody else wrote there.
    private func taken() async throws -> Release? {
        let stored = try await store.read(WellKnown.release)
        if let live, live.version == stored?.version { return live.release }
        var release: Release?
        if let stored {
            do {
                let signed = try SignedRelease(decoding: stored.value)
                release = try signed.verified(by: settings.keys.map { try $0.publicKey }, pipeline: settings.pipeline)
            } catch {
                // Somebody else wrote there. No proxy believes it; ours goes over it.
                logger.error("the release in the store is not ours: publishing over it", metadata: ["error": "\(error)"])
            }
        }
        if let attempted, attempted.release == release {
            // It was written, though the answer got lost.
            (track, untold) = (attempted.track, [])
        }
        numbers.takeUp(release, fleet: try await highestDeployed())
        live = (release, stored?.version)
        return release
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

    private func publish(_ presentation: Manifest, _ update: ReleaseFiles.Update, after previous: Release?) async throws -> Instant {
        let isHeartbeat = previous?.content == update.content
        let track = try await extendedTrack(to: update.content, after: previous)
        // A heartbeat tells on of the change it repeats: a proxy may have missed that.
        let trace = isHeartbeat ? previous?.trace ?? presentation.trace : presentation.trace.adding(.published, at: .now())
        let release = try next(update.content, presentation.number, trace, track, after: previous)
        try await publish(release, track, cause: isHeartbeat ? "heartbeat" : trace.cause)
        await files.dropReplaced()
        await dropCheckpoints(but: release.checkpoint)
        shortenTrack()
        return .now().advanced(byMilliseconds: settings.heartbeat.milliseconds)
    }

    /// A release that comes after those that there are.
    func next(
        _ content: Digest, _ presentation: UInt64, _ trace: Trace, _ track: DeltaTrack, audience: [Ring] = [], after previous: Release?
    ) throws -> Release {
        try renewed(
            Release(
                pipeline: settings.pipeline, number: 0, published: .now(), content: content, presentation: presentation, trace: trace,
                heartbeat: settings.heartbeat.milliseconds, checkpoint: try checkpoint(of: track), log: track.log, deltas: track.deltas,
                audience: audience), after: previous)
    }

    /// The same under the next number, with a new stamp.
    func renewed(_ release: Release, after previous: Release?) throws -> Release {
        var release = release
        release.number = try numbers.next()
        // A clock that was set back never makes a stamp older than the last.
        release.published = [previous, candidate?.release].reduce(.now()) { max($0, $1?.published.advanced(byMilliseconds: 1) ?? $0) }
        return release
    }

    /// Gives the whole fleet a release.
    func publish(_ release: Release, _ track: DeltaTrack?, cause: String) async throws {
        attempted = track.map { (release, $0) }
        let begun = ContinuousClock.now
        let version = try await store.write(
            SignedRelease(release, signedBy: settings.keys).encoded, at: WellKnown.release, expecting: live?.version)
        unlogged += [live?.release, release].compactMap { $0.map { .init(release: $0.number, presentation: $0.presentation) } }
        live = (release, version)
        attempted = nil
        if let track { (self.track, untold) = (track, []) }
        lastPublication = .now
        statistics.spent(since: begun, on: .publish)
        statistics.published(release, cause: cause)
        logger.log(
            level: cause == "heartbeat" ? .debug : .info, "published",
            metadata: [
                "release": "\(release.number)", "presentation": "\(release.presentation)", "cause": "\(cause)",
                "way": "\(release.checkpoint.content == release.content ? "checkpoint" : "delta")",
            ])
        do {
            try await writeLog()
        } catch {
            logger.warning("the log of releases has to wait", metadata: ["error": "\(error)"])
        }
    }

    /// Tells which presentation each release carried, for people who ask later.
    private func writeLog() async throws {
        let known = try await store.decoded(WellKnown.releases, ReleaseLog.init(decoding:))
        var log = known?.value ?? ReleaseLog()
        if log.note(unlogged) { try await store.write(log.encoded, at: WellKnown.releases, expecting: known?.version) }
        unlogged = []
    }

    // MARK: The way to a content

    /// Deltas from what was published before, or a checkpoint that is the content.
    func extendedTrack(to content: Digest, after previous: Release?) async throws -> DeltaTrack {
        if let shortened { _ = track?.shorten(to: shortened) }
        shortened = nil
        if var track, let previous, track.end == previous.content, seeded.contains(where: { [start = track.start] in $0.content == start }) {
            let told = previous.content == content ? [] : untold ?? []
            let follows = previous.content == content || told.first?.from == previous.content && told.last?.to == content
            if follows, told.allSatisfy({ $0.size <= DeltaTrack.largest }) {
                for delta in told { track.append(delta) }
                statistics.told += told.reduce(0) { $0 + $1.size }
                while case let run = track.overflow, !run.isEmpty {
                    let blob = Delta.encode(run)
                    track.moved(run, to: blob, try await store.put([blob])[0])
                }
                return track
            }
        }
        let made = try await makeCheckpoint()
        guard made.content == content else { throw PublisherError(.overtaken, "the files changed meanwhile") }
        return DeltaTrack(from: content)
    }

    func isSeeded(_ checkpoint: Checkpoint) -> Bool { seeded.contains(checkpoint) }

    /// The one that the track starts from.
    private func checkpoint(of track: DeltaTrack) throws -> Checkpoint {
        guard let last = seeded.last(where: { $0.content == track.start }) else {
            throw PublisherError(.overtaken, "the checkpoint is not seeded any more")
        }
        return last
    }

    /// Proves the files as they are now and seeds them: before they are announced, so
    /// that the first proxy to ask finds them.
    private func makeCheckpoint() async throws -> Checkpoint {
        let content = await files.content
        // A content that came back, or whose release could not be written.
        if let known = seeded.firstIndex(where: { $0.content == content }) {
            seeded.append(seeded.remove(at: known))
            return seeded[seeded.count - 1]
        }
        let begun = ContinuousClock.now
        let laidOut = try await files.layOut()
        let torrent = try await distribution.describe(laidOut.directory)
        let blobs = try await store.put([torrent.metadata, laidOut.listing.encoded])
        let checkpoint = Checkpoint(
            content: laidOut.listing.content, listing: blobs[1], torrent: blobs[0], infoHash: torrent.infoHash)
        // Of an attempt that failed half way.
        if !isSeeded(checkpoint) {
            await distribution.drop(torrent.infoHash)
            try await distribution.seed(torrent, laidOut.directory)
            seeded.append(checkpoint)
        }
        statistics.checkpoints += 1
        statistics.spent(since: begun, on: .checkpoint)
        return checkpoint
    }

    /// Starts one in the background if a newcomer would have much to read by now.
    private func shortenTrack() {
        guard track?.isLong == true, !isShortening, candidate == nil else { return }
        isShortening = true
        Task {
            defer { isShortening = false }
            do {
                // The next release names it; unless a bulk comes between, with one of its own.
                shortened = try await makeCheckpoint().content
            } catch {
                logger.error("no checkpoint was made: the deltas go on", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Stops seeding those that were not used lately; never the one that the release names,
    /// nor one that the next may name.
    func dropCheckpoints(but live: Checkpoint) async {
        while seeded.count > settings.keptCheckpoints,
            let oldest = seeded.firstIndex(where: { $0 != live && $0 != candidate?.release.checkpoint && $0.content != shortened })
        {
            await distribution.drop(seeded.remove(at: oldest).infoHash)
        }
        // One that is being made is not among them yet.
        if !isShortening { await files.forget(except: Set(seeded.map(\.content))) }
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
