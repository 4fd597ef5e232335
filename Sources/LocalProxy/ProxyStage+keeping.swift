internal import DNSWire
internal import Foundation
internal import Logging
internal import Pipeline

extension ProxyStage {
    /// A release, with the files that its content stands for.
    struct Deployed {
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
            stamps = Stamp.owners(in: zones)
        }

        var stampShard: Shard { Shard(stamps: stamps, release.stamp) }
    }

    var keptPath: String { "\(settings.directory)/deployed.release" }

    /// As ``keptPath``, written before tinydns shows the release, and never waited for: it outlives
    /// the process, and perhaps not a power loss.
    var newestPath: String { "\(settings.directory)/deployed.newest" }

    /// Takes up the newest release on disk that is whole: the store need not be there.
    func restore() throws {
        try daemons.prepare(zonesTemplate: nil)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: settings.directory)) ?? []
        where name.hasPrefix("deployed.") && name.contains(".partial-") {
            try? FileManager.default.removeItem(atPath: "\(settings.directory)/\(name)")
        }
        let kept = [newestPath, keptPath].compactMap(verified).sorted { $0.release.number > $1.release.number }
        onDisk = verified(keptPath)?.kept.listing
        for (kept, release) in kept where deployed == nil {
            highest = release.number
            do { try restore(kept, release) } catch {
                logger.error(
                    "a release on disk is not usable", metadata: ["release": "\(release.number)", "error": "\(error)"])
            }
        }
        if deployed == nil {
            highest = kept.first?.release.number ?? 0
            if database.setAsideAfterBoot() { logger.error("the database may be torn by a power loss: tinydns waits for a release") }
        }
    }

    private func verified(_ path: String) -> (kept: KeptRelease, release: Release)? {
        guard let octets = try? Data(contentsOf: URL(filePath: path)) else { return nil }
        do {
            let kept = try KeptRelease(decoding: [UInt8](octets))
            return (kept, try kept.signed.verified(by: settings.keys, pipeline: settings.pipeline))
        } catch {
            logger.error("a release on disk is not usable", metadata: ["path": "\(path)", "error": "\(error)"])
            return nil
        }
    }

    private func restore(_ kept: KeptRelease, _ release: Release) throws {
        guard kept.listing.content == release.content else {
            throw ProxyError(.damaged, "the files on disk are not those of the release")
        }
        let state = try Deployed(kept.signed, release, kept.listing, zones: try contents.zones(in: kept.listing))
        let template = try contents.unboundZones(in: kept.listing)
        // What tinydns reads now may be no release's, or one's that did not prove itself.
        try makeDatabase(of: state)
        deployed = state
        (status.release, status.content) = (release.number, release.content)
        status.trace = release.trace
        status.tracedRelease = release.number
        logger.info("serving from disk", metadata: ["release": "\(release.number)"])
        try daemons.prepare(zonesTemplate: template)
        if onDisk != state.listing {
            unsaved.written = Set(state.listing.files.map(\.digest))
            saveSoon()
        }
    }

    /// Notes what tinydns is about to show: who is killed then does not go back to what was before.
    func note(_ state: Deployed) {
        // A full disk is told by those who cannot do without it.
        try? Files.replace(newestPath, with: KeptRelease(signed: state.signed, listing: state.listing).encoded)
    }

    func makeDatabase(of state: Deployed) throws {
        let fragments = try state.listing.fragments.map { try contents.octets(of: $0) }
        try database.replace(fragments: fragments, stamps: state.stampShard)
    }

    /// Keeps what is deployed for the next start, soon: waiting for the disk at each of a
    /// hundred releases a second would take longer than all else, and who starts from an
    /// older one catches up.
    func saveSoon(_ outcome: ReleaseContents.Outcome? = nil) {
        unsaved.written.formUnion(outcome?.written ?? [])
        unsaved.replaced.formUnion(outcome?.replaced ?? [])
        unsaved.isDue = true
        guard saver == nil else { return }
        saver = Task {
            var wait = Duration.milliseconds(500)
            while unsaved.isDue, !Task.isCancelled {
                try? await Task.sleep(for: wait)
                save()
                // The disk may be full: not for ever, one hopes.
                wait = .seconds(5)
            }
            saver = nil
        }
    }

    func save() {
        guard unsaved.isDue, let deployed else { return }
        do {
            let live = Set(deployed.listing.files.map(\.digest))
            let written = unsaved.written.intersection(live)
            if written.count > 8 {
                try Files.synchronizeFileSystem(of: contents.contents.directory)
            } else if !written.isEmpty {
                for digest in written { try Files.synchronize(contents.contents.path(digest)) }
                try Files.synchronize(contents.contents.directory)
            }
            try Files.replace(keptPath, with: KeptRelease(signed: deployed.signed, listing: deployed.listing).encoded, durable: true)
            onDisk = deployed.listing
            unsaved.written = []
            unsaved.isDue = false
            // A release on its way may have files again that the last one had not.
            guard !isDeploying else { return }
            let needed = seeded.reduce(live) { $0.union($1.listing.files.map(\.digest)) }
            for digest in unsaved.replaced.subtracting(needed) { contents.contents.remove(digest) }
            unsaved.replaced = []
        } catch {
            logger.error("not kept for the next start: will try again", metadata: ["error": "\(error)"])
        }
    }

    /// What there is to write down.
    struct Unsaved {
        var isDue = false
        /// Contents that the disk does not have for sure yet.
        var written: Set<Digest> = []
        /// Contents that nobody needs once the rest is written down.
        var replaced: Set<Digest> = []
    }
}
