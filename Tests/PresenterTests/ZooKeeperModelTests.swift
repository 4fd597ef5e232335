#if canImport(ZooKeeper)
import Foundation
import Presenter
import TestSupport
import Testing
import ZooKeeper

extension ModelTests {
    /// The same on a real server, with fewer changes: each costs some ten round trips.
    @Test func stageOnZooKeeper() async throws {
        let server = try await ZooKeeperServer.start()
        do {
            for (seed, policy) in zip((1 as UInt64)..., ConflictPolicy.all) {
                let place = "zookeeper://\(server.hosts)/model/\(UUID().uuidString)"
                try await Self.follow(seed, policy, changes: 25, lives: seed % 2 == 0) { try ZooKeeperStore(place) }
            }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}
#endif
