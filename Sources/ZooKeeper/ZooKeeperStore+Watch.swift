internal import Logging
public import Pipeline

// ZooKeeper's C client of 3.8 has no persistent watches: each fires once and is
// set again, always before the tick, so that no change falls between.

extension ZooKeeperStore {
    public func watch(_ keys: [StoreKey], for what: WatchedChanges) -> AsyncStream<Void> {
        let (stream, ticks) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (events, event) = AsyncStream.makeStream(of: Follower.Event.self)
        let observer = connection.observe { connected in
            if connected { event.yield(.connected) } else { event.finish() }
        }
        event.yield(.connected)
        let follower = Task {
            var follower = Follower(store: self, keys: keys, what: what) { event.yield(.fired($0)) }
            for await event in events {
                do {
                    try await follower.handle(event)
                } catch {
                    // An outage: the next connect is an event, too. Anything else the
                    // reader meets when it reads after this tick.
                    self.log.debug("cannot set a watch", metadata: ["error": "\(error)"])
                }
                ticks.yield()
            }
            follower.stop()
            self.connection.forget(observer)
            ticks.finish()
        }
        ticks.onTermination = { _ in follower.cancel() }
        return stream
    }
}

/// Keeps the watches behind one stream set.
private struct Follower {
    enum Event: Sendable {
        case connected
        case fired(WatchKey)
    }

    let store: ZooKeeperStore
    /// The nodes at the keys themselves.
    private let nodes: Set<String>
    private let leases: Set<String>
    private let what: WatchedChanges
    /// Children whose watch is set.
    private var children: Set<String> = []
    private var session: Session?
    private let id = Subscribers.next()
    private let fired: WatchTable.Fire

    init(store: ZooKeeperStore, keys: [StoreKey], what: WatchedChanges, fired: @escaping WatchTable.Fire) {
        self.store = store
        nodes = Set(keys.map(store.path))
        leases = Set(keys.map(store.leasePath))
        self.what = what
        self.fired = fired
    }

    mutating func handle(_ event: Event) async throws {
        switch event {
        case .connected:
            // The client set its watches again itself if the session is the same; the
            // calls then cost a round trip and change nothing.
            let session = try await store.connection.session()
            if let old = self.session, old !== session { old.watches.unsubscribe(id) }
            self.session = session
            children = []
            let look = look(in: session)
            _ = try await concurrentMap(Array(leases)) { try await look($0) }
            for node in nodes where try await look(node) { try await list(node, in: session) }
        case .fired(let key):
            guard let session else { return }
            switch key.kind {
            case .node:
                // A node that just appeared has no watch on its children yet.
                if try await look(in: session)(key.path), nodes.contains(key.path) {
                    try await list(key.path, in: session)
                }
            case .children:
                try await list(key.path, in: session)
            }
        }
    }

    /// Sets the node watch of a path; the result is whether the node exists.
    private func look(in session: Session) -> @Sendable (String) async throws -> Bool {
        { [store, id, fired] path in
            let context = session.watches.subscribe(id, to: WatchKey(path: path, kind: .node), fired)
            return try await store.nodes.exists(path, watch: context, in: session).ok
        }
    }

    /// Sets the child watch of a path and, if their values matter, node watches for children new to us.
    private mutating func list(_ path: String, in session: Session) async throws {
        let context = session.watches.subscribe(id, to: WatchKey(path: path, kind: .children), fired)
        let names = try await store.nodes.children(path, watch: context, in: session).names
        guard what == .values else { return }
        let present = Set(names.map { path + "/" + $0 })
        let new = present.subtracting(children)
        let look = look(in: session)
        _ = try await concurrentMap(Array(new)) { try await look($0) }
        children = children.filter { !$0.hasPrefix(path + "/") || $0.dropFirst(path.count + 1).contains("/") }
        children.formUnion(present)
    }

    func stop() { session?.watches.unsubscribe(id) }
}
