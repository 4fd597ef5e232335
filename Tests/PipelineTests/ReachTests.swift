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
}
