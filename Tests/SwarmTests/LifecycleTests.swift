import Foundation
import Testing

@testable import Swarm

@Suite(.serialized) struct LifecycleTests {
    @Test func peersMayComeLater() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 4, of: 100_000)
        let metadata = try await TorrentMetadata.make(directory: source)
        let target = scratch.path + "/target"
        try await withSwarm { seeder in
            try await seeder.seed(metadata, directory: source)
            try await withSwarm { peer in
                async let fetched: Void = peer.fetch(metadata, into: target, peers: [], stallLimit: patience)
                try await untilKnown(metadata, to: peer)
                try await peer.addPeers([seeder.address], to: metadata.infoHash)
                try await fetched
            }
        }
        #expect(try contents(target) == contents(source))
    }

    @Test func cancellingRemovesTheTorrent() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 2, of: 50_000)
        let metadata = try await TorrentMetadata.make(directory: source)
        let target = scratch.path + "/target"
        try await withSwarm { seeder in
            try await seeder.seed(metadata, directory: source)
            try await withSwarm { peer in
                let fetch = Task { try await peer.fetch(metadata, into: target, peers: []) }
                try await untilKnown(metadata, to: peer)
                await expectCode(.duplicate) { try await peer.fetch(metadata, into: target, peers: []) }
                fetch.cancel()
                await expectCode(.cancelled) { try await fetch.value }
                await expectCode(.unknownTorrent) { _ = try await peer.statistics(of: metadata.infoHash) }
                // And again, as if nothing had been.
                try await peer.fetch(metadata, into: target, peers: [seeder.address], stallLimit: patience)
            }
        }
        #expect(try contents(target) == contents(source))
    }

    @Test func dropAndCloseEndFetches() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 2, of: 50_000)
        let metadata = try await TorrentMetadata.make(directory: source)
        let target = scratch.path + "/target"
        let peer = try await Swarm(listen: loopback(), logger: quiet)
        let dropped = Task { try await peer.fetch(metadata, into: target, peers: []) }
        try await untilKnown(metadata, to: peer)
        await peer.drop(metadata.infoHash)
        await expectCode(.cancelled) { try await dropped.value }
        let closed = Task { try await peer.fetch(metadata, into: target, peers: []) }
        try await untilKnown(metadata, to: peer)
        await peer.close()
        await expectCode(.closed) { try await closed.value }
        await expectCode(.closed) { try await peer.seed(metadata, directory: source) }
        await peer.close()
    }

    @Test func aPeerComesBackOnItsPort() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 2, of: 50_000)
        let metadata = try await TorrentMetadata.make(directory: source)
        let path = scratch.path
        let address = try await withSwarm { seeder in
            try await seeder.seed(metadata, directory: source)
            try await withSwarm {
                try await $0.fetch(metadata, into: path + "/a", peers: [seeder.address], stallLimit: patience)
            }
            let address = seeder.address
            await expectCode(.listen) { _ = try await Swarm(listen: address, logger: quiet) }
            return address
        }
        try await withSwarm(at: address) { seeder in
            #expect(seeder.address == address)
            try await seeder.seed(metadata, directory: source)
            try await withSwarm {
                try await $0.fetch(metadata, into: path + "/b", peers: [address], stallLimit: patience)
            }
        }
        #expect(try contents(path + "/b") == contents(source))
    }

    @Test func onlyAllowedPeersAreServed() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 2, of: 50_000)
        let metadata = try await TorrentMetadata.make(directory: source)
        let target = scratch.path + "/target"
        try await withSwarm { seeder in
            try await seeder.seed(metadata, directory: source)
            try await seeder.allow(only: ["127.0.0.99"])
            try await withSwarm { peer in
                await expectCode(.stalled) {
                    try await peer.fetch(metadata, into: target, peers: [seeder.address], stallLimit: .seconds(1))
                }
                try await seeder.allow(only: [peer.address.host])
                try await peer.fetch(metadata, into: target, peers: [seeder.address], stallLimit: patience)
            }
        }
    }

    /// Waits until a fetch begun elsewhere has been added.
    private func untilKnown(_ metadata: TorrentMetadata, to peer: Swarm) async throws {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            if (try? await peer.statistics(of: metadata.infoHash)) != nil { return }
            await Task.yield()
        }
        Issue.record("the fetch never began")
    }
}
