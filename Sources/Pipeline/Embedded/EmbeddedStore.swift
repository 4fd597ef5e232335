internal import Dispatch
internal import Glibc
internal import Synchronization

/// The store in a directory of this machine, shared by any number of processes.
///
/// Layout: `blobs/<2 hex>/<64 hex>`; `values/a/b=` is the value at `a/b`,
/// `values/a/b@` its lease (neither character occurs in a key); `tmp` holds what
/// is being written. Everything is written there, synced and renamed, so that a
/// reader sees the old or the new and a crash leaves nothing in between.
///
/// Needs a local file system: locks (`flock`) and notices of changes (`inotify`)
/// do not cross machines. Directories are made with mode 0700.
public final class EmbeddedStore: Store {
    let directory: String
    private struct State {
        var closed = false
        var last: UInt = 0
        var streams: [UInt: @Sendable () -> Void] = [:]
        var leases: [UInt: EmbeddedLease] = [:]
    }

    private let state = Mutex(State())
    private let reads = DispatchQueue(label: "store.reads", attributes: .concurrent)
    /// Serial: their lock is exclusive anyway, and many waiting for it would take
    /// a thread each.
    private let changes = DispatchQueue(label: "store.values")
    /// Apart from values, so that a manifest does not wait behind a large batch.
    private let bulk = DispatchQueue(label: "store.blobs")

    /// Opens the store in `directory`, which is created if missing. Blocks for a
    /// few file operations.
    ///
    /// - Throws: ``StoreError/Code/storage``, ``StoreError/Code/unauthorized``.
    public init(directory: String) throws(StoreError) {
        self.directory = directory
        for name in ["blobs", "values", "tmp"] { try createDirectories("\(directory)/\(name)") }
    }

    public func close() async {
        let (streams, leases) = state.withLock { state in
            state.closed = true
            defer { (state.streams, state.leases) = ([:], [:]) }
            return (Array(state.streams.values), Array(state.leases.values))
        }
        for finish in streams { finish() }
        for lease in leases { await lease.release() }
    }

    /// Names and values alike: one machine's processes are few.
    public func watch(_ keys: [StoreKey], for _: WatchedChanges) -> AsyncStream<Void> {
        let paths = keys.flatMap { [valuePath($0), leasePath($0), "\(directory)/values/\($0)"] }
        let (stream, finish) = FileWatcher.open(paths)
        let id: UInt? = state.withLock { state in
            guard !state.closed else { return nil }
            state.last += 1
            state.streams[state.last] = finish
            return state.last
        }
        if id == nil { finish() }
        return stream
    }

    // MARK: Running

    enum Work { case read, change, bulk }

    /// Runs blocking work away from the cooperative pool.
    func run<T: Sendable>(_ work: Work, _ body: @escaping @Sendable () throws -> T) async throws -> T {
        try checkOpen()
        return try await offPool(work, body)
    }

    /// As ``run(_:_:)``, also after the store was closed.
    func offPool<T: Sendable>(_ work: Work, _ body: @escaping @Sendable () throws -> T) async throws -> T {
        let queue = switch work {
        case .read: reads
        case .change: changes
        case .bulk: bulk
        }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }

    func checkOpen() throws(StoreError) {
        if state.withLock({ $0.closed }) { throw StoreError(.closed, "the store is closed") }
    }

    /// Remembers a lease until it is over; false if the store was closed meanwhile.
    func keep(_ lease: EmbeddedLease) -> Bool {
        state.withLock { state in
            guard !state.closed else { return false }
            state.leases[lease.id] = lease
            return true
        }
    }

    func forget(_ lease: EmbeddedLease) { state.withLock { _ = $0.leases.removeValue(forKey: lease.id) } }

    func nextID() -> UInt {
        state.withLock { state in
            state.last += 1
            return state.last
        }
    }

    // MARK: Paths

    func valuePath(_ key: StoreKey) -> String { "\(directory)/values/\(key)=" }
    func leasePath(_ key: StoreKey) -> String { "\(directory)/values/\(key)@" }

    func temporaryPath() -> String {
        "\(directory)/tmp/\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    }
}
