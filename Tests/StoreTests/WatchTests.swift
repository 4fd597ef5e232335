import Pipeline
import Synchronization
import TestSupport
import Testing

@Suite struct WatchTests {
    @Test(arguments: Backend.allCases)
    func everyKindOfChangeTicks(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            // Watched before anything above it exists.
            let name = key("new/tree/value")
            let child = key("new/tree/value/child")
            let ticks = Ticks(b.watch([name]))
            defer { ticks.stop() }
            try await ticks.next("at once")
            let first = try await ticks.after("appears") { try await a.write(bytes("1"), at: name, expecting: nil) }
            let second = try await ticks.after("changes") {
                try await a.write(bytes("2"), at: name, expecting: first)
            }
            let below = try await ticks.after("child appears") { try await a.write([], at: child, expecting: nil) }
            let changed = try await ticks.after("child changes") {
                try await a.write(bytes("x"), at: child, expecting: below)
            }
            try await ticks.after("child goes") { try await a.remove(child, expecting: changed) }
            let lease = try await ticks.after("child lease") {
                try await a.lease(key("new/tree/value/lease"), value: [])
            }
            try await ticks.after("child lease changes") { try await lease.update(bytes("y")) }
            try await ticks.after("child lease goes") { await lease.release() }
            try await ticks.after("goes") { try await a.remove(name, expecting: second) }
            let again = try await ticks.after("comes again") {
                try await a.write(bytes("3"), at: name, expecting: nil)
            }
            try await ticks.after("child of the second life") { try await a.write([], at: child, expecting: nil) }
            try await ticks.after("goes again") { try await a.remove(name, expecting: again) }
        }
    }

    /// For names: which leases come and go below a key, and all that happens at the key itself.
    @Test(arguments: Backend.allCases)
    func leasesThatComeAndGoTick(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let name = key("named/group"), one = key("named/group/one"), two = key("named/group/two")
            let ticks = Ticks(b.watch([name, key("named/other")], for: .names))
            defer { ticks.stop() }
            try await ticks.next("at once")
            // Below what is not there itself.
            let early = try await ticks.after("a lease comes") { try await a.lease(one, value: bytes("1")) }
            let own = try await ticks.after("appears") { try await a.write(bytes("1"), at: name, expecting: nil) }
            let changed = try await ticks.after("changes") { try await a.write(bytes("2"), at: name, expecting: own) }
            let lease = try await ticks.after("another comes") { try await a.lease(two, value: bytes("1")) }
            let other = try await ticks.after("below the other key") { try await a.lease(key("named/other/two"), value: bytes("1")) }
            try await ticks.after("a value comes") { try await a.write([], at: key("named/group/three"), expecting: nil) }
            try await lease.update(bytes("2"))
            try await ticks.after("a lease goes") { await lease.release() }
            try await ticks.after("it comes again") { try await a.lease(two, value: bytes("1")) }
            try await ticks.after("the first goes") { await early.release() }
            try await ticks.after("one of the other key goes") { await other.release() }
            try await ticks.after("goes") { try await a.remove(name, expecting: changed) }
            try await ticks.after("comes again") { try await a.write([], at: name, expecting: nil) }
            try await ticks.after("a lease in the second life") { try await a.lease(one, value: []) }
        }
    }

    /// A holder that is killed gives no notice, and is missed all the same.
    @Test(arguments: Backend.allCases)
    func aKilledHolderTicksForNames(_ backend: Backend) async throws {
        try await withStores(backend) { place, _, b in
            let ticks = Ticks(b.watch([key("mortal")], for: .names))
            defer { ticks.stop() }
            try await ticks.next("at once")
            let process = try await ticks.after("it comes") { try await place.probe("lease", key("mortal/one"), "child") }
            try await ticks.after("it is killed") { await process.kill() }
            try await eventually("its name is gone") { try await b.list(key("mortal")).isEmpty }
        }
    }

    /// Where thousands watch, values that change below wake nobody who asked for names.
    @Test func namesAreNotWokenByValues() async throws {
        try await withStores(.zooKeeper) { _, a, b in
            let group = key("crowd"), member = key("crowd/one")
            let lease = try await a.lease(member, value: bytes("0"))
            let names = Ticks(b.watch([group], for: .names)), values = Ticks(b.watch([group]))
            defer {
                names.stop()
                values.stop()
            }
            try await names.next("at once")
            try await values.after("it is known") { try await lease.update(bytes("1")) }
            let before = names.arrived
            for i in 2..<20 { try await values.after("change \(i)") { try await lease.update(bytes("\(i)")) } }
            #expect(names.arrived == before)
            try await names.after("it goes") { await lease.release() }
        }
    }

    @Test(arguments: Backend.allCases)
    func noLastChangeIsMissed(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let name = key("fast")
            async let seen: Void = watching(b, [name], "the last value") {
                try await b.read(name)?.value == bytes("300")
            }
            var version: StoreVersion?
            for i in 1...300 { version = try await a.write(bytes("\(i)"), at: name, expecting: version) }
            try await seen
        }
    }

    @Test(arguments: Backend.allCases)
    func ticksAreCoalesced(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            var stream = b.watch([key("slow")]).makeAsyncIterator()
            await stream.next()
            var version: StoreVersion?
            for i in 1...50 { version = try await a.write(bytes("\(i)"), at: key("slow"), expecting: version) }
            // Nobody consumed meanwhile: the watch ends with at most one tick waiting.
            let other = Ticks(b.watch([key("marker")]))
            defer { other.stop() }
            try await other.next("at once")
            try await other.after("marker") { try await a.write([], at: key("marker"), expecting: nil) }
            await stream.next()
            await b.close()
            var left = 0
            while await stream.next() != nil { left += 1 }
            #expect(left <= 1)
        }
    }

    @Test(arguments: Backend.allCases)
    func manyWatchersOfTheSameKey(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let all = (0..<20).map { _ in Ticks(b.watch([key("popular"), key("other")])) }
            defer { for ticks in all { ticks.stop() } }
            for ticks in all { try await ticks.next("at once") }
            for ticks in all.prefix(10) { ticks.stop() }
            try await a.write([], at: key("popular"), expecting: nil)
            for ticks in all.suffix(10) { try await ticks.next("popular") }
        }
    }

    /// Prints what one hop costs: a value set by one store until another, woken by
    /// its watch, has read it.
    @Test(arguments: Backend.allCases)
    func hopLatency(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let name = key("hop")
            let ticks = Ticks(b.watch([name]))
            defer { ticks.stop() }
            try await ticks.next("at once")
            var version: StoreVersion?
            var times: [Duration] = []
            for i in 0..<100 {
                let start = ContinuousClock.now
                version = try await a.write(bytes("\(i)"), at: name, expecting: version)
                repeat { try await ticks.next("hop") } while try await b.read(name)?.version != version
                times.append(ContinuousClock.now - start)
            }
            times.sort()
            print("set → watch → get, \(backend): median \(times[50]), p90 \(times[90]), worst \(times[99])")
            #expect(times[50] < .seconds(1))
        }
    }
}

