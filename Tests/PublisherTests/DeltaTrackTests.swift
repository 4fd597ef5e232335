import Pipeline
import TestSupport
import Testing

@testable import Publisher

@Suite struct DeltaTrackTests {
    /// Whatever is appended, moved to blobs and shortened: from the start, and from each
    /// content that is told of still, the deltas lead to the end.
    @Test(arguments: 1...20)
    func alwaysLeadsToTheEnd(_ seed: UInt64) throws {
        var random = Seeded(seed)
        var blobs: [Digest: [UInt8]] = [:]
        var contents = [random.digest()]
        var track = DeltaTrack(from: contents[0])
        for _ in 0..<300 {
            let next = random.digest()
            let inserted = random.octets(random.below(3000))
            track.append(
                Delta(
                    from: contents.last!, to: next,
                    splices: [Splice(path: "f", offset: 0, removed: 0, inserted: inserted, outcome: nil)]))
            contents.append(next)
            while case let run = track.overflow, !run.isEmpty {
                let blob = Delta.encode(run)
                blobs[Digest(of: blob)] = blob
                track.moved(run, to: blob, Digest(of: blob))
            }
            if random.chance(20) {
                let content = random.pick(contents)
                let known = reachable(track, blobs, contents)
                if track.shorten(to: content) { #expect(known.contains(content) && track.start == content) }
            } else if random.chance(30) {
                let content = random.pick(contents.suffix(3))
                let isOnIt = track.shorten(to: content)
                #expect(isOnIt)
            }
            #expect(track.end == next)
            #expect(track.deltas.reduce(0) { $0 + $1.size } <= DeltaTrack.inline)
            #expect(reachable(track, blobs, contents).contains(track.start))
        }
            }

    private func reachable(_ track: DeltaTrack, _ blobs: [Digest: [UInt8]], _ contents: [Digest]) -> Set<Digest> {
        let earlier = track.log.flatMap { (try? Delta.decode(blobs[$0]!)) ?? [] }
        let checkpoint = Checkpoint(content: track.start, listing: track.start, torrent: track.start, infoHash: [])
        let release = Release(
            pipeline: "p", number: 1, published: Instant(milliseconds: 1), content: track.end, presentation: 1,
            trace: Trace(cause: ""), heartbeat: 1, checkpoint: checkpoint, log: track.log, deltas: track.deltas)
        return Set(contents.filter { release.route(from: $0, earlier: earlier) != nil })
    }
}
