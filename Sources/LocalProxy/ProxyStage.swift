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
    private let deployer: Deployer
    private let daemons: Daemons
    private let presence: Presence
    private let client = DNSClient()

    /// What is live; kept on disk too, so that a restart serves at once.
    private var deployed: Release?
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
    /// The release before, until the deployed one has proven itself.
    private var before: Release?
    private var seeded: [[UInt8]] = []
    public private(set) var status: Deployment
    private var statistics = ProxyStatistics()

    public init(settings: ProxySettings, store: any Store, distribution: Distribution, logger: Logger) throws {
        self.settings = settings
        self.store = store
        self.distribution = distribution
        self.logger = logger
        deployer = try Deployer(settings)
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
        await presence.end()
    }

    /// Metrics in the Prometheus text format.
    public func metrics() -> String {
        ProxyMetrics.text(status, statistics, freshness: settings.freshness, now: .now())
    }

    // MARK: Restart

    /// Takes up the release on disk: the store need not be there.
    private func restore() throws {
        var template: String?
        try daemons.prepare(zonesTemplate: nil)
        if let octets = try? Data(contentsOf: URL(filePath: signedPath)) {
            do {
                let signed = try SignedRelease(decoding: [UInt8](octets))
                let release = try signed.verified(by: settings.keys, pipeline: settings.pipeline)
                highest = release.number
                if !deployer.isInPlace(release) {
                    logger.warning("the database on disk is not the deployed one: making it anew")
                    _ = try deployer.swapIn(release, previous: nil)
                }
                template = try deployer.unboundZones(of: release)
                deployed = release
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

    private var signedPath: String { "\(settings.directory)/deployed.release" }

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
        let release = try stored.value.verified(by: settings.keys, pipeline: settings.pipeline)
        if let deployed, release.number == deployed.number, release.content == deployed.content {
            return try await serveDeployed(release)
        }
        // At the same number the disk may have failed us; anything lower is a replay.
        guard release.number > highest || (deployed == nil && release.number == highest) else {
            throw ProxyError(.replayed, "release \(release.number) is older than \(highest), which was deployed here")
        }
        try await deploy(release, stored.value)
    }

    /// After a restart: the files are here, so peers may have them.
    private func serveDeployed(_ release: Release) async throws {
        guard !seeded.contains(release.infoHash) else { return }
        let have = try deployer.layOut(release)
        guard have.count == release.files.count, let metadata = try await store.get(release.torrent) else { return }
        try await distribution.seed(.init(metadata: metadata, infoHash: release.infoHash), deployer.directory(of: release))
        seeded.append(release.infoHash)
    }

    private func deploy(_ release: Release, _ signed: SignedRelease) async throws {
        let begun = ContinuousClock.now
        var trace = release.trace
        try await fetch(release)
        trace = trace.adding(.fetched, at: .now())

        let zones = try deployer.unboundZones(of: release)
        isBetweenReleases = true
        defer { isBetweenReleases = false }
        let changes = try deployer.swapIn(release, previous: deployed)
        trace = trace.adding(.deployed, at: .now())
        do {
            let seen = try await proveServed(release, at: settings.tinydns.server, recursionDesired: false)
            status.tinydns = seen
            trace = trace.adding(.seenThroughTinydns, at: seen.at)
        } catch {
            // tinydns does not serve it: the release before returns.
            if deployed != nil { try deployer.swapBack() }
            throw error
        }
        try Files.replace(signedPath, with: signed.encoded, durable: true)
        before = deployed
        deployed = release
        highest = release.number
        status.release = release.number
        deploymentFault = nil

        stale.add(changed: changes, in: Array(Set(release.zones + (before?.zones ?? []))))
        for stamp in release.stamps { stale.add(stamp, .txt) }
        if let seen = await showThroughUnbound(release, zones) { trace = trace.adding(.seenThroughUnbound, at: seen.at) }
        if before?.content != release.content {
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
        await tidy()
    }

    /// Gives unbound the zones, makes it forget what changed, reads the stamp through it.
    ///
    /// tinydns is right already, so nothing is taken back if this fails: what is stale
    /// stays on the list, and the next probe tries again.
    private func showThroughUnbound(_ release: Release, _ zones: String) async -> Deployment.Seen? {
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
            let seen = try await proveServed(release, at: settings.unbound.server, recursionDesired: true)
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

    private func fetch(_ release: Release) async throws {
        // Of an attempt that failed: its files are laid out anew.
        await distribution.drop(release.infoHash)
        seeded.removeAll { $0 == release.infoHash }
        let have = try deployer.layOut(release)
        status.keptFiles = have.count
        status.movedFiles = release.files.count - have.count
        // Signed by its digest, which the store checks; the swarm checks the info-hash.
        let torrent = Distribution.Torrent(metadata: try await store.require(release.torrent), infoHash: release.infoHash)
        let directory = deployer.directory(of: release)
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
                await distribution.addPeers(release.infoHash, new.sorted())
            }
        }
        defer { introductions.cancel() }
        status.downloaded = try await distribution.fetch(torrent, directory, have, peers)
        statistics.downloaded += status.downloaded
        seeded.append(release.infoHash)
        try deployer.takeIn(release, except: have)
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
    private func proveServed(_ release: Release, at server: DNSClient.Server, recursionDesired: Bool) async throws -> Deployment.Seen {
        guard let owner = release.stamps.first else {
            return Deployment.Seen(at: .now(), release: release.number, published: release.published)
        }
        let stamp = Stamp(
            pipeline: release.pipeline, release: release.number, published: release.published, content: release.content)
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
            guard let release = deployed, let owner = release.stamps.first else { continue }
            let through = (
                await read(owner, at: settings.tinydns.server, recursionDesired: false),
                await read(owner, at: settings.unbound.server, recursionDesired: true)
            )
            // Whoever deploys meanwhile says what is shown.
            guard !isBetweenReleases else { continue }
            note(through.0, in: \.tinydns)
            note(through.1, in: \.unbound)
            if unboundFault != nil || !stale.isEmpty, let zones = try? deployer.unboundZones(of: release) {
                _ = await showThroughUnbound(release, zones)
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

    /// Seeds and keeps the deployed release and the one before, nothing else.
    private func tidy() async {
        let kept = [deployed, before].compactMap { $0 }
        for infoHash in Set(seeded).subtracting(kept.map(\.infoHash)) { await distribution.drop(infoHash) }
        seeded.removeAll { hash in !kept.contains { $0.infoHash == hash } }
        deployer.keep(kept)
    }
}

extension Deployment.Seen {
    fileprivate func tells(sameAs other: Deployment.Seen?) -> Bool {
        release == other?.release && published == other?.published && fault == other?.fault
    }
}
