internal import CZooKeeper
internal import Dispatch
internal import Logging
internal import Pipeline
internal import Synchronization

/// Keeps a session alive: the present one, and the next when it is lost.
///
/// All transitions happen on one serial queue; callers only look, or wait.
final class Connection: Sendable {
    private typealias Waiter = CheckedContinuation<Session, any Error>

    private struct State {
        var session: Session?
        /// Numbers the sessions of this connection: an event of an older one is void.
        var serial: UInt = 0
        /// Counts connects and disconnects, so that a late timer knows it is late.
        var epoch: UInt = 0
        var connected = false
        var closed = false
        var failure: StoreError?
        var lastID: UInt = 0
        var waiting: [UInt: Waiter] = [:]
        var observers: [UInt: @Sendable (Bool) -> Void] = [:]
        var past: Set<Int64> = []

        mutating func next() -> UInt {
            lastID += 1
            return lastID
        }
    }

    private let state = Mutex(State())
    private let control = DispatchQueue(label: "zookeeper.connection")
    private let location: ZooKeeperLocation
    private let credentials: String?
    private let timeout: Duration
    private let window = Window()
    private let log: Logger

    init(location: ZooKeeperLocation, credentials: String?, timeout: Duration, log: Logger) {
        self.location = location
        self.credentials = credentials
        self.timeout = timeout
        self.log = log
        control.async { self.open() }
    }

    /// The session, as soon as it is connected. Throws `unavailable` if that
    /// takes longer than the session timeout, and `CancellationError`.
    func session() async throws -> Session {
        let id = state.withLock { $0.next() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let result: Result<Session, any Error>? = state.withLock { state in
                    if state.closed { return .failure(StoreError(.closed, "the store is closed")) }
                    if let failure = state.failure { return .failure(failure) }
                    if state.connected, let session = state.session { return .success(session) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiting[id] = waiter
                    return nil
                }
                if let result { return waiter.resume(with: result) }
                control.asyncAfter(deadline: .now() + timeout.dispatchInterval) { [weak self] in
                    self?.giveUp(id, StoreError(.unavailable, "no connection to ZooKeeper at \(self?.location.hosts ?? "")"))
                }
            }
        } onCancel: {
            giveUp(id, CancellationError())
        }
    }

    private func giveUp(_ id: UInt, _ error: any Error) {
        let waiter = state.withLock { $0.waiting.removeValue(forKey: id) }
        waiter?.resume(throwing: error)
    }

    /// Calls `action(true)` after every connect and `action(false)` when closed.
    func observe(_ action: @escaping @Sendable (Bool) -> Void) -> UInt {
        let (id, closed) = state.withLock { state in
            let id = state.next()
            if !state.closed { state.observers[id] = action }
            return (id, state.closed)
        }
        if closed { action(false) }
        return id
    }

    func forget(_ observer: UInt) {
        state.withLock { _ = $0.observers.removeValue(forKey: observer) }
    }

    /// Whether `session` was one of this connection's, and is over.
    func isPast(_ session: Int64) -> Bool { state.withLock { $0.past.contains(session) } }

    // MARK: On the control queue

    private func open() {
        let serial: UInt? = state.withLock { state in
            guard !state.closed else { return nil }
            state.serial += 1
            state.connected = false
            return state.serial
        }
        guard let serial else { return }
        let session = Session(
            hosts: location.hosts, timeout: timeout, credentials: credentials, window: window
        ) { [weak self] code in
            guard let self else { return }
            self.control.async { self.entered(code, serial: serial) }
        }
        guard let session else {
            log.warning("cannot resolve the ZooKeeper hosts", metadata: ["hosts": "\(location.hosts)"])
            return control.asyncAfter(deadline: .now() + .seconds(1)) { [weak self] in self?.open() }
        }
        let closed = state.withLock { state in
            if !state.closed { state.session = session }
            return state.closed
        }
        if closed { session.end() }
    }

    private func entered(_ code: Int32, serial: UInt) {
        guard state.withLock({ $0.serial == serial && !$0.closed }) else { return }
        switch code {
        case ZOO_CONNECTED_STATE: connected()
        case ZOO_EXPIRED_SESSION_STATE: lost("expired")
        case ZOO_AUTH_FAILED_STATE: refused()
        default: disconnected(serial)
        }
    }

    private func connected() {
        let (session, waiters, observers) = state.withLock { state in
            state.connected = true
            state.epoch += 1
            defer { state.waiting = [:] }
            return (state.session, Array(state.waiting.values), Array(state.observers.values))
        }
        guard let session else { return }
        log.info("connected to ZooKeeper", metadata: ["session": "\(String(session.id, radix: 16))"])
        for waiter in waiters { waiter.resume(returning: session) }
        for observer in observers { observer(true) }
    }

    private func disconnected(_ serial: UInt) {
        let (session, epoch): (Session?, UInt) = state.withLock { state in
            guard state.connected else { return (nil, 0) }
            state.connected = false
            state.epoch += 1
            return (state.session, state.epoch)
        }
        guard let session else { return }
        log.warning("disconnected from ZooKeeper")
        // The client learns of its expiry from a server alone: cut off from all, it
        // would keep believing in leases that others see as gone. The last sign of
        // life was up to a third of the timeout ago.
        let patience = session.timeout * 2 / 3
        control.asyncAfter(deadline: .now() + patience.dispatchInterval) { [weak self] in
            guard let self else { return }
            let still = self.state.withLock { $0.serial == serial && $0.epoch == epoch && !$0.closed }
            if still { self.lost("given up after \(patience) without a server") }
        }
    }

    private func lost(_ why: String) {
        let old = state.withLock { state in
            defer { state.session = nil }
            return state.session
        }
        if let old {
            let id = old.id
            log.warning("session lost", metadata: ["session": "\(String(id, radix: 16))", "why": "\(why)"])
            _ = state.withLock { $0.past.insert(id) }
            old.end()
        }
        open()
    }

    private func refused() {
        let failure = StoreError(.unauthorized, "ZooKeeper refused the credentials")
        let (old, waiters) = state.withLock { state in
            state.failure = failure
            state.connected = false
            defer {
                state.session = nil
                state.waiting = [:]
            }
            return (state.session, Array(state.waiting.values))
        }
        old?.end()
        for waiter in waiters { waiter.resume(throwing: failure) }
    }

    /// Ends the session at the server, too, so that leases vanish at once.
    func close() async {
        let (old, waiters, observers) = state.withLock { state in
            state.closed = true
            state.connected = false
            defer {
                state.session = nil
                state.waiting = [:]
                state.observers = [:]
            }
            return (state.session, Array(state.waiting.values), Array(state.observers.values))
        }
        for waiter in waiters { waiter.resume(throwing: StoreError(.closed, "the store is closed")) }
        for observer in observers { observer(false) }
        guard let old else { return }
        await withCheckedContinuation { continuation in old.end { continuation.resume() } }
    }
}
