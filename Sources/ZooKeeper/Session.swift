internal import CZooKeeper
internal import Dispatch
internal import Pipeline
internal import Synchronization

/// One ZooKeeper session: the only owner of one C handle.
///
/// A session ends once, by ``close()`` or because it is lost, and never comes
/// back; ``Connection`` then makes the next one. Reconnecting within a session
/// is the C client's business.
final class Session: Sendable {
    private struct State {
        /// Used under the lock only, so that no call can meet a handle that is
        /// being closed. The `zoo_a*` calls just queue a request.
        var handle: OpaquePointer?
        var ended = false
        var onEnd: [UInt: @Sendable () -> Void] = [:]
        var lastObserver: UInt = 0
    }

    let watches = WatchTable()
    private let state: Mutex<State>
    private let events: UInt
    private let window: Window

    /// Starts connecting. Blocks for as long as resolving the hosts' names does:
    /// not for the cooperative pool. `nil` if that failed.
    ///
    /// `onState` gets the session's states, from the client's own thread.
    init?(
        hosts: String, timeout: Duration, credentials: String?, window: Window,
        onState: @escaping @Sendable (Int32) -> Void
    ) {
        events = Callbacks.add { type, state in
            if type == ZOO_SESSION_EVENT { onState(state) }
        }
        let context = UnsafeMutableRawPointer(bitPattern: events)
        guard let handle = zookeeper_init2(
            hosts, onEvent, timeout.milliseconds, nil, context, ZOO_NO_LOG_CLIENTENV, onLog)
        else {
            Callbacks.removeWatcher(events)
            return nil
        }
        if let credentials {
            // Sent first on every connection, before what was queued meanwhile. A
            // rejection arrives as the state AUTH_FAILED.
            _ = zoo_add_auth(handle, "digest", credentials, Int32(credentials.utf8.count), nil, nil)
        }
        self.window = window
        state = Mutex(State(handle: handle))
    }

    /// The server's name for this session; 0 before the first connect.
    var id: Int64 {
        state.withLock { state in state.handle.flatMap { zoo_client_id($0) }.map { $0.pointee.client_id } ?? 0 }
    }

    /// The timeout that the server granted.
    var timeout: Duration {
        state.withLock { state in .milliseconds(state.handle.map { Int(zoo_recv_timeout($0)) } ?? 0) }
    }

    /// The session's id and password, with which another handle can join it.
    var identity: clientid_t? {
        state.withLock { state in state.handle.flatMap { zoo_client_id($0) }.map { $0.pointee } }
    }

    /// Makes one call. `send` gets the handle and the context for the completion
    /// and returns what `zoo_a*` returned. `bytes`: the size of what is sent.
    ///
    /// `sent` is false if no request left, so that repeating it is safe.
    func call(
        bytes: Int = 0, _ send: @Sendable (OpaquePointer, UnsafeRawPointer?) -> Int32
    ) async -> (reply: Reply, sent: Bool) {
        let cost = window.cost(bytes: bytes)
        await window.enter(cost)
        defer { window.leave(cost) }
        var refused = false
        let reply = await withCheckedContinuation { (continuation: CheckedContinuation<Reply, Never>) in
            let id = Callbacks.add { continuation.resume(returning: $0) }
            let code = state.withLock { state in
                state.handle.map { send($0, UnsafeRawPointer(bitPattern: id)) } ?? ZINVALIDSTATE.rawValue
            }
            // A call that is refused at once gets no callback.
            if code != ZOK.rawValue {
                refused = true
                Callbacks.complete(id, Reply(code: code))
            }
        }
        return (reply, !refused)
    }

    /// Calls `action` when the session ends, at once if it has. Returns a number
    /// for ``forget(_:)``.
    @discardableResult
    func onEnd(_ action: @escaping @Sendable () -> Void) -> UInt? {
        let id: UInt? = state.withLock { state in
            guard !state.ended else { return nil }
            state.lastObserver += 1
            state.onEnd[state.lastObserver] = action
            return state.lastObserver
        }
        if id == nil { action() }
        return id
    }

    func forget(_ observer: UInt) {
        state.withLock { _ = $0.onEnd.removeValue(forKey: observer) }
    }

    /// Ends the session: leases hear of it before this returns; the handle is
    /// closed later, on a thread that may block, and `closed` called after that.
    ///
    /// Calls under way complete with ZCLOSING: their outcome is unknown.
    func end(then closed: @escaping @Sendable () -> Void = {}) {
        let (handle, observers) = state.withLock { state in
            defer {
                state.handle = nil
                state.ended = true
                state.onEnd = [:]
            }
            // Carried as an integer: a C pointer is not Sendable, and this one now
            // belongs to the closing queue alone.
            return (state.handle.map { UInt(bitPattern: $0) }, Array(state.onEnd.values))
        }
        for observer in observers { observer() }
        Callbacks.removeWatcher(events)
        Self.closing.async { [watches] in
            if let handle { zookeeper_close(OpaquePointer(bitPattern: handle)) }
            watches.removeAll()
            closed()
        }
    }

    /// `zookeeper_close` joins the client's threads and may wait seconds for the
    /// server's good-bye.
    private static let closing = DispatchQueue(label: "zookeeper.close", attributes: .concurrent)
}

extension Duration {
    var milliseconds: Int32 {
        Int32(clamping: components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }

    var dispatchInterval: DispatchTimeInterval { .milliseconds(Int(milliseconds)) }
}
