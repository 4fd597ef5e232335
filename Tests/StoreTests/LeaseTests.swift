import Pipeline
import TestSupport
import Testing

@Suite struct LeaseTests {
    @Test(arguments: Backend.allCases)
    func aLeaseIsSeenUpdatedAndReleased(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let name = key("alive/one")
            let lease = try await a.lease(name, value: bytes("v1"))
            let first = try #require(try await b.read(name))
            #expect(first.value == bytes("v1"))
            #expect(try await code { _ = try await b.lease(name, value: []) } == .conflict)
            #expect(try await code { _ = try await a.lease(name, value: []) } == .conflict)
            #expect(try await code { try await b.write([], at: name, expecting: nil) } == .conflict)
            #expect(try await code { try await b.write([], at: name, expecting: first.version) } == .conflict)
            #expect(try await code { try await b.remove(name, expecting: first.version) } == .conflict)
            try await lease.update(bytes("v2"))
            let second = try #require(try await b.read(name))
            #expect(second.value == bytes("v2"))
            #expect(second.version != first.version)
            await lease.release()
            await lease.release()
            await lease.untilLost()
            #expect(try await b.read(name) == nil)
            #expect(try await code { try await lease.update([]) } == .sessionExpired)
            let next = try await b.lease(name, value: bytes("v3"))
            #expect(try await a.read(name)?.value == bytes("v3"))
            await next.release()
        }
    }

    @Test(arguments: Backend.allCases)
    func readersNeverMissALeaseThatIsUpdated(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let name = key("alive/busy")
            let lease = try await a.lease(name, value: bytes("0"))
            async let updates: Void = { for i in 1...100 { try await lease.update(bytes("\(i)")) } }()
            for _ in 0..<200 { #expect(try await b.read(name) != nil) }
            try await updates
            await lease.release()
        }
    }

    @Test(arguments: Backend.allCases)
    func closingAStoreGivesItsLeasesBack(_ backend: Backend) async throws {
        try await withStores(backend) { place, a, _ in
            let other = try place.open()
            let lease = try await other.lease(key("alive/one"), value: [])
            #expect(try await a.read(key("alive/one")) != nil)
            await other.close()
            try await within(.seconds(5), "the lease is over") { await lease.untilLost() }
            #expect(try await a.read(key("alive/one")) == nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func aKilledHolderVanishesAndWatchersHearOfIt(_ backend: Backend) async throws {
        try await withStores(backend) { place, a, _ in
            // Often, since the embedded store's wake-up races with the kernel.
            for round in 0..<(backend == .embedded ? 8 : 2) {
                let name = key("alive/victim-\(round)")
                let process = try await place.probe("lease", name, "child")
                #expect(try await a.read(name)?.value == bytes("child"))
                #expect(try await code { _ = try await a.lease(name, value: []) } == .conflict)
                async let gone: Void = watching(a, [key("alive")], "the killed holder is gone") {
                    try await a.read(name) == nil
                }
                await process.kill()
                try await gone
                #expect(try await a.list(key("alive")) == [])
                let lease = try await a.lease(name, value: bytes("mine"))
                #expect(try await a.read(name)?.value == bytes("mine"))
                await lease.release()
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func exactlyOneLeads(_ backend: Backend) async throws {
        try await withStores(backend) { place, a, b in
            let role = key("roles/configurator")
            let c = try place.open()
            let inside = Counter()
            try await within(.seconds(30), "everybody leads once") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (i, store) in [a, b, c, a, b, c].enumerated() {
                        group.addTask {
                            let lease = try await store.lead(role, value: bytes("leader \(i)"))
                            await inside.enter()
                            #expect(try await store.read(role)?.value == bytes("leader \(i)"))
                            await inside.leave()
                            await lease.release()
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(await inside.most == 1)
            #expect(await inside.total == 6)
            #expect(try await a.read(role) == nil)
            await c.close()
        }
    }

    @Test(arguments: Backend.allCases)
    func leadershipPassesOnWhenTheLeaderIsKilled(_ backend: Backend) async throws {
        try await withStores(backend) { place, a, _ in
            let role = key("roles/presenter")
            let process = try await place.probe("lead", role, "child")
            let waiting = Task { try await a.lead(role, value: bytes("heir")) }
            #expect(try await a.read(role)?.value == bytes("child"))
            await process.kill()
            let lease = try await within(.seconds(15), "the heir leads") { try await waiting.value }
            #expect(try await a.read(role)?.value == bytes("heir"))
            await lease.release()
        }
    }

    @Test(arguments: Backend.allCases)
    func cancellingGivesThePlaceInTheQueueBack(_ backend: Backend) async throws {
        try await withStores(backend) { place, a, b in
            let role = key("roles/publisher")
            let c = try place.open()
            let leader = try await a.lead(role, value: bytes("a"))
            let quitter = Task { try await b.lead(role, value: bytes("b")) }
            let heir = Task { try await c.lead(role, value: bytes("c")) }
            quitter.cancel()
            await #expect(throws: CancellationError.self) {
                _ = try await within(.seconds(5), "cancelled") { try await quitter.value }
            }
            #expect(try await c.read(role)?.value == bytes("a"))
            await leader.release()
            let lease = try await within(.seconds(10), "the heir leads") { try await heir.value }
            #expect(try await a.read(role)?.value == bytes("c"))
            await lease.release()
            await c.close()
        }
    }
}

private actor Counter {
    private var now = 0
    private(set) var most = 0
    private(set) var total = 0
    func enter() {
        now += 1
        total += 1
        most = max(most, now)
    }
    func leave() { now -= 1 }
}