/// Consumes a watch in the background and counts.
final class Ticks: Sendable {
    private struct Count {
        var arrived = 0
        var taken = 0
        var last = ContinuousClock.now
    }

    private let count = CountBox()
    private let task: Task<Void, Never>

    private final class CountBox: Sendable { let value = Mutex(Count()) }

    init(_ stream: AsyncStream<Void>) {
        task = Task { [count] in
            for await _ in stream {
                count.value.withLock {
                    $0.arrived += 1
                    $0.last = .now
                }
            }
        }
    }

    /// So far.
    var arrived: Int { count.value.withLock { $0.arrived } }

    /// Waits for a tick that was not waited for yet.
    func next(_ what: String) async throws {
        try await eventually("a tick: \(what)", within: .seconds(15)) {
            count.value.withLock { count in
                defer { count.taken = count.arrived }
                return count.arrived > count.taken
            }
        }
    }

    /// Does something and waits for a tick, once the several ticks that an earlier
    /// change may have caused have died down.
    @discardableResult
    func after<T: Sendable>(_ what: String, _ change: () async throws -> T) async throws -> T {
        try await eventually("quiet before: \(what)") {
            count.value.withLock { count in
                count.taken = count.arrived
                return .now - count.last > .milliseconds(40)
            }
        }
        let result = try await change()
        try await next(what)
        return result
    }

    func stop() { task.cancel() }
}
