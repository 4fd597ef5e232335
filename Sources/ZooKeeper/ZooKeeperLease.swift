internal import CZooKeeper
internal import Pipeline
internal import Synchronization

/// Ephemeral nodes of one session: presence, or a leader's place in the queue.
final class ZooKeeperLease: Lease {
    let key: StoreKey
    private let session: Session
    /// Deleted in this order; the first carries the value.
    private let paths: [String]
    private let store: ZooKeeperStore
    private let over = Latch()

    init(_ key: StoreKey, _ paths: [String], in session: Session, of store: ZooKeeperStore) {
        self.key = key
        self.paths = paths
        self.session = session
        self.store = store
        session.onEnd { [over, weak store] in
            if over.open() { _ = store?.held.withLock { $0.remove(key) } }
        }
    }

    func update(_ value: [UInt8]) async throws {
        try store.checkSize(value, key)
        guard !over.isOpen else { throw gone }
        let data = NodeData.wrap(value)
        guard try await store.nodes.set(paths[0], data, in: session, onLoss: .report).ok else { throw gone }
    }

    private var gone: StoreError { StoreError(.sessionExpired, "the lease \(key) is no longer held") }

    func release() async {
        guard over.open() else { return }
        await store.discard(paths, in: session)
        _ = store.held.withLock { $0.remove(key) }
    }

    func untilLost() async { await over.wait() }
}

extension ZooKeeperStore {
    /// Deletes our ephemeral nodes, however long the connection is away: until
    /// done, or the session is over, which deletes them, too. Cancelling the
    /// caller does not stop it.
    func discard(_ paths: [String], in session: Session) async {
        await Task.detached { [nodes, connection] in
            for path in paths {
                while true {
                    do {
                        // Looked at first: the name may be another holder's by now.
                        let stat = try await nodes.exists(path, in: session).stat
                        guard let stat, stat.owner == session.id else { break }
                        if try await nodes.delete(path, version: stat.version, in: session, onLoss: .again).ok { break }
                    } catch let error as StoreError where error.code == .unavailable {
                        _ = try? await connection.session()
                    } catch {
                        return
                    }
                }
            }
        }.value
    }
}
