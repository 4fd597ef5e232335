import Pipeline
import Synchronization

/// A store that knows how long its caller waited for it. Of waits at once each counts, but
/// never more than passed.
final class TimedStore: Store {
    private struct Spent {
        var read = Duration.zero, write = Duration.zero
        var reading = 0, writing = 0
        var readSince = ContinuousClock.now, writeSince = ContinuousClock.now
    }

    private let base: EmbeddedStore
    private let spent = Mutex(Spent())

    init(_ base: EmbeddedStore) { self.base = base }

    /// What was spent since it was asked before: time in which something was read, or written.
    func taken() -> (read: Duration, write: Duration) {
        spent.withLock { spent in
            defer { (spent.read, spent.write) = (.zero, .zero) }
            return (spent.read, spent.write)
        }
    }

    private func reading<T>(_ body: () async throws -> T) async rethrows -> T {
        spent.withLock {
            if $0.reading == 0 { $0.readSince = .now }
            $0.reading += 1
        }
        defer {
            spent.withLock {
                $0.reading -= 1
                if $0.reading == 0 { $0.read += .now - $0.readSince }
            }
        }
        return try await body()
    }

    private func writing<T>(_ body: () async throws -> T) async rethrows -> T {
        spent.withLock {
            if $0.writing == 0 { $0.writeSince = .now }
            $0.writing += 1
        }
        defer {
            spent.withLock {
                $0.writing -= 1
                if $0.writing == 0 { $0.write += .now - $0.writeSince }
            }
        }
        return try await body()
    }

    func put(_ blobs: [[UInt8]]) async throws -> [Digest] { try await writing { try await base.put(blobs) } }
    func get(_ digest: Digest) async throws -> [UInt8]? { try await reading { try await base.get(digest) } }

    func read(_ key: StoreKey) async throws -> VersionedValue? {
        try await reading { try await base.read(key) }
    }

    func write(_ value: [UInt8], at key: StoreKey, expecting expected: StoreVersion?) async throws -> StoreVersion {
        try await writing { try await base.write(value, at: key, expecting: expected) }
    }

    func remove(_ key: StoreKey, expecting expected: StoreVersion) async throws { try await base.remove(key, expecting: expected) }
    func list(_ key: StoreKey) async throws -> [StoreKey] { try await base.list(key) }
    func watch(_ keys: [StoreKey], for what: WatchedChanges) -> AsyncStream<Void> { base.watch(keys, for: what) }
    func lease(_ key: StoreKey, value: [UInt8]) async throws -> any Lease { try await base.lease(key, value: value) }
    func lead(_ role: StoreKey, value: [UInt8]) async throws -> any Lease { try await base.lead(role, value: value) }
    func sweep(keeping live: Set<Digest>, grace: Duration) async throws -> Int { try await base.sweep(keeping: live, grace: grace) }
    func close() async { await base.close() }
}
