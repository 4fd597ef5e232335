import Pipeline
import TestSupport
import Testing

@testable import Publisher

/// What moves a content on through the rings, and what takes it back.
@Suite struct RingsTests {
    private let rings = Rings(
        stops: [
            .init(ring: Ring(name: "canary", labels: ["role": "canary"]), soak: .seconds(60), deadline: .seconds(300)),
            .init(ring: Ring(name: "half", percent: 50), soak: .seconds(10), deadline: .seconds(300)),
        ], grace: .seconds(5))
    private let content = Digest(of: [1]), old = Digest(of: [0])
    private let start = Instant(milliseconds: 1_000_000)

    private func at(_ seconds: Int64) -> Instant { start.advanced(byMilliseconds: seconds * 1000) }

    private func proxy(_ host: String, canary: Bool, _ content: Digest, release: UInt64 = 7) -> Deployment {
        let seen = Deployment.Seen(at: start, release: release, published: start)
        var proxy = Deployment(
            host: host, release: release, tinydns: seen, unbound: seen, swarmAddress: "", tinydnsAddress: "", unboundAddress: "",
            labels: canary ? ["role": "canary"] : [:])
        proxy.content = content
        return proxy
    }

    private func flight() -> Rollout.Flight { .init(content: content, presentation: 2, stable: 1, since: start) }

    @Test func soaksThenGoesOn() {
        var flight = flight()
        let fleet = [proxy("a", canary: true, content), proxy("b", canary: true, content), proxy("c", canary: false, old)]
        var late = fleet
        late[1].content = old
        #expect(rings.judge(&flight, proxies: late, at: at(0)) == .wait(until: at(300)))
        #expect(flight.goodSince == nil && flight.trouble.contains("b: has not got it yet"))
        #expect(rings.judge(&flight, proxies: fleet, at: at(10)) == .wait(until: at(70)))
        #expect(rings.judge(&flight, proxies: fleet, at: at(69)) == .wait(until: at(70)))
        #expect(rings.judge(&flight, proxies: fleet, at: at(70)) == .advance)
    }

    /// Good time counts only as one piece.
    @Test func aLapseStartsTheSoakAnew() {
        var flight = flight()
        let good = [proxy("a", canary: true, content)]
        var bad = good
        bad[0].unbound!.fault = "SERVFAIL"
        _ = rings.judge(&flight, proxies: good, at: at(0))
        #expect(rings.judge(&flight, proxies: bad, at: at(50)) == .wait(until: at(55)))
        #expect(rings.judge(&flight, proxies: good, at: at(54)) == .wait(until: at(114)))
        #expect(flight.badSince == nil)
    }

    /// A new stamp of the same content is no lapse, if unbound shows it a moment later.
    @Test func aHeartbeatIsNoLapse() {
        var flight = flight()
        var fleet = [proxy("a", canary: true, content)]
        fleet[0].unbound!.release = 6
        #expect(rings.judge(&flight, proxies: fleet, at: at(0)) == .wait(until: at(300)))
        fleet[0].unbound!.release = 7
        _ = rings.judge(&flight, proxies: fleet, at: at(1))
        fleet[0].release = 8
        #expect(rings.judge(&flight, proxies: fleet, at: at(61)) == .advance)
    }

