internal import DNSClient
internal import DNSWire
internal import Foundation
public import Logging
public import Pipeline

/// Follows the fleet's releases on one server: fetch, verify, deploy, read back, report.
public actor ProxyStage {
    private let settings: ProxySettings
    private let store: any Store
    private let distribution: Distribution
    private let logger: Logger
    private let contents: ReleaseContents
    private let daemons: Daemons
    private let presence: Presence
    private let client = DNSClient()

    private var database: LiveDatabase

    /// What is live; kept on disk too, so that a restart serves at once.
    private var deployed: Deployed?
    /// The highest number ever deployed here: replays stay refused even if the release
    /// on disk cannot be used.
    private var highest: UInt64 = 0
    /// What unbound may still have in its cache from before.
    private var stale = StaleNames()
    /// From the moment that tinydns has a release until unbound has forgotten what it
    /// changed: the stamp may be new in both by then, and an answer still old.
    private var isBetweenReleases = false
    /// Why the newest release is not deployed, and why unbound does not show it: two
    /// things, each cleared by its own success.
    private var deploymentFault: String?
    private var unboundFault: String?
    /// What others were told last.
    private var shown: Deployment?
    /// Checkpoints whose files are all here, the latest last.
    private var seeded: [(checkpoint: Checkpoint, listing: Listing)] = []
    /// What the disk does not have for sure yet, and contents that go once it has.
    private var unsaved: (written: [Digest], replaced: [Digest])?
    public private(set) var status: Deployment
    private var statistics = ProxyStatistics()

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
    }

    /// Runs until cancelled, with or without the store.
    public func run() async throws {
        try restore()
        await report()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.daemons.run() }
            group.addTask { await self.presence.run() }
            group.addTask { await self.follow() }
            group.addTask { await self.probeRegularly() }
        }
        save()
        await presence.end()
    }

    /// Metrics in the Prometheus text format.
    public func metrics() -> String {
        ProxyMetrics.text(status, statistics, freshness: settings.freshness, now: .now())
    }

    // MARK: Restart

    /// A release, with the files that its content stands for.
    private struct Deployed {
        var signed: SignedRelease
        var release: Release
        var listing: Listing
        var zones: [Name]
        /// Owner names of the timestamp TXT records.
        var stamps: [Name]

        init(_ signed: SignedRelease, _ release: Release, _ listing: Listing, zones: [Name]) throws {
            self.signed = signed
            self.release = release
            self.listing = listing
            self.zones = zones
            stamps = try Stamp.owners(in: zones)
        }

        var stampShard: Shard { Shard(stamps: stamps, release.stamp) }
    }

    /// Takes up the release on disk: the store need not be there.
    private func restore() throws {
        var template: String?
        try daemons.prepare(zonesTemplate: nil)
        if let octets = try? Data(contentsOf: URL(filePath: keptPath)) {
            do {
                let kept = try KeptRelease(decoding: [UInt8](octets))
                let release = try kept.signed.verified(by: settings.keys, pipeline: settings.pipeline)
                highest = release.number
                guard kept.listing.content == release.content else {
                    throw ProxyError(.damaged, "the files on disk are not those of the release")
                }
                let state = try Deployed(kept.signed, release, kept.listing, zones: try contents.zones(in: kept.listing))
                template = try contents.unboundZones(in: kept.listing)
                // What tinydns reads now may have been half way to another release.
                try makeDatabase(of: state)
                deployed = state
                status.release = release.number
                status.trace = release.trace
                status.tracedRelease = release.number
                logger.info("serving from disk", metadata: ["release": "\(release.number)"])
            } catch {
                logger.error("the release on disk is not usable: waiting for the store", metadata: ["error": "\(error)"])
            }
        }
        if let template { try daemons.prepare(zonesTemplate: template) }
    }

    private var keptPath: String { "\(settings.directory)/deployed.release" }

    private func makeDatabase(of state: Deployed) throws {
        let fragments = try state.listing.fragments.map { try contents.octets(of: $0) }
        try database.replace(fragments: fragments, stamps: state.stampShard)
    }

    /// Keeps what is deployed for the next start, soon: waiting for the disk at each of a
    /// hundred releases a second would take longer than all else, and who starts from an
    /// older one catches up.
    private func saveSoon(_ outcome: ReleaseContents.Outcome) {
        if unsaved == nil {
            unsaved = ([], [])
            Task {
                try? await Task.sleep(for: .milliseconds(500))
                save()
            }
        }
        unsaved!.written += outcome.written
        unsaved!.replaced += outcome.replaced
    }

    private func save() {
        guard let unsaved, let deployed else { return }
        self.unsaved = nil
        do {
            let live = Set(deployed.listing.files.map(\.digest))
            for digest in Set(unsaved.written).intersection(live) { try Files.synchronize(contents.contents.path(digest)) }
            if !unsaved.written.isEmpty { try Files.synchronize(contents.contents.directory) }
            try Files.replace(keptPath, with: KeptRelease(signed: deployed.signed, listing: deployed.listing).encoded, durable: true)
            let kept = seeded.reduce(live) { $0.union($1.listing.files.map(\.digest)) }
            for digest in Set(unsaved.replaced + unsaved.written).subtracting(kept) { contents.contents.remove(digest) }
        } catch {
            logger.error("not kept for the next start", metadata: ["error": "\(error)"])
            self.unsaved = unsaved
        }
    }

    // MARK: Follow the store

    private func follow() async {
        await daemons.untilSettled()
        var retries = 0
        let (ticks, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = store.watch([WellKnown.release])
        let feeder = Task { for await _ in watch { continuation.yield() } }
        defer { feeder.cancel() }
        for await _ in ticks {
            do {
                try await catchUp()
                retries = 0
                deploymentFault = nil
            } catch is CancellationError {
                return
            } catch {
                let fault = "\(error)"
                if deploymentFault != fault { logger.error("not deployed: the last release stays", metadata: ["error": "\(error)"]) }
                deploymentFault = fault
                statistics.failures += 1
                retries += 1
                let wait = Duration.milliseconds(min(30_000, 200 << min(retries, 8)))
                Task {
                    try? await Task.sleep(for: wait)
                    continuation.yield()
                }
            }
            await report()
            if Task.isCancelled { return }
        }
    }

    /// Deploys the newest release, if it is newer than what is live.
    private func catchUp() async throws {
        guard let stored = try await store.decoded(WellKnown.release, SignedRelease.init(decoding:)) else { return }
        if let deployed, deployed.signed == stored.value { return await seedIfHere(deployed.release.checkpoint) }
        let release = try stored.value.verified(by: settings.keys, pipeline: settings.pipeline)
        if let deployed, release.number == deployed.release.number, release.content == deployed.release.content { return }
        // At the same number the disk may have failed us; anything lower is a replay.
        guard release.number > highest || (deployed == nil && release.number == highest) else {
            throw ProxyError(.replayed, "release \(release.number) is older than \(highest), which was deployed here")
        }
        try await deploy(release, stored.value)
        await seedIfHere(release.checkpoint)
    }

    /// Seeds a checkpoint whose files are here anyway: peers may want them.
    private func seedIfHere(_ checkpoint: Checkpoint) async {
        guard !seeded.contains(where: { $0.checkpoint == checkpoint }), let deployed, deployed.listing.content == checkpoint.content
        else { return }
        do {
            let have = try contents.layOut(deployed.listing, of: checkpoint)
            guard have.count == deployed.listing.files.count, let metadata = try await store.get(checkpoint.torrent) else { return }
            try await distribution.seed(.init(metadata: metadata, infoHash: checkpoint.infoHash), contents.directory(of: checkpoint))
            await note(checkpoint, deployed.listing)
        } catch {
            // Others do; this server has all that it needs.
            logger.warning("the checkpoint is not seeded", metadata: ["error": "\(error)"])
        }
    }

    /// Seeds and keeps the last two checkpoints, and what is deployed.
    private func note(_ checkpoint: Checkpoint, _ listing: Listing) async {
        seeded.append((checkpoint, listing))
        while seeded.count > 2 { await distribution.drop(seeded.removeFirst().checkpoint.infoHash) }
        contents.keep(seeded.map(\.listing) + [deployed?.listing].compactMap { $0 }, of: seeded.map(\.checkpoint))
    }

    private func deploy(_ release: Release, _ signed: SignedRelease) async throws {
        let begun = ContinuousClock.now
        var trace = release.trace
        let outcome = try await files(of: release)
        trace = trace.adding(.fetched, at: .now())

        let before = deployed
        // Zones change seldom; their names are read when they do.
        let sameZones = before.map { $0.listing[Listing.Path.zones] == outcome.listing[Listing.Path.zones] } ?? false
        let zones = sameZones ? before!.zones : try contents.zones(in: outcome.listing)
        let template = try contents.unboundZones(in: outcome.listing)
        let state = try Deployed(signed, release, outcome.listing, zones: zones)
        let changes = try before.map { try contents.changes(from: $0.listing, to: outcome.listing) }
        isBetweenReleases = true
        defer { isBetweenReleases = false }
        try swapIn(state, changes)
        trace = trace.adding(.deployed, at: .now())
        do {
            let seen = try await proveServed(state, at: settings.tinydns.server, recursionDesired: false)
            status.tinydns = seen
            trace = trace.adding(.seenThroughTinydns, at: seen.at)
        } catch {
            // tinydns does not serve it: the release before returns.
            if before != nil { try database.takeBack() }
            throw error
        }
        deployed = state
        highest = release.number
        status.release = release.number
        deploymentFault = nil
        saveSoon(outcome)
        // The first is kept at once: nothing older would do.
        if before == nil { save() }

        stale.add(changed: changes ?? [:], in: Array(Set(zones + (before?.zones ?? []))))
        // The others have a TTL of zero too; this one is read back within the second.
        if let stamp = state.stamps.first { stale.add(stamp, .txt) }
        if let seen = await showThroughUnbound(state, template) { trace = trace.adding(.seenThroughUnbound, at: seen.at) }
        if before?.release.content != release.content {
            status.trace = trace
            status.tracedRelease = release.number
        }
        statistics.deployed(release, trace: trace, took: ContinuousClock.now - begun)
        await report()
        logger.info(
            "deployed",
            metadata: [
                "release": "\(release.number)", "cause": "\(release.trace.cause)", "moved": "\(status.movedFiles) files",
                "took": "\(ContinuousClock.now - begun)",
            ])
        do {
            try database.settle()
        } catch {
            logger.warning("the next change makes the database anew", metadata: ["error": "\(error)"])
        }
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

    /// Gives unbound the zones, makes it forget what changed, reads the stamp through it.
    ///
    /// tinydns is right already, so nothing is taken back if this fails: what is stale
    /// stays on the list, and the next probe tries again.
    private func showThroughUnbound(_ state: Deployed, _ zones: String) async -> Deployment.Seen? {
        do {
            try await daemons.setZones(zones)
            // More may become stale while we flush: only what failed goes back on the list.
            let flushing = stale
            stale = StaleNames()
            do {
                try await daemons.flush(flushing)
            } catch {
                stale.formUnion(flushing)
                throw error
            }
            let seen = try await proveServed(state, at: settings.unbound.server, recursionDesired: true)
            status.unbound = seen
            unboundFault = nil
            return seen
        } catch {
            let fault = "\(error)"
            if unboundFault != fault { logger.error("unbound does not show the release", metadata: ["error": "\(error)"]) }
            unboundFault = fault
            return nil
        }
    }

    /// Brings the files of a release here: by deltas from what is deployed, if they lead
    /// there, else by the checkpoint in the swarm and deltas from that.
    private func files(of release: Release) async throws -> ReleaseContents.Outcome {
        (status.downloaded, status.keptFiles, status.movedFiles) = (0, 0, 0)
        if let deployed {
            if let route = release.route(from: deployed.listing.content) {
                return try contents.apply(route, to: deployed.listing)
            }
            // Further behind than the release tells of, or on another track.
            if let route = release.route(from: deployed.listing.content, earlier: try await log(of: release)) {
                return try contents.apply(route, to: deployed.listing)
            }
        }
        let checkpoint = release.checkpoint
        let listing: Listing
        if let known = seeded.first(where: { $0.checkpoint == checkpoint }) {
            listing = known.listing
        } else {
            listing = try Listing(decoding: try await store.require(checkpoint.listing))
            guard listing.content == checkpoint.content else {
                throw ProxyError(.damaged, "the checkpoint's listing is not of the content that was signed")
            }
            try await fetch(checkpoint, listing)
            await note(checkpoint, listing)
        }
        guard let route = release.route(from: checkpoint.content, earlier: try await log(of: release)) else {
            throw ProxyError(.damaged, "no deltas lead from the checkpoint to release \(release.number)")
        }
        return try contents.apply(route, to: listing)
    }

    private func log(of release: Release) async throws -> [Delta] {
        var deltas: [Delta] = []
        for digest in release.log { deltas += try Delta.decode(try await store.require(digest)) }
        return deltas
    }

    private func fetch(_ checkpoint: Checkpoint, _ listing: Listing) async throws {
        // Of an attempt that failed: its files are laid out anew.
        await distribution.drop(checkpoint.infoHash)
        let have = try contents.layOut(listing, of: checkpoint)
        status.keptFiles = have.count
        status.movedFiles = listing.files.count - have.count
        // Signed by its digest, which the store checks; the swarm checks the info-hash.
        let torrent = Distribution.Torrent(metadata: try await store.require(checkpoint.torrent), infoHash: checkpoint.infoHash)
        let directory = contents.directory(of: checkpoint)
        // Peers come and go while we fetch: each change of the store's leases is passed on.
        // Only the new ones: dialling interrupts the torrent for a moment.
        let distribution = distribution
        let peers = try await peers()
        let changes = store.watch([WellKnown.proxies, WellKnown.seeders])
        let introductions = Task {
            var known = Set(peers)
            for await _ in changes {
                let new = Set((try? await self.peers()) ?? []).subtracting(known)
                if new.isEmpty { continue }
                known.formUnion(new)
                await distribution.addPeers(checkpoint.infoHash, new.sorted())
            }
        }
        defer { introductions.cancel() }
        status.downloaded = try await distribution.fetch(torrent, directory, have, peers)
        statistics.downloaded += status.downloaded
        try contents.takeIn(listing, of: checkpoint, except: have)
    }

    /// Swarm addresses of the seeders and of the other proxies, as their leases say.
    private func peers() async throws -> [String] {
        var peers: [String] = []
        for key in try await store.list(WellKnown.seeders) {
            if let lease = try await store.read(key) { peers.append(String(decoding: lease.value, as: UTF8.self)) }
        }
        for key in try await store.list(WellKnown.proxies) where key.name != settings.host {
            if let lease = try await store.read(key), let other = try? Deployment(decoding: lease.value) {
                peers.append(other.swarmAddress)
            }
        }
        return peers
    }

    /// Reads a stamp back until it is the release's, for at most three seconds.
    private func proveServed(_ state: Deployed, at server: DNSClient.Server, recursionDesired: Bool) async throws -> Deployment.Seen {
        let release = state.release, stamp = release.stamp
        guard let owner = state.stamps.first else {
            return Deployment.Seen(at: .now(), release: release.number, published: release.published)
        }
        let deadline = ContinuousClock.now + .seconds(3)
        var last: StampCheck
        repeat {
            last = await read(owner, at: server, recursionDesired: recursionDesired)
            if let reading = last.reading, reading.agrees(with: stamp) {
                return Deployment.Seen(at: .now(), release: reading.release, published: reading.published)
            }
            try await Task.sleep(for: .milliseconds(5))
        } while ContinuousClock.now < deadline
        let said = last.fault ?? "release \(last.reading?.release ?? 0)"
        throw ProxyError(.daemon, "\(server) does not show release \(release.number): \(said)")
    }

    private func read(_ owner: Name, at server: DNSClient.Server, recursionDesired: Bool) async -> StampCheck {
        await StampCheck.read(
            owner, at: server, recursionDesired: recursionDesired, pipeline: settings.pipeline, bound: settings.freshness,
            client: client)
    }

    // MARK: Between releases

    private func probeRegularly() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: settings.probeInterval)
            guard let state = deployed, let owner = state.stamps.first else { continue }
            let through = (
                await read(owner, at: settings.tinydns.server, recursionDesired: false),
                await read(owner, at: settings.unbound.server, recursionDesired: true)
            )
            // Whoever deploys meanwhile says what is shown.
            guard !isBetweenReleases else { continue }
            note(through.0, in: \.tinydns)
            note(through.1, in: \.unbound)
            if unboundFault != nil || !stale.isEmpty, let zones = try? contents.unboundZones(in: state.listing) {
                _ = await showThroughUnbound(state, zones)
            }
            await report()
        }
    }

    private func note(_ check: StampCheck, in path: WritableKeyPath<Deployment, Deployment.Seen?>) {
        let last = status[keyPath: path]
        if let fault = check.fault, last?.fault == nil { logger.warning("freshness", metadata: ["fault": "\(fault)"]) }
        let reading = check.reading
        status[keyPath: path] = Deployment.Seen(
            at: .now(), release: reading?.release ?? last?.release ?? 0,
            published: reading?.published ?? last?.published ?? Instant(milliseconds: 0), fault: check.fault)
    }

    /// Tells the store, if there is news: a thousand proxies that say each few seconds
    /// that nothing changed would keep it busy.
    private func report() async {
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
