internal import CZooKeeper
internal import Logging
public import Pipeline
internal import Synchronization

extension ZooKeeperStore {
    /// Shows presence with an ephemeral node.
    ///
    /// ZooKeeper learns of a killed process when its session times out, and only
    /// then is the key free again: a process restarted at once meets
    /// ``StoreError/Code/conflict`` until then.
    public func lease(_ key: StoreKey, value: [UInt8]) async throws -> any Lease {
        try checkSize(value, key)
        if try await nodes.exists(path(key)).stat.map({ $0.length > 0 }) == true { throw taken(key) }
        guard held.withLock({ $0.insert(key).inserted }) else { throw taken(key) }
        do {
            for _ in 0..<5 {
                let session = try await connection.session()
                do {
                    guard try await take(leasePath(key), value, in: session) else { throw taken(key) }
                    return ZooKeeperLease(key, [leasePath(key)], in: session, of: self)
                } catch let error as StoreError where error.code == .unavailable {
                    // Perhaps made, perhaps not: the next round finds it, by its owner.
                    continue
                } catch let error as StoreError where error.code == .sessionExpired {
                    continue
                } catch {
                    throw error
                }
            }
            throw StoreError(.unavailable, "cannot take the lease \(key): the connection comes and goes")
        } catch {
            // A node whose making was not confirmed must not outlive this failure.
            if (error as? StoreError)?.code != .conflict, let session = try? await connection.session() {
                await discard([leasePath(key)], in: session)
            }
            _ = held.withLock { $0.remove(key) }
            throw error
        }
    }

    /// Makes the ephemeral node, or finds it made by this session. False if
    /// somebody else has it.
    func take(_ path: String, _ value: [UInt8], in session: Session) async throws -> Bool {
        while true {
            let reply = try await nodes.create(
                path, NodeData.wrap(value), mode: .ephemeral, in: session, onLoss: .report)
            if reply.ok { return true }
            if reply.code == ZNONODE.rawValue {
                try await createParents(of: path)
                continue
            }
            guard let stat = try await nodes.exists(path, in: session).stat else { continue }
            if stat.owner == session.id { return true }
            guard connection.isPast(stat.owner) else { return false }
            // Left by a session of ours that we gave up and the server has not yet.
            _ = try await nodes.delete(path, version: stat.version, in: session, onLoss: .report)
        }
    }

    private func taken(_ key: StoreKey) -> StoreError { StoreError(.conflict, "\(key) is held already") }

    // MARK: Leadership

    /// Waits in a queue of ephemeral sequential nodes, each watching only the one
    /// before it. Outages are waited out.
    public func lead(_ role: StoreKey, value: [UInt8]) async throws -> any Lease {
        try checkSize(value, role)
        while true {
            let session: Session
            do { session = try await connection.session() } catch let error as StoreError where error.code == .unavailable {
                continue
            }
            let turn = Turn(store: self, role: role, session: session)
            do {
                return try await turn.lead(value)
            } catch let error as StoreError where error.isRetriable {
                await turn.leave()
                log.debug("queueing again to lead", metadata: ["role": "\(role)", "error": "\(error)"])
                // Not a poll: keeps a flapping connection from becoming a busy loop.
                try await Task.sleep(for: .milliseconds(50))
            } catch {
                await turn.leave()
                throw error
            }
        }
    }
}

/// One place in the queue for a role, in one session.
private final class Turn: Sendable {
    let store: ZooKeeperStore
    let role: StoreKey
    let session: Session
    private let queue: String
    /// In the node's name, so that a node whose creation was not confirmed is found.
    private let token: String
    private let subscriber = Subscribers.next()

    init(store: ZooKeeperStore, role: StoreKey, session: Session) {
        self.store = store
        self.role = role
        self.session = session
        queue = "/queues/" + role.components.joined(separator: ":")
        token = String(UInt64.random(in: 0 ... .max), radix: 16) + "-"
    }

    func lead(_ value: [UInt8]) async throws -> any Lease {
        defer { session.watches.unsubscribe(subscriber) }
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let observer = session.onEnd { wake.finish() }
        defer { if let observer { session.forget(observer) } }

        try await join()
        var wake_ups = wakes.makeAsyncIterator()
        while true {
            try Task.checkCancellation()
            let places = try await places()
            guard let mine = places.firstIndex(where: { $0.hasPrefix(token) }) else {
                throw StoreError(.sessionExpired, "the place in the queue for \(role) is gone")
            }
            var before: String?
            if mine > 0 {
                before = "\(queue)/\(places[mine - 1])"
            } else if store.held.withLock({ $0.insert(role).inserted }) {
                do {
                    if try await store.take(store.leasePath(role), value, in: session) {
                        let paths = [store.leasePath(role), "\(queue)/\(places[mine])"]
                        return ZooKeeperLease(role, paths, in: session, of: store)
                    }
                } catch {
                    await store.discard([store.leasePath(role)], in: session)
                    _ = store.held.withLock { $0.remove(role) }
                    throw error
                }
                _ = store.held.withLock { $0.remove(role) }
            }
            // Behind somebody, or first while somebody shows presence at the role.
            let obstacle = before ?? store.leasePath(role)
            let context = session.watches.subscribe(subscriber, to: WatchKey(path: obstacle, kind: .node)) { _ in
                wake.yield()
            }
            let there = try await store.nodes.exists(obstacle, watch: context, in: session).ok
            if there, await wake_ups.next() == nil {
                try Task.checkCancellation()
                throw StoreError(.sessionExpired, "the session ended while waiting to lead \(role)")
            }
        }
    }

    private func join() async throws {
        while true {
            let reply = try await store.nodes.create(
                "\(queue)/\(token)", [], mode: .ephemeralSequential, in: session, onLoss: .report)
            if reply.ok { return }
            try await store.createParents(of: "\(queue)/\(token)")
        }
    }

    /// The queue, in order: the server ends each name with ten digits.
    private func places() async throws -> [String] {
        try await store.nodes.children(queue, in: session).names.sorted { $0.suffix(10) < $1.suffix(10) }
    }

    /// Gives the place back, also one whose making was not confirmed.
    func leave() async {
        await Task.detached { [self] in
            while true {
                do {
                    let mine = try await places().filter { $0.hasPrefix(token) }.map { "\(queue)/\($0)" }
                    return await store.discard(mine, in: session)
                } catch let error as StoreError where error.code == .unavailable {
                    _ = try? await store.connection.session()
                } catch {
                    return
                }
            }
        }.value
    }
}

/// Numbers for those who subscribe to watches.
enum Subscribers {
    private static let last = Mutex<UInt>(0)

    static func next() -> UInt {
        last.withLock { last in
            last += 1
            return last
        }
    }
}
