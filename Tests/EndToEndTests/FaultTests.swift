import DNSClient
import DNSWire
import Foundation
import Logging
import Pipeline
import Swarm
import TestSupport
import Testing
import ZooKeeper

/// What a proxy keeps serving when others fail, or lie.
@Suite(.serialized)
struct FaultTests {
    @Test func aKilledProxyLeavesItsNameServersAndCatchesUp() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0)
            try fleet.startProxy(1)
            try await fleet.waitForHead(2)
            await fleet.kill("p1")
            let inventory = try String(contentsOfFile: fleet.site + "/inventory/servers.yaml", encoding: .utf8)
            try fleet.write("site/inventory/servers.yaml", inventory.replacingOccurrences(of: "192.0.2.10,", with: "192.0.2.11,"))
            try await fleet.commit("web1 moves")
            try await fleet.waitForHead(1)
            #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.11"])
            #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.unbound(1)) == ["192.0.2.10"])
            try fleet.startProxy(1)
            try await fleet.waitForHead(2)
            #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.unbound(1)) == ["192.0.2.11"])
            #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.tinydns(1)) == ["192.0.2.11"])
        }
    }

    @Test func withoutTheStoreAProxyServesAndRestartsFromItsDisk() async throws {
        try await withFleet(.zooKeeper) { fleet in
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            await fleet.zooKeeper?.stop()
            #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.10"])
            await fleet.kill("p0")
            #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.tinydns(0)) == ["192.0.2.10"])
            // A damaged file of the past is made anew, with no store to ask.
            try Data("torn".utf8).write(to: URL(filePath: fleet.proxyDirectory(0) + "/tinydns/data.cdb"))
            try fleet.startProxy(0)
            try await eventually("it serves from its disk", within: .seconds(30)) {
                (try? await fleet.ask("web1.mirrors.test", .a, at: fleet.tinydns(0))) == ["192.0.2.10"]
            }
        }
    }

    /// Each lie is told in the store, where the proxy looks; none is believed.
    @Test func liesAreRefusedAndTheLastReleaseStays() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            // A second release, by heartbeat, so that there is an older one to replay.
            #expect(try await fleet.freshet("wait", "--release", "2", "--timeout", "30").status == 0)
            // The Publisher would put its own release over ours.
            await fleet.kill("publisher")
            let store = try EmbeddedStore(directory: fleet.store)
            let genuine = try #require(try await store.read(WellKnown.release))
            let signed = try SignedRelease(decoding: genuine.value)
            let release = try Release(decoding: signed.body)
            let key = try SigningKey(parsing: try String(contentsOfFile: fleet.directory.path + "/keys/release.private", encoding: .utf8))

            func tell(_ lie: SignedRelease, expecting fault: String) async throws {
                let version = try #require(try await store.read(WellKnown.release)).version
                try await store.write(lie.encoded, at: WellKnown.release, expecting: version)
                try await eventually("the proxy refuses: \(fault)", within: .seconds(30)) {
                    let status = try await fleet.freshet("status", "--json").output
                    return status.contains(fault)
                }
                #expect(try await fleet.ask("web1.mirrors.test", .a, at: fleet.tinydns(0)) == ["192.0.2.10"])
            }

            var next = release
            next.number += 10
            try await tell(try SignedRelease(next, signedBy: .generate(name: "release")), expecting: "not signed by any pinned key")
            var flipped = try SignedRelease(next, signedBy: key)
            flipped.body[flipped.body.count / 2] ^= 1
            try await tell(flipped, expecting: "not signed by any pinned key")
            var foreign = next
            foreign.pipeline = "other"
            try await tell(try SignedRelease(foreign, signedBy: key), expecting: "another pipeline")
            var old = release
            old.number = 1
            old.published = Instant(milliseconds: release.published.milliseconds - 1)
            try await tell(try SignedRelease(old, signedBy: key), expecting: "is older than")
            var untrue = next
            untrue.content = Digest(of: [2])
            untrue.deltas = [Delta(from: release.content, to: untrue.content, splices: try lies(in: try await listing(release, store)))]
            try await tell(try SignedRelease(untrue, signedBy: key), expecting: "is not made by its delta")
            try await tell(try await withSwarmOfLies(fleet, next, key, store), expecting: "is not what was signed")

            await store.close()

            // The truth is taken up again when it comes.
            try fleet.start("publisher")
            let after = "\(next.number + 1)"
            #expect(try await fleet.freshet("wait", "--release", after, "--timeout", "30").status == 0)
        }
    }

    /// Nobody has the files of one release: the next one, which does not need them, need not wait.
    @Test func whatDoesNotComeIsNotWaitedForOnceItIsOvertaken() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            await fleet.kill("publisher")
            let store = try EmbeddedStore(directory: fleet.store)
            let signed = try SignedRelease(decoding: try #require(try await store.read(WellKnown.release)).value)
            let release = try Release(decoding: signed.body)
            let key = try SigningKey(parsing: try String(contentsOfFile: fleet.directory.path + "/keys/release.private", encoding: .utf8))
            func put(_ number: UInt64, _ change: (inout Release) -> Void = { _ in }) async throws {
                var next = release
                (next.number, next.published) = (number, .now())
                change(&next)
                let version = try #require(try await store.read(WellKnown.release)).version
                try await store.write(try SignedRelease(next, signedBy: key).encoded, at: WellKnown.release, expecting: version)
            }
            func deployment() async throws -> Deployment {
                try Deployment(decoding: try #require(try await store.read(try WellKnown.proxies.appending("p0"))).value)
            }

            let missing = try await withoutSeeder(fleet, release, store)
            try await put(release.number + 10) { next in
                next.content = missing.content
                (next.checkpoint, next.log, next.deltas) = (missing, [], [])
            }
            let laidOut = "\(fleet.proxyDirectory(0))/checkpoints/\(missing.content.hex)/release"
            try await eventually("the proxy waits for files that nobody has") { FileManager.default.fileExists(atPath: laidOut) }
            // It repeats what is deployed.
            let start = ContinuousClock.now
            try await put(release.number + 20)
            try await eventually("the newer one is deployed") { try await deployment().release == release.number + 20 }
            #expect(ContinuousClock.now - start < .seconds(6), "it would be ten until the swarm gives up")
            #expect(try await deployment().fault == nil)
            await store.close()
        }
    }

    /// A checkpoint with a file that is nowhere.
    private func withoutSeeder(_ fleet: Fleet, _ release: Release, _ store: any Store) async throws -> Checkpoint {
        let directory = fleet.directory.path + "/missing"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var listing = try await listing(release, store)
        let altered = try #require(listing.fragments.first)
        for file in listing.files {
            var octets = try Data(contentsOf: URL(filePath: "\(fleet.proxyDirectory(0))/contents/\(file.digest.hex)"))
            if file == altered { octets[octets.count - 1] ^= 1 }
            try octets.write(to: URL(filePath: "\(directory)/\(file.path)"))
            if file == altered { listing.set(Listing.File(path: file.path, digest: Digest(of: octets), size: file.size)) }
        }
        let metadata = try await TorrentMetadata.make(directory: directory)
        let blobs = try await store.put([metadata.encoded, listing.encoded])
        return Checkpoint(content: listing.content, listing: blobs[1], torrent: blobs[0], infoHash: metadata.infoHash)
    }

    private func listing(_ release: Release, _ store: any Store) async throws -> Listing {
        try Listing(decoding: try await store.require(release.checkpoint.listing))
    }

    /// Signed, and yet it does not make what it promises.
    private func lies(in listing: Listing) throws -> [Splice] {
        let file = try #require(listing.fragments.first)
        return [Splice(path: file.path, offset: 0, removed: 1, inserted: [7], outcome: Listing.File(path: file.path, digest: Digest(of: [3]), size: file.size))]
    }

    /// A release whose torrent carries other octets than its digests promise, and a
    /// peer that seeds them: only our own digests can tell.
    private func withSwarmOfLies(
        _ fleet: Fleet, _ release: Release, _ key: SigningKey, _ store: any Store
    ) async throws -> SignedRelease {
        let directory = fleet.directory.path + "/lies"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let listing = try await listing(release, store)
        let altered = try #require(listing.fragments.first)
        for file in listing.files {
            var octets = try Data(contentsOf: URL(filePath: "\(fleet.proxyDirectory(0))/contents/\(file.digest.hex)"))
            if file == altered { octets[octets.count - 1] ^= 1 }
            try octets.write(to: URL(filePath: "\(directory)/\(file.path)"))
        }
        let swarm = try await Swarm(listen: PeerAddress(host: "127.0.0.1", port: 0), logger: Logger(label: "liar"))
        let metadata = try await TorrentMetadata.make(directory: directory)
        try await swarm.seed(metadata, directory: directory)
        _ = try await store.lease(try WellKnown.seeders.appending("liar"), value: Array("\(swarm.address)".utf8))
        var lie = release
        // Files that the proxy has are not fetched: make it want the altered one.
        var wanted = listing
        wanted.set(Listing.File(path: altered.path, digest: Digest(of: [1]), size: altered.size))
        let blobs = try await store.put([metadata.encoded, wanted.encoded])
        lie.content = wanted.content
        lie.checkpoint = Checkpoint(content: wanted.content, listing: blobs[1], torrent: blobs[0], infoHash: metadata.infoHash)
        (lie.log, lie.deltas) = ([], [])
        Lies.keep(swarm)
        return try SignedRelease(lie, signedBy: key)
    }
}

/// Keeps liars alive until the process ends.
private enum Lies {
    nonisolated(unsafe) private static var swarms: [Swarm] = []  // one test, serialized
    static func keep(_ swarm: Swarm) { swarms.append(swarm) }
}
