import DNSWire
import Foundation
import Logging
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Publisher

/// The Publisher over a real store, and one who follows its releases as a proxy does.
@Suite struct FollowingTests {
    /// A swarm for one process: what is seeded is a directory that can be read. A torrent is
    /// known by its content, and cannot be seeded twice.
    private final class Shelf: Sendable {
        private let seeded = Mutex<Set<[UInt8]>>([])

        var distribution: Distribution {
            Distribution(
                address: "127.0.0.1:1",
                describe: { directory in
                    var octets: [UInt8] = []
                    for file in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
                        octets += Array(file.utf8) + Digest(of: try Data(contentsOf: URL(filePath: "\(directory)/\(file)"))).bytes
                    }
                    return .init(metadata: Array(directory.utf8), infoHash: Digest(of: octets).bytes)
                },
                seed: { torrent, _ in
                    let isNew = self.seeded.withLock { $0.insert(torrent.infoHash).inserted }
                    if !isNew { throw TestFailure("seeded twice") }
                },
                fetch: { _, _, _, _, _ in 0 }, addPeers: { _, _ in },
                drop: { infoHash in self.seeded.withLock { _ = $0.remove(infoHash) } }, admit: { _ in })
        }
    }

    private struct Follower {
        var files: [String: [UInt8]] = [:]
        var content: Digest?
        var checkpoints = 0

        /// Takes the way that a proxy would.
        mutating func follow(_ release: Release, _ store: any Store) async throws {
            var earlier: [Delta] = []
            for digest in release.log { earlier += try Delta.decode(try await store.require(digest)) }
            var route = content.flatMap { release.route(from: $0, earlier: earlier) }
            if route == nil {
                checkpoints += 1
                let listing = try Listing(decoding: try await store.require(release.checkpoint.listing))
                #expect(listing.content == release.checkpoint.content)
                let directory = String(decoding: try await store.require(release.checkpoint.torrent), as: UTF8.self)
                files = [:]
                for file in listing.files {
                    let octets = try [UInt8](Data(contentsOf: URL(filePath: "\(directory)/\(file.path)")))
                    #expect(Digest(of: octets) == file.digest && octets.count == file.size)
                    files[file.path] = octets
                }
                route = release.route(from: release.checkpoint.content, earlier: earlier)
            }
            for delta in try #require(route) {
                for splice in delta.splices { files[splice.path] = try splice.applied(to: files[splice.path] ?? []) }
            }
            content = release.content
            let listing = Listing(files.map { Listing.File(path: $0, digest: Digest(of: $1), size: $1.count) })
            #expect(listing.content == release.content)
        }
    }

    @Test(arguments: [1, 2, 3])
    func whoeverFollowsHasWhatIsPresented(_ seed: UInt64) async throws {
        var random = Seeded(seed)
        let directory = try TemporaryDirectory("publisher")
        let store = try EmbeddedStore(directory: "\(directory.path)/store")
        let key = SigningKey.generate(name: "k")
        func publisher(_ directory: String) throws -> PublisherStage {
            try PublisherStage(
                settings: .init(pipeline: "p", directory: directory, keys: [key], heartbeat: .seconds(3600)), store: store,
                distribution: Shelf().distribution, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        var stage = try publisher("\(directory.path)/publisher0")
        // More than are told one by one, so that a bulk is a checkpoint.
        let sharding = Sharding(count: 1024)
        let zone = try Name("example.")
        var records: [RecordKey: RecordSet] = [:]
        func put(_ owner: Name, _ type: RRType, _ rdata: RData) {
            let key = RecordKey(owner: owner, type: type)
            records[key] = RecordSet(key: key, ttl: 60, rdata: [rdata], origin: Origin(source: "t"))
        }
        put(zone, .soa, .soa(primary: zone, mailbox: zone, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5))
        for i in 0..<800 { put(try Name("h\(i).example."), .a, .a((10, 0, 0, UInt8(i & 255)))) }

        var eager = Follower(), lazy = Follower()
        var version: StoreVersion?
        var before: [RecordKey: RecordSet]?
        var last: UInt64 = 0, kinds: Set<String> = []
        var firsts: [UInt64: UInt64] = [:]
        for number in 1...60 as ClosedRange<UInt64> {
            // A bulk, and the bulk before again: contents come back.
            let isBulk = random.chance(6)
            if isBulk, random.chance(2), let before { records = before }
            if isBulk { before = records }
            switch isBulk ? 0 : 1 + random.below(11) {
            case 0:
                let same = number / 20
                for i in 0..<800 { put(try Name("h\(i).example."), .a, .a((10, 1, UInt8(same), UInt8(i & 255)))) }
            case 1: put(try Name("z\(number)."), .soa, .soa(primary: zone, mailbox: zone, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5))
            case 2: records[records.keys.filter { $0.type == .a }.randomElement(using: &random)!] = nil
            case 3: break
            default: put(try Name("h\(random.below(800)).example."), .a, .a((10, 9, UInt8(number), 1)))
            }
            var manifest = Manifest(source: "presentation", number: number, sharding: sharding)
            for (index, shard) in sharding.spread(records: Array(records.values), map: []) {
                let blob = shard.encoded
                try await store.put([blob])
                manifest.shards[index] = ShardReference(
                    digest: Digest(of: blob), size: blob.count, count: shard.count, basis: Digest(of: blob),
                    zones: shard.records.filter { $0.key.type == .soa }.map(\.key.owner))
            }
            version = try await store.write(manifest.encoded, at: WellKnown.presentation, expecting: version)
            // Now and then a Publisher dies, and another with an empty disk goes on.
            let isLost = random.chance(10)
            if isLost {
                // A release whose writing fails: another writer was quicker, and went away again.
                let stored = try await store.read(WellKnown.release)
                if let stored { try await store.write([1, 2, 3], at: WellKnown.release, expecting: stored.version) }
            }
            if random.chance(15) { stage = try publisher("\(directory.path)/publisher\(number)") }
            _ = try await stage.step()
            let signed = try #require(try await store.decoded(WellKnown.release, SignedRelease.init(decoding:))).value
            let release = try signed.verified(by: [try key.publicKey], pipeline: "p")
            #expect(release.number >= last && signed.encoded.count < 48 << 10)
            last = release.number
            // A release that could not be written carried nothing.
            if firsts[release.presentation] == nil { firsts[release.presentation] = release.number }
            kinds.insert(release.checkpoint.content == release.content ? "checkpoint" : "delta")
            try await eager.follow(release, store)
            if random.chance(6) { try await lazy.follow(release, store) }
            // What is served is what is presented.
            var fragments: [String: [UInt8]] = [:]
            for (index, shard) in sharding.spread(records: Array(records.values), map: []) {
                fragments[Listing.Path.fragment(index)] = CdbFragment(shard).octets
            }
            #expect(eager.files.filter { Listing.Path.isFragment($0.key) } == fragments)
        }
        #expect(kinds.count == 2)
        let log = try #require(try await store.decoded(WellKnown.releases, ReleaseLog.init(decoding:))).value
        for step in log.steps { #expect(firsts[step.presentation] == step.release) }
        #expect(log.steps.count == firsts.count)
        #expect(eager.checkpoints < 40)
        await store.close()
    }
}
