import DNSWire
import Pipeline
import Testing

@Suite struct ReachTests {
    private static let digest = Digest(of: [])

    private func release(_ number: UInt64, of presentation: UInt64, _ trace: Trace) -> Release {
        Release(
            pipeline: "p", number: number, published: Instant(milliseconds: 1), content: Self.digest, presentation: presentation, trace: trace,
            heartbeat: 1, checkpoint: Checkpoint(content: Self.digest, listing: Self.digest, torrent: Self.digest, infoHash: []))
    }

    private func proxy(_ host: String, _ release: UInt64, _ trace: Trace = Trace(cause: ""), traced: UInt64 = 0) -> Deployment {
        Deployment(host: host, release: release, trace: trace, tracedRelease: traced, swarmAddress: "", tinydnsAddress: "", unboundAddress: "")
    }

    private static let trace = Trace(cause: "c0ffee").adding(.presented, at: Instant(milliseconds: 5))
    private static let older = Trace(cause: "c0ffee").adding(.presented, at: Instant(milliseconds: 4))

    @Test func notReleased() {
        for current in [nil, release(9, of: 40, Self.trace)] {
            let reach = Reach(of: 41, release: current, deployments: [proxy("b", 9), proxy("a", 8)])
            #expect(reach.release == nil && !reach.isExact && reach.serving.isEmpty && reach.behind == ["a", "b"])
        }
    }

    /// Heartbeats have repeated it since: a proxy knows the release that brought it.
    @Test func newest() {
        let reach = Reach(
            of: 41, release: release(12, of: 41, Self.trace),
            deployments: [proxy("c", 12, Self.trace, traced: 10), proxy("b", 11, Self.trace, traced: 11), proxy("a", 9, Self.older, traced: 9)])
        #expect(reach.release == 10 && reach.isExact && reach.serving == ["b", "c"] && reach.behind == ["a"])
    }

    @Test func earlier() {
        let reach = Reach(
            of: 40, release: release(12, of: 41, Self.trace), deployments: [proxy("b", 12, Self.trace, traced: 12), proxy("a", 11, Self.trace, traced: 11)])
        #expect(reach.release == 12 && !reach.isExact && reach.serving == ["b"] && reach.behind == ["a"])
    }

    /// The log knows what the release does not tell.
    @Test func earlierByTheLog() throws {
        var log = ReleaseLog()
        let told = [
            log.note([.init(release: 1, presentation: 38), .init(release: 4, presentation: 39)]),
            log.note([.init(release: 6, presentation: 39), .init(release: 7, presentation: 41)]),
            log.note([.init(release: 7, presentation: 41), .init(release: 9, presentation: 41)]),
        ]
        #expect(told == [true, true, false])
        let proxies = [proxy("b", 12, Self.trace, traced: 12), proxy("a", 6, Self.trace, traced: 6)]
        // The 40th went out with the 41st.
        for (presentation, first) in [(38, 1), (39, 4), (40, 7), (41, 7)] as [(UInt64, UInt64)] {
            let reach = Reach(of: presentation, release: release(12, of: 41, Self.trace), log: log, deployments: proxies)
            #expect(reach.release == first && reach.isExact)
            #expect(reach.serving == (first > 6 ? ["b"] : ["a", "b"]))
        }
        #expect(try ReleaseLog(decoding: log.encoded) == log)
    }

    @Test func theLogIsBoundedAndBeginsAnew() throws {
        var log = ReleaseLog()
        for number in 2...UInt64(ReleaseLog.most + 9) { _ = log.note([.init(release: number, presentation: number)]) }
        #expect(log.steps.count == ReleaseLog.most && log.first(carrying: 5) == nil && log.first(carrying: 100) == 100)
        // What was written twice, as after an answer that got lost.
        let known = log
        let twice = log.note(Array(log.steps.suffix(3)))
        #expect(!twice && log == known)
        // Another pipeline in the same store.
        _ = log.note([.init(release: 1, presentation: 1)])
        #expect(log.steps.count == 1 && log.first(carrying: 1) == 1)
        _ = log.note([.init(release: 2, presentation: 9), .init(release: 3, presentation: 2)])
        #expect(log.steps.count == 1 && log.first(carrying: 2) == nil)
    }
}
