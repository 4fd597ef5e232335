import Pipeline
import TestSupport
import Testing
import ZooKeeper

/// Three servers, one of them killed while clients write.
@Suite(.serialized) struct EnsembleTests {
    @Test(arguments: ["follower", "leader"])
    func everyAcknowledgedWriteSurvives(_ victim: String) async throws {
        let servers = try await ZooKeeperServer.start(members: 3)
        let stores = try (0..<3).map { _ in try ZooKeeperStore("zookeeper://\(servers.hosts)/e", sessionTimeout: .seconds(8)) }
        let progress = Progress()

        try await within(.seconds(40), "all writers") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (i, store) in stores.enumerated() {
                    group.addTask { try await writeLog(store, at: key("log/\(i)"), count: 150, progress) }
                }
                group.addTask {
                    try await eventually("half way") { await progress.count >= 100 }
                    let member = try #require(await servers.modes().firstIndex(of: victim))
                    await servers.kill(member)
                    await progress.killed()
                }
                try await group.waitForAll()
            }
        }
        #expect(await progress.afterKill > 0)
        // Each value is the whole list of what its writer wrote: a lost, torn or
        // repeated write would show.
        for i in stores.indices {
            let log = try #require(try await stores[(i + 1) % 3].read(key("log/\(i)")))
            #expect(log.value == bytes((0..<150).map { "\($0)," }.joined()))
        }
        for digest in await progress.blobs { #expect(try await stores[0].get(digest) != nil) }
        for store in stores { await store.close() }
        await servers.stop()
    }

    /// Appends 0, 1, 2, … by compare-and-set, each with a blob put before. A write of
    /// unknown outcome is looked up, never assumed.
    private func writeLog(_ store: any Store, at name: StoreKey, count: Int, _ progress: Progress) async throws {
        var next = 0
        while next < count {
            do {
                let old = try await store.read(name)
                let text = (0..<next).map { "\($0)," }.joined()
                let present = String(decoding: old?.value ?? [], as: UTF8.self)
                if present == text + "\(next)," {
                    // The write whose answer was lost had happened.
                    next += 1
                    continue
                }
                try #require(present == text, "the log is neither before nor after the last write")
                let blob = try await store.put([noise(2000, seed: UInt64(next))])[0]
                try await store.write(bytes(text + "\(next),"), at: name, expecting: old?.version)
                await progress.wrote(blob)
                next += 1
            } catch let error as StoreError where error.isRetriable {
                continue
            }
        }
    }
}

private actor Progress {
    private(set) var count = 0
    private(set) var blobs: Set<Digest> = []
    private(set) var afterKill = 0
    private var dead = false

    func wrote(_ blob: Digest) {
        count += 1
        blobs.insert(blob)
        if dead { afterKill += 1 }
    }

    func killed() { dead = true }
}
