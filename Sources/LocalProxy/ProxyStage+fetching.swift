internal import Logging
internal import Pipeline

/// Getting the files of a release here, and giving them to others.
extension ProxyStage {
    /// Seeds a checkpoint whose files are here anyway: peers may want them.
    func seedIfHere(_ checkpoint: Checkpoint) async {
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
    func note(_ checkpoint: Checkpoint, _ listing: Listing) async {
        seeded.removeAll { $0.checkpoint == checkpoint }
        seeded.append((checkpoint, listing))
        while seeded.count > 2 { await distribution.drop(seeded.removeFirst().checkpoint.infoHash) }
        contents.keep(seeded.map(\.listing) + [deployed?.listing, onDisk].compactMap { $0 }, of: seeded.map(\.checkpoint))
    }

    /// Brings the files of a release here: by deltas from what is deployed, if they lead
    /// there, else by the checkpoint in the swarm and deltas from that.
    func files(of release: Release) async throws -> ReleaseContents.Outcome {
        (status.downloaded, status.keptFiles, status.movedFiles) = (0, 0, 0)
        if let deployed, !isDamaged {
            do {
                if let route = release.route(from: deployed.listing.content) { return try contents.apply(route, to: deployed.listing) }
                // Further behind than the release tells of, or on another track.
                if let route = release.route(from: deployed.listing.content, earlier: try await log(of: release)) {
                    return try contents.apply(route, to: deployed.listing)
                }
            } catch {
                logger.warning("the deltas do not apply here: taking the checkpoint", metadata: ["error": "\(error)"])
            }
        }
        let checkpoint = release.checkpoint
        let listing: Listing
        if let known = seeded.first(where: { $0.checkpoint == checkpoint }), contents.isComplete(known.listing) {
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
            throw ProxyError(.unproven, "no deltas lead from the checkpoint to release \(release.number)")
        }
        var outcome = try contents.apply(route, to: listing)
        outcome.written += listing.files.map(\.digest)
        return outcome
    }

    func log(of release: Release) async throws -> [Delta] {
        var deltas: [Delta] = []
        for digest in release.log { deltas += try Delta.decode(try await store.require(digest)) }
        return deltas
    }

    func fetch(_ checkpoint: Checkpoint, _ listing: Listing) async throws {
        // Of an attempt that failed: its files are laid out anew.
        await distribution.drop(checkpoint.infoHash)
        let have = try contents.layOut(listing, of: checkpoint)
        status.keptFiles = have.count
        status.movedFiles = listing.files.count - have.count
        // Signed by its digest, which the store checks; the swarm checks the info-hash.
        let torrent = Distribution.Torrent(metadata: try await store.require(checkpoint.torrent), infoHash: checkpoint.infoHash)
        let directory = contents.directory(of: checkpoint)
        let introductions = Introductions(await peers(of: checkpoint))
        let distribution = distribution
        let running = Task {
            await introductions.run(changes: store.watch([WellKnown.proxies, WellKnown.seeders], for: .names)) { isPatient in
                await self.peers(of: checkpoint, isPatient: isPatient)
            } introduce: {
                await distribution.addPeers(checkpoint.infoHash, $0)
            }
        }
        defer { running.cancel() }
        let newest = newestSeen
        status.downloaded = try await withThrowingTaskGroup(of: UInt64?.self) { group in
            group.addTask { try await distribution.fetch(torrent, directory, have, introductions.first) { introductions.heard() } }
            group.addTask {
                await self.untilNeedless(checkpoint, newest, introductions)
                return nil
            }
            defer { group.cancelAll() }
            if let moved = try await group.next() ?? nil { return moved }
            throw ProxyError(.overtaken, "a newer release needs nothing of the checkpoint that does not come")
        }
        statistics.downloaded += status.downloaded
        try contents.takeIn(listing, of: checkpoint, except: have)
    }

    /// Returns when nothing comes of a checkpoint any more, and a release that came meanwhile
    /// can do without. What still comes is waited for: where each bulk overtakes the one
    /// before, none would ever be deployed.
    private func untilNeedless(_ checkpoint: Checkpoint, _ newest: UInt64, _ introductions: Introductions) async {
        for await _ in store.watch([WellKnown.release, WellKnown.candidate]) {
            guard await canDoWithout(checkpoint, newest) else { continue }
            guard await introductions.untilQuiet() else { return }
            if await canDoWithout(checkpoint, newest) { return }
        }
    }

    /// Whether what would be taken up now is newer than `newest`, and has another checkpoint or
    /// follows from what is deployed.
    private func canDoWithout(_ checkpoint: Checkpoint, _ newest: UInt64) async -> Bool {
        var next = await aheadOfTheFleet()?.1
        if next == nil {
            let stored = try? await store.decoded(WellKnown.release, SignedRelease.init(decoding:))
            next = try? stored?.value.verified(by: settings.keys, pipeline: settings.pipeline)
        }
        guard let next, next.number > newest, next.isFor(host: settings.host, labels: settings.labels) else { return false }
        return next.checkpoint != checkpoint || (!isDamaged && deployed.flatMap { next.route(from: $0.listing.content) } != nil)
    }

    /// Swarm addresses to ask for a checkpoint, as the leases say. Empty if the store does not answer.
    ///
    /// - Parameter isPatient: whether nobody need be bothered who is not a neighbour.
    func peers(of checkpoint: Checkpoint, isPatient: Bool = true) async -> [String] {
        do {
            let hosts = try await store.list(WellKnown.proxies).map(\.name).filter { $0 != settings.host }
            let neighbours = Neighbours(of: settings.host, among: hosts, content: checkpoint.content)
            var peers: [String] = []
            if neighbours.asksPublisher || !isPatient {
                for key in try await store.list(WellKnown.seeders) {
                    if let lease = try await store.read(key) { peers.append(String(decoding: lease.value, as: UTF8.self)) }
                }
            }
            var leases: [String: Deployment] = [:]
            for host in Set(neighbours.earlier + neighbours.candidates) {
                guard let lease = try await store.read(try WellKnown.proxies.appending(host)) else { continue }
                leases[host] = try? Deployment(decoding: lease.value)
            }
            return peers + (isPatient ? neighbours.addresses(labels: settings.labels, leases) : leases.values.map(\.swarmAddress))
        } catch {
            logger.warning("no peers are known", metadata: ["error": "\(error)"])
            return []
        }
    }
}
