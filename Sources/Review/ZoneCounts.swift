public import DNSWire
public import Pipeline
internal import Synchronization

/// How many RRsets each zone of a presentation has.
///
/// What was counted in a shard is kept for as long as the shard is live, so that a
/// running Presenter counts what changed and no more.
public final class ZoneCounts: Sendable {
    private struct Kept {
        var apexes: [[UInt8]] = []
        var byShard: [Digest: [Name?: Int]] = [:]
    }

    private let kept = Mutex(Kept())

    public init() {}

    /// RRsets by apex; under `nil` those in no zone.
    public func counts(of presentation: Manifest, in blobs: any Blobs) async throws -> [Name?: Int] {
        let apexes = presentation.zones
        let zones = ZoneSet(apexes)
        let digests = Set(presentation.shards.values.map(\.digest))
        // A zone more or less changes whose the records are.
        let known = kept.withLock { kept in
            if kept.apexes != apexes.map(\.canonicalWire) { kept = Kept(apexes: apexes.map(\.canonicalWire)) }
            return kept.byShard.filter { digests.contains($0.key) }
        }
        let missing = digests.subtracting(known.keys)
        let counted = try await concurrentMap(Array(missing)) { digest in
            let shard = try Shard(decoding: try await blobs.require(digest))
            var counts: [Name?: Int] = [:]
            for record in shard.records { counts[zones.zone(of: record.key.owner), default: 0] += 1 }
            return (digest, counts)
        }
        let all = known.merging(counted) { a, _ in a }
        kept.withLock { $0.byShard = all }
        return all.values.reduce(into: [:]) { total, counts in total.merge(counts, uniquingKeysWith: +) }
    }
}
