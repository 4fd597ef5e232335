import Logging
import Pipeline
import Synchronization
import TestSupport
import Testing

/// Who is let into the swarm is who has a lease, and nobody else.
@Suite struct AdmissionTests {
    /// A swarm that writes down whom it was told to admit.
    private final class Gate: Sendable {
        private let told = Mutex<[Set<String>]>([])
        var all: [Set<String>] { told.withLock { $0 } }

        var distribution: Distribution {
            Distribution(
                address: "", describe: { _ in .init(metadata: [], infoHash: []) }, seed: { _, _ in }, fetch: { _, _, _, _, _ in 0 },
                addPeers: { _, _ in }, drop: { _ in }, admit: { addresses in self.told.withLock { $0.append(addresses) } })
        }

        func wait(for addresses: Set<String>, _ why: String) async throws {
            try await eventually("\(addresses.sorted()) are admitted: \(why), after \(all)") { all.last == addresses }
        }
    }

    private func proxy(_ address: String) -> [UInt8] {
        Deployment(
            host: "h", release: 1, swarmAddress: address, tinydnsAddress: "", unboundAddress: ""
        ).encoded
    }

    private func admitting(_ store: any Store, _ gate: Gate, interval: Duration = .seconds(600), _ body: () async throws -> Void) async throws {
        let task = Task {
            await Admission(store: store, distribution: gate.distribution, logger: Logger(label: "test"), interval: interval).run()
        }
        defer { task.cancel() }
        try await body()
    }

    @Test(arguments: Backend.allCases)
    func whoHasALeaseIsAdmitted(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let gate = Gate()
            let seeder = try await a.lease(try WellKnown.seeders.appending("one"), value: bytes("192.0.2.1:6881"))
            try await admitting(b, gate) {
                try await gate.wait(for: ["192.0.2.1:6881"], "the seeder was there before")
                let first = try await a.lease(try WellKnown.proxies.appending("p1"), value: proxy("192.0.2.2:6881"))
                try await gate.wait(for: ["192.0.2.1:6881", "192.0.2.2:6881"], "a proxy comes")
                // What is no deployment names nobody, and hides nobody.
                let garbage = try await a.lease(try WellKnown.proxies.appending("p0"), value: bytes("\u{7F}192.0.2.66:1"))
                // Neither does a name elsewhere.
                let elsewhere = try await a.lease(try WellKnown.vips.appending("p9"), value: proxy("192.0.2.67:1"))
                let second = try await a.lease(try WellKnown.proxies.appending("p2"), value: proxy("[2001:db8::2]:6881"))
                let all: Set = ["192.0.2.1:6881", "192.0.2.2:6881", "[2001:db8::2]:6881"]
                try await gate.wait(for: all, "another proxy comes")
                await seeder.release()
                try await gate.wait(for: all.subtracting(["192.0.2.1:6881"]), "the seeder goes")
                await first.release()
                try await gate.wait(for: ["[2001:db8::2]:6881"], "a proxy goes")
                await second.release()
                try await gate.wait(for: [], "the last one goes")
                await garbage.release()
                await elsewhere.release()
                let again = try await a.lease(try WellKnown.proxies.appending("p1"), value: proxy("192.0.2.3:6881"))
                try await gate.wait(for: ["192.0.2.3:6881"], "one is back, elsewhere")
                await again.release()
            }
            let told = gate.all
            for (one, next) in zip(told, told.dropFirst()) { #expect(one != next, "nothing is said twice: \(told)") }
            #expect(!told.contains { $0.contains { $0.contains("192.0.2.6") } })
        }
    }

    /// A host that moves and keeps its lease is found where it is, at the next reading.
    @Test(arguments: Backend.allCases)
    func leasesAreReadAgain(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let gate = Gate()
            let lease = try await a.lease(try WellKnown.proxies.appending("p1"), value: proxy("192.0.2.1:1"))
            try await admitting(b, gate, interval: .milliseconds(50)) {
                try await gate.wait(for: ["192.0.2.1:1"], "it is there")
                try await lease.update(proxy("192.0.2.2:2"))
                try await gate.wait(for: ["192.0.2.2:2"], "it moved")
            }
            await lease.release()
        }
    }

    @Test func withoutTheStoreTheLastKnownStay() async throws {
        try await withStores(.embedded) { _, a, b in
            let gate = Gate(), away = Away(b)
            let one = try await a.lease(try WellKnown.proxies.appending("p1"), value: proxy("192.0.2.1:1"))
            try await admitting(away, gate, interval: .milliseconds(20)) {
                try await gate.wait(for: ["192.0.2.1:1"], "it is there")
                away.isAway.withLock { $0 = true }
                let before = gate.all.count
                await one.release()
                let asked = away.refused.withLock { $0 }
                try await eventually("it was asked for more than once") { away.refused.withLock { $0 } > asked + 3 }
                #expect(gate.all.count == before, "\(gate.all)")
                away.isAway.withLock { $0 = false }
                try await gate.wait(for: [], "the store is back")
            }
        }
    }

    /// A store that can be out of reach.
    private final class Away: Store {
        let isAway = Mutex(false), refused = Mutex(0)
        private let store: any Store
        init(_ store: any Store) { self.store = store }

        private var reached: any Store {
            get throws {
                guard isAway.withLock({ $0 }) else { return store }
                refused.withLock { $0 += 1 }
                throw StoreError(.unavailable, "away")
            }
        }

        func put(_ blobs: [[UInt8]]) async throws -> [Digest] { try await reached.put(blobs) }
        func get(_ digest: Digest) async throws -> [UInt8]? { try await reached.get(digest) }
        func read(_ key: StoreKey) async throws -> VersionedValue? { try await reached.read(key) }
        func write(_ value: [UInt8], at key: StoreKey, expecting expected: StoreVersion?) async throws -> StoreVersion {
            try await reached.write(value, at: key, expecting: expected)
        }
        func remove(_ key: StoreKey, expecting expected: StoreVersion) async throws { try await reached.remove(key, expecting: expected) }
        func list(_ key: StoreKey) async throws -> [StoreKey] { try await reached.list(key) }
        func watch(_ keys: [StoreKey], for what: WatchedChanges) -> AsyncStream<Void> { store.watch(keys, for: what) }
        func lease(_ key: StoreKey, value: [UInt8]) async throws -> any Lease { try await reached.lease(key, value: value) }
        func lead(_ role: StoreKey, value: [UInt8]) async throws -> any Lease { try await reached.lead(role, value: value) }
        func sweep(keeping live: Set<Digest>, grace: Duration) async throws -> Int { try await reached.sweep(keeping: live, grace: grace) }
        func close() async { await store.close() }
    }
}
