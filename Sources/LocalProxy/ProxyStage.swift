internal import DNSClient
internal import DNSWire
internal import Foundation
public import Logging
public import Pipeline

/// Follows the fleet's releases on one server: fetch, verify, deploy, read back, report.
public actor ProxyStage {
    let settings: ProxySettings
    let store: any Store
    let distribution: Distribution
    let logger: Logger
    let contents: ReleaseContents
    let daemons: Daemons
    private let presence: Presence
    let client = DNSClient()

    var database: LiveDatabase

    /// What is live; kept on disk too, so that a restart serves at once.
    var deployed: Deployed?
    /// The highest number ever deployed here: replays stay refused even if the release
    /// on disk cannot be used.
    var highest: UInt64 = 0
    /// What unbound may still have in its cache from before.
    var stale = StaleNames()
    /// From the moment that tinydns has a release until unbound has forgotten what it
    /// changed: the stamp may be new in both by then, and an answer still old.
    var isBetweenReleases = false
    /// Why the newest release is not deployed, and why unbound does not show it: two
    /// things, each cleared by its own success.
    private var deploymentFault: String?
    var unboundFault: String?
    /// What others were told last.
    private var shown: Deployment?
    /// Checkpoints whose files are all here, the latest last.
    var seeded: [(checkpoint: Checkpoint, listing: Listing)] = []
    var unsaved = Unsaved()
    var saver: Task<Void, Never>?
    /// What the disk has for the next start.
    var onDisk: Listing?
    /// From when files of a release are gathered until it is deployed or not.
    var isDeploying = false
    /// A file here was damaged: all are looked at, and fetched where they are not whole.
    private(set) var isDamaged = false
    /// unbound is told of one state after another.
    var showing: Task<Deployment.Seen?, Never>?
    public internal(set) var status: Deployment
    var statistics = ProxyStatistics()
    /// A release goes ahead of the fleet: whoever judges it needs to know what clients get.
    var isOnTrial = false
    var lastLoad: UnboundStatistics?
    /// Probes in a row in which tinydns did not show a stamp of ours.
    var silentProbes = 0
    /// The highest number of those that are being taken up.
    private(set) var newestSeen: UInt64 = 0
    /// Makes ``follow()`` look again.
    private var lookAgain: (@Sendable () -> Void)?

    public init(settings: ProxySettings, store: any Store, distribution: Distribution, logger: Logger) throws {
        self.settings = settings
        self.store = store
        self.distribution = distribution
        self.logger = logger
        contents = try ReleaseContents(settings)
        database = LiveDatabase(path: settings.database)
        daemons = Daemons(settings: settings, logger: logger)
        presence = Presence(store: store, key: try WellKnown.proxies.appending(settings.host), logger: logger)
        status = Deployment(
            host: settings.host, swarmAddress: distribution.address, tinydnsAddress: "\(settings.tinydns.server)",
            unboundAddress: "\(settings.unbound.server)", labels: settings.labels)
        status.keys = settings.keys.map(\.fingerprint)
    }

    /// Runs until cancelled, with or without the store.
    public func run() async throws {
        try restore()
        await report()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.daemons.run() }
            group.addTask { await self.presence.run() }
            group.addTask { await Admission(store: self.store, distribution: self.distribution, logger: self.logger).run() }
            group.addTask { await self.follow() }
            group.addTask { await self.probeRegularly() }
            group.addTask { await self.scrubRegularly() }
        }
        save()
        await presence.end()
    }

    /// Metrics, and whether what is deployed is what both name servers show.
    public func health() -> StageStatus {
        ProxyMetrics.status(status, statistics, freshness: settings.freshness, now: .now())
    }

    // MARK: Follow the store

    private func follow() async {
        await daemons.untilSettled()
        var retries = 0
        var retry: Task<Void, Never>?
        defer { retry?.cancel() }
        let (ticks, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        lookAgain = { continuation.yield() }
        let watch = store.watch([WellKnown.release, WellKnown.candidate])
        let feeder = Task { for await _ in watch { continuation.yield() } }
        defer { feeder.cancel() }
        for await _ in ticks {
            retry?.cancel()
            do {
                try await catchUp()
                retries = 0
                deploymentFault = nil
            } catch is CancellationError {
                return
            } catch let error as ProxyError where error.code == .overtaken {
                logger.info("overtaken", metadata: ["cause": "\(error)"])
                continuation.yield()
            } catch {
                let fault = "\(error)"
                if deploymentFault != fault { logger.error("not deployed: the last release stays", metadata: ["error": "\(error)"]) }
                deploymentFault = fault
                statistics.failures += 1
                if (error as? ProxyError)?.code == .damaged || error is SpliceError { isDamaged = true }
                retries += 1
                let wait = Duration.milliseconds(min(30_000, 200 << min(retries, 8)))
                // What no retry helps waits for the next release.
                if (error as? any Retriable)?.isRetriable ?? true {
                    retry = Task {
                        guard (try? await Task.sleep(for: wait)) != nil else { return }
                        continuation.yield()
                    }
                }
            }
            await report()
            if Task.isCancelled { return }
        }
    }

    /// Deploys what is meant for this proxy, if it is newer than what is live.
    private func catchUp() async throws {
        async let ahead = aheadOfTheFleet()
        async let stored = store.decoded(WellKnown.release, SignedRelease.init(decoding:))
        var fault: (any Error)?
        if let (signed, release) = await ahead {
            do {
                newestSeen = max(newestSeen, release.number)
                return try await take(signed, release)
            } catch let error as CancellationError {
                throw error
            } catch let error as ProxyError where error.code == .overtaken {
                throw error
            } catch {
                // Told, and the fleet's release is taken meanwhile if it is newer.
                fault = error
            }
        }
        do {
            if let signed = try await stored?.value {
                if let deployed, deployed.signed == signed {
                    await seedIfHere(deployed.release.checkpoint)
                } else {
                    let release = try signed.verified(by: settings.keys, pipeline: settings.pipeline)
                    newestSeen = max(newestSeen, release.number)
                    try await take(signed, release)
                }
            }
        } catch let error as ProxyError where error.code == .overtaken {
            throw error
        } catch {
            throw fault ?? error
        }
        if let fault { throw fault }
    }

    private func take(_ signed: SignedRelease, _ release: Release) async throws {
        if let deployed, release.number == deployed.release.number, release.content == deployed.release.content { return }
        // At the same number the disk may have failed us; anything lower is a replay.
        guard release.number > highest || (deployed == nil && release.number == highest) else {
            throw ProxyError(.replayed, "release \(release.number) is older than \(highest), which was deployed here")
        }
        guard release.isFor(host: settings.host, labels: settings.labels) else {
            throw ProxyError(.misdirected, "release \(release.number) is signed for other proxies")
        }
        guard Instant.now() - release.published <= settings.expiry.milliseconds else {
            throw ProxyError(.expired, "release \(release.number) was published at \(release.published), longer ago than proxy.expiry")
        }
        try await deploy(release, signed)
        await seedIfHere(release.checkpoint)
    }

    /// What goes ahead of the fleet, if it is signed, new, and this proxy among those who take it.
    ///
    /// Whatever is wrong with it, the fleet's release is there: no fault of it keeps that back.
    func aheadOfTheFleet() async -> (SignedRelease, Release)? {
        do {
            guard let signed = try await store.decoded(WellKnown.candidate, SignedRelease.init(decoding:))?.value else {
                isOnTrial = false
                return nil
            }
            isOnTrial = true
            let release = try signed.verified(by: settings.keys, pipeline: settings.pipeline)
            guard release.isFor(host: settings.host, labels: settings.labels), release.number >= highest else { return nil }
            return (signed, release)
        } catch {
            logger.warning("what goes ahead of the fleet is not taken", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func deploy(_ release: Release, _ signed: SignedRelease) async throws {
        let begun = ContinuousClock.now
        isDeploying = true
        defer { isDeploying = false }
        var trace = release.trace
        let outcome = try await files(of: release)
        trace = trace.adding(.fetched, at: .now())

        let before = deployed
        // Zones change seldom; their names are read when they do.
        let sameZones = before.map { $0.listing[Listing.Path.zones] == outcome.listing[Listing.Path.zones] } ?? false
        let zones = sameZones ? before!.zones : try contents.zones(in: outcome.listing)
        _ = try contents.unboundZones(in: outcome.listing)
        try contents.checkFragments(in: outcome.listing, beyond: before?.listing)
        let state = try Deployed(signed, release, outcome.listing, zones: zones)
        // Of a file that is damaged by now nobody knows what it held: then all may have changed.
        let changes = before.flatMap { try? contents.changes(from: $0.listing, to: outcome.listing) }
        isBetweenReleases = true
        defer { isBetweenReleases = false }
        note(state)
        do { try swapIn(state, changes) } catch {
            if let before { note(before) }
            throw error
        }
        trace = trace.adding(.deployed, at: .now())
        do {
            let seen = try await proveServed(state, at: settings.tinydns.server, recursionDesired: false)
            status.tinydns = seen
            trace = trace.adding(.seenThroughTinydns, at: seen.at)
        } catch {
            // tinydns does not serve it: the release before returns.
            if let before {
                note(before)
                try database.takeBack()
            }
            throw error
        }
        deployed = state
        highest = release.number
        isDamaged = false
        (status.release, status.content) = (release.number, release.content)
        deploymentFault = nil
        saveSoon(outcome)
        // The first is kept at once: nothing older would do.
        if before == nil { save() }

        let affected = Array(Set(zones + (before?.zones ?? [])))
        // Without one before, tinydns may have answered from a file that nobody here knows.
        if let changes { stale.add(changed: changes, in: affected) } else { stale.add(zones: affected) }
        // The others have a TTL of zero too; this one is read back within the second.
        if let stamp = state.stamps.first { stale.add(stamp, .txt) }
        if let seen = await showThroughUnbound() { trace = trace.adding(.seenThroughUnbound, at: seen.at) }
        if release.audience.isEmpty {
            status.probes = nil
        } else if before?.release.content != release.content, let changes {
            status.probes = await probe(changes)
        }
        if before?.release.content != release.content {
            status.trace = trace
            status.tracedRelease = release.number
        }
        let isChange = before.map { $0.release.content != release.content } ?? false
        statistics.deployed(trace: trace, took: ContinuousClock.now - begun, isChange: isChange)
        await report()
        logger.info(
            "deployed",
            metadata: [
                "release": "\(release.number)", "cause": "\(release.trace.cause)", "moved": "\(status.movedFiles) files",
                "took": "\(ContinuousClock.now - begun)",
            ])
        do {
            try database.settle(isAnswered: !state.stamps.isEmpty)
        } catch {
            logger.warning("the next change makes the database anew", metadata: ["error": "\(error)"])
        }
    }

    /// Takes the release in the store up anew, its files looked at and fetched where they are not whole.
    func forgetDeployed() {
        (deployed, isDamaged) = (nil, true)
        lookAgain?()
    }

    /// Gives tinydns the database, changed in place if that is the quicker way.
    private func swapIn(_ state: Deployed, _ changes: [[UInt8]: ReleaseContents.KeyChange]?) throws {
        if let changes, database.canApply(changes) {
            do {
                return try database.apply(changes, stamps: state.stampShard)
            } catch {
                logger.info("the database is made anew", metadata: ["cause": "\(error)"])
            }
        }
        try makeDatabase(of: state)
    }

    /// Tells the store, if there is news: a thousand proxies that say each few seconds
    /// that nothing changed would keep it busy.
    func report() async {
        status.fault = deploymentFault ?? unboundFault
        var news = status
        // When it was read is no news as long as what was read is the same.
        if let old = shown {
            if let seen = old.tinydns, seen.tells(sameAs: news.tinydns) { news.tinydns = seen }
            if let seen = old.unbound, seen.tells(sameAs: news.unbound) { news.unbound = seen }
        }
        guard news != shown else { return }
        shown = news
        await presence.show(news.encoded)
    }
}

extension Deployment.Seen {
    fileprivate func tells(sameAs other: Deployment.Seen?) -> Bool {
        release == other?.release && published == other?.published && fault == other?.fault
    }
}
