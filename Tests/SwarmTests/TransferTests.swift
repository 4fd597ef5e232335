import Foundation
import Synchronization
import Testing

@testable import Swarm

// Each of these keeps two cores busy: one at a time.
@Suite(.serialized) struct TransferTests {
    @Test func onePeerGetsManyFiles() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 256, of: 262_144)
        try FileManager.default.createDirectory(atPath: source + "/deep/er", withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(filePath: source + "/deep/er/small"))
        try Data().write(to: URL(filePath: source + "/empty"))
        let metadata = try await TorrentMetadata.make(directory: source)
        let target = scratch.path + "/some/target"
        let last = Mutex<FetchProgress?>(nil)
        let took = try await withSwarm { seeder in
            try await seeder.seed(metadata, directory: source, verified: true)
            return try await withSwarm { peer in
                let start = ContinuousClock.now
                try await peer.fetch(metadata, into: target, peers: [seeder.address], stallLimit: patience) { progress in
                    last.withLock { $0 = progress }
                }
                return ContinuousClock.now - start
            }
        }
        print("64 MB in 256 files to one peer: \(took); metadata \(metadata.encoded.count) octets")
        #expect(try contents(target) == contents(source))
        #expect(last.withLock { $0 } == FetchProgress(completed: metadata.totalSize, total: metadata.totalSize))
    }

    @Test func tenPeersShare() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 256, of: 262_144)
        let metadata = try await TorrentMetadata.make(directory: source)
        let path = scratch.path
        try await withSwarm { seeder in
            try await seeder.seed(metadata, directory: source, verified: true)
            var peers: [Swarm] = []
            for _ in 0..<10 { peers.append(try await Swarm(listen: loopback(), logger: quiet)) }
            let all = [seeder.address] + peers.map(\.address)
            let start = ContinuousClock.now
            let result = await Task { [peers] in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (i, peer) in peers.enumerated() {
                        group.addTask {
                            try await peer.fetch(
                                metadata, into: "\(path)/peer-\(i)", peers: all.filter { $0 != peer.address },
                                stallLimit: patience)
                        }
                    }
                    try await group.waitForAll()
                }
            }.result
            let took = ContinuousClock.now - start
            let uploaded = try await seeder.statistics(of: metadata.infoHash).uploaded
            for peer in peers { await peer.close() }
            try result.get()
            let copies = Double(uploaded) / Double(metadata.totalSize)
            print("64 MB in 256 files to ten peers: \(took); the seeder sent \(copies) copies")
            #expect(uploaded < 10 * metadata.totalSize)
            let expected = try contents(source)
            for i in [0, 9] { #expect(try contents("\(path)/peer-\(i)") == expected) }
        }
    }

    @Test func unchangedFilesAreNotFetchedAgain() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("new", files: 256, of: 65_536)
        let old = scratch.path + "/old"
        let target = scratch.path + "/target"
        try FileManager.default.copyItem(atPath: source, toPath: old)
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        let before = try await TorrentMetadata.make(directory: old)
        try Data(repeating: 7, count: 65_536).write(to: URL(filePath: "\(source)/\(shard(100))"))
        let metadata = try await TorrentMetadata.make(directory: source)
        let roots = Set(before.files.map(\.root))
        let have = Set(metadata.files.filter { roots.contains($0.root) }.map(\.path))
        #expect(have.count == 255)
        // Every file is linked, the changed one too: fetch must cut that link.
        for file in metadata.files {
            try FileManager.default.linkItem(atPath: "\(old)/\(file.path)", toPath: "\(target)/\(file.path)")
        }
        let oldBytes = try contents(old)
        try await withSwarm { seeder in
            try await seeder.seed(metadata, directory: source)
            try await withSwarm { peer in
                try await peer.fetch(
                    metadata, into: target, have: have, peers: [seeder.address], stallLimit: patience)
                let moved = try await peer.statistics(of: metadata.infoHash).downloaded
                #expect((65_536...2 * 65_536).contains(moved), "\(moved) octets moved")
                // Once more, with nothing left to fetch.
                await peer.drop(metadata.infoHash)
                let all = Set(metadata.files.map(\.path))
                try await peer.fetch(metadata, into: target, have: all, peers: [], stallLimit: patience)
            }
        }
        #expect(try contents(old) == oldBytes)
        #expect(try contents(target) == contents(source))
    }

    @Test func aFileThatIsNotThereIsAnError() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 3, of: 50_000)
        let metadata = try await TorrentMetadata.make(directory: source)
        let target = scratch.path + "/target"
        try await withSwarm { peer in
            await expectCode(.disk) {
                try await peer.fetch(metadata, into: target, have: [shard(1)], peers: [], stallLimit: patience)
            }
            await expectCode(.disk) { try await peer.seed(metadata, directory: target) }
            await expectCode(.badMetadata) {
                try await peer.fetch(metadata, into: target, have: ["other"], peers: [], stallLimit: patience)
            }
        }
    }

    @Test func whatLiesThereIsUsed() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 8, of: 100_000)
        let metadata = try await TorrentMetadata.make(directory: source)
        let target = scratch.path + "/target"
        try FileManager.default.copyItem(atPath: source, toPath: target)
        try Data(repeating: 1, count: 100_000).write(to: URL(filePath: "\(target)/\(shard(3))"))
        try await withSwarm { seeder in
            try await seeder.seed(metadata, directory: source)
            try await withSwarm { peer in
                try await peer.fetch(metadata, into: target, peers: [seeder.address], stallLimit: patience)
                #expect(try await peer.statistics(of: metadata.infoHash).downloaded < 300_000)
            }
        }
        #expect(try contents(target) == contents(source))
    }

    @Test func corruptDataIsNeverAccepted() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 16, of: 200_000)
        let metadata = try await TorrentMetadata.make(directory: source)
        let bad = scratch.path + "/bad"
        let target = scratch.path + "/target"
        try FileManager.default.copyItem(atPath: source, toPath: bad)
        for i in 0..<16 { try Data(repeating: 9, count: 200_000).write(to: URL(filePath: "\(bad)/\(shard(i))")) }
        try await withSwarm { liar in
            // `verified` is the lie.
            try await liar.seed(metadata, directory: bad, verified: true)
            try await withSwarm { peer in
                // First alone with the liar: nothing is accepted.
                await expectCode(.stalled) {
                    try await peer.fetch(
                        metadata, into: target, peers: [liar.address], stallLimit: .seconds(1)
                    ) { Issue.record("accepted \($0)") }
                }
                try await withSwarm { seeder in
                    try await seeder.seed(metadata, directory: source)
                    // A peer may ban its neighbour for the liar's deeds: all three have one
                    // address. Then it looks again, as proxies do.
                    for attempt in 1...4 {
                        do {
                            try await peer.fetch(
                                metadata, into: target, peers: [liar.address, seeder.address], stallLimit: .seconds(6))
                            break
                        } catch let error as SwarmError where error.code == .stalled && attempt < 4 {}
                    }
                }
            }
            #expect(try await liar.statistics(of: metadata.infoHash).uploaded > 0)
        }
        #expect(try contents(target) == contents(source))
    }
}
