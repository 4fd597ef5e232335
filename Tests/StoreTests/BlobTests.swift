import CZooKeeper
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import ZooKeeper

@Suite struct BlobTests {
    @Test(arguments: Backend.allCases)
    func blobsOfAllSizes(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let edge = 512 * 1024
            let sizes = [0, 1, 1000, edge - 2, edge - 1, edge, edge + 1, 2 * edge - 2, 2 * edge - 1, 3_000_000]
            let blobs = sizes.map { noise($0, seed: UInt64($0)) } + [noise(1000, seed: 1000)]
            let digests = try await a.put(blobs)
            #expect(digests == blobs.map { Digest(of: $0) })
            for (blob, digest) in zip(blobs, digests) { #expect(try await b.get(digest) == blob) }
            #expect(try await b.get(Digest(of: bytes("never put"))) == nil)
            #expect(try await b.put(blobs) == digests)
            for (blob, digest) in zip(blobs, digests) { #expect(try await a.get(digest) == blob) }
        }
    }

    @Test(arguments: Backend.allCases)
    func manyWritersOfTheSameBlobs(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let blobs = (0..<100).map { noise(200, seed: UInt64($0)) } + [noise(700_000)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for store in [a, b, a, b] { group.addTask { try await store.put(blobs) } }
                try await group.waitForAll()
            }
            for blob in blobs { #expect(try await a.get(Digest(of: blob)) == blob) }
        }
    }

    @Test(arguments: Backend.allCases, [1000, 1_200_000])
    func damageIsSeenAndRepairedByPut(_ backend: Backend, _ size: Int) async throws {
        try await withStores(backend) { place, a, b in
            let blob = noise(size)
            let digest = try await a.put([blob])[0]
            try await damage(digest, at: place, in: a, partly: size > 600_000)
            #expect(try await code { _ = try await b.get(digest) } == .corrupt)
            try await b.put([blob])
            #expect(try await a.get(digest) == blob)
        }
    }

    @Test(arguments: Backend.allCases)
    func sweepTakesWhatIsDeadAndOld(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let (live, dead, large, renewed) = (noise(10), noise(20), noise(1_200_000), noise(30))
            let digests = try await a.put([live, dead, large, renewed])
            #expect(try await b.sweep(keeping: [digests[0]], grace: .seconds(600)) == 0)
            // Put again and again until the others are surely older than the grace.
            let grace = Duration.seconds(2)
            let end = ContinuousClock.now + .milliseconds(2600)
            while ContinuousClock.now < end { try await a.put([renewed]) }
            #expect(try await b.sweep(keeping: [digests[0]], grace: grace) == 2)
            #expect(try await a.get(digests[0]) == live)
            #expect(try await a.get(digests[1]) == nil)
            #expect(try await a.get(digests[2]) == nil)
            #expect(try await a.get(digests[3]) == renewed)
            try await a.put([large])
            #expect(try await b.get(digests[2]) == large)
        }
    }

    @Test(arguments: Backend.allCases)
    func aSweepNeverTakesWhatWasJustPut(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let blobs = [noise(50), noise(1_100_000)]
            // Without grace, a blob may go after put returned; but it goes whole, and
            // put and sweep neither fail nor leave damage.
            async let sweeping: Void = { for _ in 0..<40 { try await b.sweep(keeping: [], grace: .zero) } }()
            for _ in 0..<15 {
                try await a.put(blobs)
                for blob in blobs {
                    let found = try await a.get(Digest(of: blob))
                    #expect(found == nil || found == blob)
                }
            }
            try await sweeping
            // With a grace, what is put again during the sweep stays.
            async let kept: Void = { for _ in 0..<20 { try await b.sweep(keeping: [], grace: .seconds(60)) } }()
            let digests = try await a.put(blobs)
            try await kept
            for (blob, digest) in zip(blobs, digests) { #expect(try await a.get(digest) == blob) }
        }
    }

    /// Changes stored octets behind the store's back.
    private func damage(_ digest: Digest, at place: Place, in store: any Store, partly: Bool) async throws {
        switch place.backend {
        case .embedded:
            let path = "\(place.location)/blobs/\(digest.hex.prefix(2))/\(digest.hex)"
            var content = try Data(contentsOf: URL(fileURLWithPath: path))
            content[content.count / 2] ^= 1
            try content.write(to: URL(fileURLWithPath: path))
        case .zooKeeper:
            let store = try #require(store as? ZooKeeperStore)
            let node = store.blobPath(digest) + (partly ? "/1" : "")
            var content = try await store.nodes.get(node).data
            #expect(content.count > 2)
            content[content.count / 2] ^= 1
            #expect(try await store.nodes.set(node, content, onLoss: .again).ok)
        }
    }
}
