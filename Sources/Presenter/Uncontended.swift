internal import DNSWire
internal import Pipeline

/// A shard's generated records, apart: those whose names only one source wants, as they
/// will be served, and those that have to be settled. Most are of the first kind, and
/// looking up each of them by its key is most of what settling would cost.
struct Uncontended {
    /// In canonical order.
    private(set) var records: [RecordSet] = []
    /// What is left, with the location maps.
    private(set) var contended: [String: Shard]

    /// - Parameter wanted: names that somebody else wants something of.
    init(_ generations: [String: Shard], wanted: Set<Name>) {
        contended = generations.mapValues { Shard(map: $0.map) }
        let names = generations.keys.sorted()
        var all: [RecordSet] = [], ends: [Int] = []
        for name in names {
            all += generations[name]!.records
            ends.append(all.count)
        }
        let places = Shard.canonicalPlaces(of: all)
        records.reserveCapacity(all.count)
        var start = 0
        while start < places.count {
            let owner = all[places[start]].key.owner
            var end = start + 1, isTwice = false, hasAlias = all[places[start]].key.type == .cname
            while end < places.count, all[places[end]].key.owner == owner {
                let key = all[places[end]].key
                isTwice = isTwice || key == all[places[end - 1]].key
                hasAlias = hasAlias || key.type == .cname
                end += 1
            }
            let isContended = isTwice || hasAlias && end - start > 1 || !wanted.isEmpty && wanted.contains(owner) || Stamp.isStampName(owner)
            for place in places[start..<end] {
                if isContended {
                    contended[names[ends.firstIndex { place < $0 }!]]!.records.append(all[place])
                } else {
                    records.append(all[place])
                }
            }
            start = end
        }
    }
}
