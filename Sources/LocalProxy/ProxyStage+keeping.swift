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

    /// Takes up the release on disk: the store need not be there.
    func restore() throws {
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
                (status.release, status.content) = (release.number, release.content)
                status.trace = release.trace
                status.tracedRelease = release.number
                logger.info("serving from disk", metadata: ["release": "\(release.number)"])
                onDisk = state.listing
            } catch {
                logger.error("the release on disk is not usable: waiting for the store", metadata: ["error": "\(error)"])
            }
        }
        if deployed == nil, database.setAsideAfterBoot() {
            logger.error("the database may be torn by a power loss: tinydns waits for a release")
        }
        if let template { try daemons.prepare(zonesTemplate: template) }
    }

    func makeDatabase(of state: Deployed) throws {
        let fragments = try state.listing.fragments.map { try contents.octets(of: $0) }
        try database.replace(fragments: fragments, stamps: state.stampShard)
    }

    /// Keeps what is deployed for the next start, soon: waiting for the disk at each of a
    /// hundred releases a second would take longer than all else, and who starts from an
    /// older one catches up.
    func saveSoon(_ outcome: ReleaseContents.Outcome) {
        unsaved.written.formUnion(outcome.written)
        unsaved.replaced.formUnion(outcome.replaced)
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
