import Logging
import Pipeline
import Synchronization
import TestSupport
import Testing

/// A presence outlives what becomes of its store and its lease.
@Suite struct PresenceTests {
    /// A store whose leases fail to be updated when told so; the lease is held on.
    private final class Flaky: Store {
        let real: EmbeddedStore
        let failing = Mutex<StoreError.Code?>(nil)
        let failures = Mutex(0)

        init(_ directory: String) throws { real = try EmbeddedStore(directory: directory) }

        struct FlakyLease: Lease {
            let real: any Lease
            let store: Flaky
            var key: StoreKey { real.key }

            func update(_ value: [UInt8]) async throws {
                if let code = store.failing.withLock({ $0 }) {
                    store.failures.withLock { $0 += 1 }
                    throw StoreError(code, "not now")
                }
                try await real.update(value)
            }
            func release() async { await real.release() }
            func untilLost() async { await real.untilLost() }
        }

        func lease(_ key: StoreKey, value: [UInt8]) async throws -> any Lease { FlakyLease(real: try await real.lease(key, value: value), store: self) }
        func lead(_ role: StoreKey, value: [UInt8]) async throws -> any Lease { try await real.lead(role, value: value) }
        func put(_ blobs: [[UInt8]]) async throws -> [Digest] { try await real.put(blobs) }
        func get(_ digest: Digest) async throws -> [UInt8]? { try await real.get(digest) }
        func read(_ key: StoreKey) async throws -> VersionedValue? { try await real.read(key) }
        func write(_ value: [UInt8], at key: StoreKey, expecting expected: StoreVersion?) async throws -> StoreVersion {
            try await real.write(value, at: key, expecting: expected)
        }
        func remove(_ key: StoreKey, expecting expected: StoreVersion) async throws { try await real.remove(key, expecting: expected) }
        func list(_ key: StoreKey) async throws -> [StoreKey] { try await real.list(key) }
        func watch(_ keys: [StoreKey], for what: WatchedChanges) -> AsyncStream<Void> { real.watch(keys, for: what) }
        func sweep(keeping live: Set<Digest>, grace: Duration) async throws -> Int { try await real.sweep(keeping: live, grace: grace) }
        func close() async { await real.close() }
    }

    /// A connection that was away while there was news, in a session that lives on (`unavailable`); and a lease that is gone.
    @Test(arguments: [StoreError.Code.unavailable, .storage, .sessionExpired])
    func whatFailedToBeShownIsShownLater(_ code: StoreError.Code) async throws {
        let directory = try TemporaryDirectory("presence")
        let store = try Flaky(directory.path)
        let key = try StoreKey("proxies/a")
        let presence = Presence(store: store, key: key, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        func shown(_ text: String) async throws {
            try await eventually("\(text) is shown") { try await store.real.read(key)?.value == Array(text.utf8) }
        }
        await presence.show(Array("1".utf8))
        let running = Task { await presence.run() }
        try await shown("1")
        store.failing.withLock { $0 = code }
        await presence.show(Array("2".utf8))
        try await eventually("an update failed") { store.failures.withLock { $0 } > 0 }
        store.failing.withLock { $0 = nil }
        try await shown("2")
        await presence.show(Array("3".utf8))
        try await shown("3")
        running.cancel()
        await presence.end()
        await store.close()
    }
}