    /// Each thing that can be wrong, alone, takes it back after the grace and not before.
    @Test func whatIsWrongTakesItBack() {
        typealias Damage = (inout [Deployment]) -> Void
        let damages: [(String, Damage)] = [
            ("no space left", { $0[0].fault = "no space left" }),
            ("tinydns: stale", { $0[0].tinydns!.fault = "stale" }),
            ("unbound: SERVFAIL", { $0[1].unbound!.fault = "SERVFAIL" }),
            ("b: is gone", { $0.remove(at: 1) }),
            ("1 of 20 changed names", { $0[0].probes = .init(asked: 20, wrong: 1, example: "x. A") }),
            (
                "SERVFAIL to 15.0 %",
                { proxies in
                    proxies[0].load = .init(queries: 200, failures: 30, latency: 100)
                    proxies[2].load = .init(queries: 1000, failures: 1, latency: 100)
                }
            ),
            (
                "clients wait 90 ms",
                { proxies in
                    proxies[0].load = .init(queries: 200, failures: 0, latency: 90_000)
                    proxies[2].load = .init(queries: 1000, failures: 1, latency: 1000)
                }
            ),
        ]
        let good = [proxy("a", canary: true, content), proxy("b", canary: true, content), proxy("c", canary: false, old)]
        for (words, damage) in damages {
            var flight = flight(), bad = good
            damage(&bad)
            #expect(rings.judge(&flight, proxies: good, at: at(0)) == .wait(until: at(60)))
            #expect(rings.judge(&flight, proxies: bad, at: at(1)) == .wait(until: at(6)))
            #expect(rings.judge(&flight, proxies: bad, at: at(5)) == .wait(until: at(6)))
            guard case .abort(let reason) = rings.judge(&flight, proxies: bad, at: at(6)) else {
                Issue.record("\(words) is not noticed")
                continue
            }
            #expect(reason.contains(words))
        }
        // The same of a proxy outside the rings is not held against the content.
        for (_, damage) in damages.prefix(2) {
            var flight = flight(), other = [good[2], good[0], good[1]]
            damage(&other)
            _ = rings.judge(&flight, proxies: other, at: at(0))
            #expect(rings.judge(&flight, proxies: other, at: at(60)) == .advance)
        }
    }

    @Test func fewQuestionsSayNothing() {
        var flight = flight()
        var fleet = [proxy("a", canary: true, content), proxy("c", canary: false, old)]
        fleet[0].load = .init(queries: 20, failures: 20, latency: 1_000_000)
        fleet[1].load = .init(queries: 1000, failures: 0, latency: 100)
        _ = rings.judge(&flight, proxies: fleet, at: at(0))
        #expect(rings.judge(&flight, proxies: fleet, at: at(60)) == .advance)
    }

    @Test func notInTimeTakesItBack() {
        var flight = flight()
        let fleet = [proxy("a", canary: true, old)]
        guard case .abort(let reason) = rings.judge(&flight, proxies: fleet, at: at(300)) else {
            Issue.record("it waits for ever")
            return
        }
        #expect(reason.contains("not good within 300 s: a: has not got it yet"))
        // An empty ring proves nothing.
        flight = self.flight()
        guard case .abort(let empty) = rings.judge(&flight, proxies: [proxy("c", canary: false, old)], at: at(300)) else {
            Issue.record("an empty ring proves something")
            return
        }
        #expect(empty.contains("no proxy is in ring 'canary'"))
    }

    /// The rings before are looked at too.
    @Test func theSecondRingLooksAtTheFirst() {
        var flight = flight()
        flight.ring = 1
        let half = (0..<20).map { proxy("h\($0)", canary: false, content) }
        #expect((5...15).contains(half.count { rings.stops[1].ring.contains(host: $0.host, labels: [:]) }))
        _ = rings.judge(&flight, proxies: half + [proxy("a", canary: true, content)], at: at(0))
        #expect(rings.judge(&flight, proxies: half + [proxy("a", canary: true, content)], at: at(10)) == .advance)
        flight.goodSince = nil
        #expect(rings.judge(&flight, proxies: half + [proxy("a", canary: true, old)], at: at(20)) == .wait(until: at(300)))
    }

    @Test func whoPausedItDecides() {
        var flight = flight()
        flight.isPaused = true
        let good = [proxy("a", canary: true, content)]
        _ = rings.judge(&flight, proxies: good, at: at(0))
        #expect(rings.judge(&flight, proxies: good, at: at(1000)) == .wait(until: nil))
        #expect(rings.judge(&flight, proxies: [], at: at(2000)) == .wait(until: nil))
    }

    @Test func aRingIsTheSameEachTime() {
        let tenth = Ring(name: "tenth", percent: 10)
        let hosts = (0..<5000).map { "host-\($0).example" }
        let chosen = hosts.filter { tenth.contains(host: $0, labels: [:]) }
        #expect((350...650).contains(chosen.count))
        // Who is in a small ring is in each larger one.
        let half = Ring(name: "half", percent: 50)
        #expect(chosen.allSatisfy { half.contains(host: $0, labels: [:]) })
        let both = Ring(name: "both", labels: ["a": "1", "b": "2"], percent: 100)
        #expect(both.contains(host: "x", labels: ["a": "1", "b": "2", "c": "3"]) && !both.contains(host: "x", labels: ["a": "1"]))
    }
}
