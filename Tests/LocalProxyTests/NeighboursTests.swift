import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import LocalProxy

/// Whom each proxy of a fleet asks.
@Suite struct NeighboursTests {
    private func fleet(_ count: Int, sites: Int) -> [String: Deployment] {
        Dictionary(
            uniqueKeysWithValues: (0..<count).map { index in
                let host = "host-\(index).example"
                return (
                    host,
                    Deployment(
                        host: host, swarmAddress: "\(host):6881", tinydnsAddress: "", unboundAddress: "",
                        labels: sites > 0 ? ["site": "s\(index % sites)", "os": "any"] : [:])
                )
            })
    }

    private func asked(_ fleet: [String: Deployment], _ content: Digest) -> [String: (publisher: Bool, hosts: [String])] {
        fleet.mapValues { me in
            let choice = Neighbours(of: me.host, among: fleet.keys.filter { $0 != me.host }, content: content)
            let hosts = choice.addresses(labels: me.labels, fleet).map { String($0.dropLast(":6881".count)) }
            return (choice.asksPublisher, hosts)
        }
    }

    /// Two ask the Publisher, all others reach those two over those they ask, in few steps;
    /// nobody asks many, nobody itself or anybody twice, and nobody is asked by most.
    @Test(arguments: [5, 6, 20, 50, 400])
    func everyoneIsReached(_ count: Int) {
        let fleet = fleet(count, sites: 5)
        for round in 0..<10 {
            let asked = asked(fleet, Digest(of: [UInt8(round)]))
            #expect(asked.values.count { $0.publisher } == Neighbours.direct)
            var reached = Set(asked.filter { $0.value.publisher }.keys)
            var steps = 0
            while reached.count < count {
                let next = asked.filter { !reached.contains($0.key) && !reached.isDisjoint(with: $0.value.hosts) }.keys
                guard !next.isEmpty else { break }
                reached.formUnion(next)
                steps += 1
            }
            #expect(reached.count == count && steps <= 8)
            var askedBy: [String: Int] = [:]
            for (host, choice) in asked {
                #expect(choice.hosts.count <= 9 && Set(choice.hosts).count == choice.hosts.count && !choice.hosts.contains(host))
                for other in choice.hosts { askedBy[other, default: 0] += 1 }
            }
            if count >= 50 { #expect(askedBy.values.max()! < count * 2 / 3) }
        }
    }

    @Test func aSmallFleetAsksThePublisher() {
        let asked = asked(fleet(4, sites: 0), Digest(of: []))
        #expect(asked.values.allSatisfy { $0.publisher && $0.hosts.count == 3 })
        #expect(self.asked(fleet(1, sites: 0), Digest(of: [])).values.allSatisfy { $0.publisher && $0.hosts.isEmpty })
    }

    /// Those of one's own site come before others, beside those that the order asks for.
    @Test func nearOnesFirst() {
        let fleet = fleet(40, sites: 4)
        for (host, choice) in asked(fleet, Digest(of: [1])) {
            let site = fleet[host]!.labels
            #expect(choice.hosts.count { fleet[$0]!.labels == site } >= 6)
        }
    }

    /// Another checkpoint, another two.
    @Test func theLoadMoves() {
        let fleet = fleet(100, sites: 0)
        let direct = (0..<20).map { round in asked(fleet, Digest(of: [UInt8(round)])).filter { $0.value.publisher }.keys.sorted() }
        #expect(Set(direct.flatMap { $0 }).count > 25)
    }

    @Test func everyoneIsAskedWhenNothingComes() async {
        let introductions = Introductions(["a"], patience: .milliseconds(50))
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
        let (tells, tell) = AsyncStream.makeStream(of: [String].self)
        let running = Task {
            await introductions.run(changes: changes) { isPatient in
                isPatient ? ["a", "b"] : ["a", "b", "seeder"]
            } introduce: {
                tell.yield($0)
            }
        }
        continuation.yield()
        var told: [String] = []
        // However long a busy machine takes: without it, this never ends.
        for await found in tells {
            told += found
            if told.contains("seeder") { break }
        }
        running.cancel()
        await running.value
        // Nobody twice: dialling disturbs.
        #expect(told.sorted() == ["b", "seeder"])
    }

    @Test func newsKeepsThePatience() async throws {
        let asked = Mutex(false)
        let introductions = Introductions([], patience: .milliseconds(400))
        let running = Task {
            await introductions.run(changes: AsyncStream<Void> { _ in }) { _ in
                asked.withLock { $0 = true }
                return []
            } introduce: { _ in
            }
        }
        let begun = ContinuousClock.now
        var heard = begun, longest = Duration.zero
        while heard - begun < .milliseconds(1200) {
            introductions.heard()
            longest = max(longest, .now - heard)
            heard = .now
            await Task.yield()
        }
        // Unless this machine did not let us speak in time.
        #expect(!asked.withLock { $0 } || longest > .milliseconds(300))
        running.cancel()
        await running.value
    }
}
