public import DNSWire
public import Pipeline
internal import Synchronization

/// How many RRsets each zone of a presentation has.
///
/// What was counted in a shard is kept for as long as the shard is live, so that a
/// running Presenter counts what changed and no more.
public final class ZoneCounts: Sendable {
    private struct Kept {
        /// By shard: what its SOA RRsets are, and how many RRsets of each zone, by the zone's place.
        var shards: [Int: (digest: Digest, apexes: [Name], counts: [UInt32: UInt32])] = [:]
        var places: [Name: UInt32] = [:]
        var zones: [Name?] = [nil]
        var totals: [Int] = [0]

        init() {}

        init(_ apexes: [Name]) {
            for apex in apexes where places[apex] == nil {
                places[apex] = UInt32(zones.count)
                zones.append(apex)
            }
            totals = Array(repeating: 0, count: zones.count)
        }

        /// The place of the closest apex at or above `owner`; 0: in no zone.
        func zone(of owner: Name) -> UInt32 {
            var name: Name? = owner
            while let candidate = name {
                if let place = places[candidate] { return place }
                name = candidate.parent
            }
            return 0
        }

        mutating func replace(_ index: Int, _ reference: ShardReference?, _ counts: [UInt32: UInt32]) {
            for (zone, count) in shards[index]?.counts ?? [:] { totals[Int(zone)] -= Int(count) }
            for (zone, count) in counts { totals[Int(zone)] += Int(count) }
            shards[index] = reference.map { ($0.digest, $0.zones, counts) }
        }
    }

    private let kept = Mutex(Kept())

    public init() {}

    /// RRsets by apex, of those that have some; under `nil` those in no zone.
    public func counts(of presentation: Manifest, in blobs: any Blobs) async throws -> [Name?: Int] {
        var counts = kept.withLock { $0 }
        func changes() -> [Int] {
            (0..<4096).filter { counts.shards[$0]?.digest != presentation.shards[$0]?.digest }
        }
        var missing = changes()
        // A zone more or less changes whose the records are.
        if missing.contains(where: { (counts.shards[$0]?.apexes ?? []) != (presentation.shards[$0]?.zones ?? []) }) {
            counts = Kept(presentation.zones)
            missing = changes()
        }
        let counted = try await concurrentMap(missing) { [counts] index in
            var found: [UInt32: UInt32] = [:]
            guard let reference = presentation.shards[index] else { return found }
            for record in try Shard(decoding: try await blobs.require(reference.digest)).records {
                found[counts.zone(of: record.key.owner), default: 0] += 1
            }
            return found
        }
        for (index, found) in zip(missing, counted) { counts.replace(index, presentation.shards[index], found) }
        kept.withLock { [counts] in $0 = counts }
        return Dictionary(uniqueKeysWithValues: zip(counts.zones, counts.totals).filter { $0.1 > 0 })
    }
}
