import CZooKeeper
import Pipeline
import TestSupport
import Testing

@testable import ZooKeeper

/// What only ZooKeeper has: sessions that expire, servers that die, credentials.
@Suite struct SessionTests {
    @Test func expiryEndsLeasesAndPassesLeadershipOn() async throws {
        try await withStores(.zooKeeper) { _, a, b in
            let lease = try await a.lease(key("alive/a"), value: bytes("a"))
            let leader = try await a.lead(key("roles/x"), value: bytes("a"))
            let heir = Task { try await b.lead(key("roles/x"), value: bytes("b")) }
            try await expire(a)
            try await within(.seconds(10), "the lease is lost") { await lease.untilLost() }
            try await within(.seconds(10), "leadership is lost") { await leader.untilLost() }
            #expect(try await code { try await lease.update([]) } == .sessionExpired)
            let second = try await within(.seconds(10), "the heir leads") { try await heir.value }
            let again = try await a.lease(key("alive/a"), value: bytes("again"))
            #expect(try await b.read(key("alive/a"))?.value == bytes("again"))
            // A late release of the lost lease must not take the new one away.
            await lease.release()
            #expect(try await b.read(key("alive/a"))?.value == bytes("again"))
            await second.release()
            await again.release()
        }
    }

    @Test func afterExpiryWatchesAndCallsWorkAgain() async throws {
        try await withStores(.zooKeeper) { _, a, b in
            let ticks = Ticks(a.watch([key("seen")]))
            try await ticks.next("at once")
            try await ticks.after("a new session ticks") { try await expire(a) }
            try await ticks.after("watches are set in the new session") {
                try await b.write(bytes("1"), at: key("seen"), expecting: nil)
            }
            ticks.stop()
            #expect(try await a.read(key("seen"))?.value == bytes("1"))
            let digest = try await a.put([noise(100)])[0]
            #expect(try await b.get(digest) == noise(100))
        }
    }

    @Test func aWaiterWhoseSessionExpiresQueuesAgain() async throws {
        try await withStores(.zooKeeper) { _, a, b in
            let leader = try await a.lead(key("roles/x"), value: bytes("a"))
            let heir = Task { try await b.lead(key("roles/x"), value: bytes("b")) }
            let place = try #require(b as? ZooKeeperStore)
            try await eventually("the heir queues") { try await place.nodes.children("/queues/roles:x").names.count == 2 }
            try await expire(b)
            await leader.release()
            let lease = try await within(.seconds(10), "the heir leads") { try await heir.value }
            #expect(try await a.read(key("roles/x"))?.value == bytes("b"))
            await lease.release()
        }
    }

    @Test func credentialsKeepOthersOut() async throws {
        let place = try await Place(.zooKeeper)
        let ours = try ZooKeeperStore(place.location, credentials: "freshet:secret")
        let theirs = try ZooKeeperStore(place.location)
        try await ours.write(bytes("x"), at: key("private"), expecting: nil)
        #expect(try await ours.read(key("private"))?.value == bytes("x"))
        #expect(try await code { _ = try await theirs.read(key("private")) } == .unauthorized)
        #expect(try await code { try await theirs.put([bytes("x")]) } == .unauthorized)
        await ours.close()
        await theirs.close()
    }

    @Test func withoutAServerCallsGiveUp() async throws {
        let port = try freePorts(1)[0]
        let store = try ZooKeeperStore("zookeeper://127.0.0.1:\(port)/x", sessionTimeout: .milliseconds(600))
        #expect(try await code { _ = try await store.read(key("x")) } == .unavailable)
        let waiting = Task { try await store.lead(key("x"), value: []) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        await store.close()
    }

    @Test func removedValuesLeaveNothingForEver() async throws {
        try await withStores(.zooKeeper) { _, a, _ in
            let store = try #require(a as? ZooKeeperStore)
            let version = try await a.write(bytes("x"), at: key("old/value"), expecting: nil)
            try await a.write(bytes("x"), at: key("new/value"), expecting: nil)
            try await a.remove(key("old/value"), expecting: version)
            #expect(try await store.nodes.children("/values/old").names == ["value"])
            try await store.sweepEmpty("/values", notAfter: .max)
            #expect(try await store.nodes.children("/values").names == ["new"])
            #expect(try await a.read(key("new/value"))?.value == bytes("x"))
        }
    }

    @Test(arguments: [
        ("zookeeper://h", "h:2181", ""), ("zookeeper://a:1,b/x/y/", "a:1,b:2181", "/x/y"),
        ("zookeeper://[::1]:5,[::2]", "[::1]:5,[::2]:2181", ""),
    ])
    func locations(_ url: String, _ hosts: String, _ root: String) throws {
        let location = try ZooKeeperLocation(url)
        #expect(location.hosts == hosts)
        #expect(location.root == root)
    }

    @Test(arguments: [
        "http://h", "zookeeper://", "zookeeper://a,,b", "zookeeper://u:p@h/x", "zookeeper://h/x?auth=u:p",
        "zookeeper://h:0", "zookeeper://h:x", "zookeeper://h/../x", "zookeeper://h/zookeeper/x", "zookeeper://[::1]x",
    ])
    func badLocations(_ url: String) throws {
        let error = #expect(throws: StoreError.self) { _ = try ZooKeeperLocation(url) }
        #expect(error?.code == .invalidLocation)
        #expect(error.map { !$0.description.contains("u:p") } == true)
    }
}

/// Ends the store's session at the server: a second handle joins it, by id and
/// password, and says good-bye.
///
/// The server cuts the store off when another joins its session, and the store may be
/// back before the good-bye is said, which then reaches nobody: so until it was heard.
private func expire(_ store: any Store) async throws {
    let store = try #require(store as? ZooKeeperStore)
    let session = try await store.connection.session()
    let identity = try #require(session.identity)
    for _ in 0..<10 {
        try await joinAndLeave(identity)
        let heard: Void? = try? await eventually("the session is over", within: .seconds(1)) {
            store.connection.isPast(identity.client_id)
        }
        if heard != nil { return }
    }
    throw TestFailure("the session does not end")
}

private func joinAndLeave(_ session: clientid_t) async throws {
    var identity = session
    let (states, state) = AsyncStream.makeStream(of: Int32.self)
    let watcher = Callbacks.add { _, code in state.yield(code) }
    let handle = try #require(
        zookeeper_init2(
            try await sharedServer.value.hosts, onEvent, 4000, &identity,
            UnsafeMutableRawPointer(bitPattern: watcher), ZOO_NO_LOG_CLIENTENV, onLog))
    for await code in states where code == ZOO_CONNECTED_STATE || code == ZOO_EXPIRED_SESSION_STATE { break }
    Callbacks.removeWatcher(watcher)
    zookeeper_close(handle)
}
