internal import DNSWire
internal import Pipeline

/// What the other shards must know of one: its zones' apexes.
struct ShardStarts: Sendable {
    /// SOA RRsets, and the NS and DS RRsets at the same names, for all locations.
    var sets: [RecordSet] = []

    static let types: Set<RRType> = [.soa, .ns, .ds]

    init() {}

    /// - Parameter records: of ``types``.
    init(_ records: [RecordSet]) {
        let apexes = Set(records.filter { $0.key.type == .soa }.map(\.key.owner))
        if !apexes.isEmpty { sets = records.filter { apexes.contains($0.key.owner) } }
    }

    /// What a view sees at each apex.
    func visible(in view: View) -> [(apex: Name, sets: [RecordSet])] {
        sets.byOwner.compactMap { sets in
            let seen = view.visible(sets)
            return seen.contains { $0.key.type == .soa } ? (sets[sets.startIndex].key.owner, seen) : nil
        }
    }
}

/// What one shard gives to the zones of one view.
struct ShardContent: Sendable {
    /// By apex.
    var segments: [Name: Segment] = [:]
    /// Records that are in no zone of the view.
    var orphans = 0
    /// Records that no message can hold.
    var oversized = 0

    /// The longest data that fits with any names and a signature.
    private static let mostData = 64_000

    /// - Parameter records: in canonical order.
    init(_ records: [RecordSet], view: View, apexes: Apexes) {
        var building: [Name: (octets: [UInt8], count: Int)] = [:]
        var parent: [UInt8]?, zone: Name?
        for sets in records.byOwner {
            let owner = sets[sets.startIndex].key.owner
            // Neighbours mostly have one parent; an apex itself is looked up.
            if apexes.contains(owner) {
                (zone, parent) = (owner, nil)
            } else if let above = owner.wire.afterFirstLabel, parent != above {
                zone = apexes.zone(of: owner)
                parent = above
            }
            let seen = view.visible(sets)
            guard let zone else {
                orphans += seen.count
                continue
            }
            for set in seen where set.key.type != .soa && !(set.key.type == .ds && owner == zone) {
                for rdata in set.rdata {
                    guard rdata.wire.count <= Self.mostData else {
                        oversized += 1
                        continue
                    }
                    building[zone, default: ([], 0)].octets.append(owner: owner, type: set.key.type, ttl: set.ttl, rdata: rdata)
                    building[zone]?.count += 1
                }
            }
        }
        // As large as they are: they stay.
        segments = building.mapValues { built in
            Segment(octets: [UInt8](unsafeUninitializedCapacity: built.octets.count) { buffer, count in
                count = built.octets.count
                _ = buffer.initialize(fromContentsOf: built.octets)
            }, count: built.count)
        }
    }
}

extension [RecordSet] {
    /// RRsets of one owner each.
    var byOwner: some Sequence<ArraySlice<RecordSet>> {
        sequence(state: startIndex) { (at: inout Int) -> ArraySlice<RecordSet>? in
            guard at < self.count else { return nil }
            let start = at
            repeat { at += 1 } while at < self.count && self[at].key.owner == self[start].key.owner
            return self[start..<at]
        }
    }
}

extension [UInt8] {
    /// Of a name: all but the leftmost label; `nil` for the root.
    fileprivate var afterFirstLabel: [UInt8]? { self[0] == 0 ? nil : Array(self[(1 + Int(self[0]))...]) }
}
