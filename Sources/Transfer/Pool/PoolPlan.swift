internal import DNSWire
internal import Pipeline

/// What pools are to have, of what is transferred now: a pure function of the two.
struct PoolPlan {
    /// What there is to note.
    private(set) var changes: [PoolZone: PoolLedger.Change] = [:]
    /// Zones of each pool that its servers should have, a few: who serves one of them is well.
    private(set) var witnesses: [String: [Name]] = [:]

    private static let mostWitnesses = 4

    /// - Parameter now: when changes begin that are new.
    init(_ pools: [Pool], shown: Presented, records: [PoolZone: PoolRecord], at now: Instant) {
        var servers: [String: [Name: Set<Name>]] = [:]
        for view in shown.snapshot.views where pools.contains(where: { $0.view == view.name && !$0.nsRecords.isEmpty }) {
            servers[view.name] = shown.snapshot.nameServers(in: view)
        }
        for pool in pools {
            for (key, serials) in shown.serials where key.view == pool.view && !serials.isGone && pool.takes(key.zone) {
                // A catalog that is not its own is not for its servers.
                if key.zone != pool.catalog, shown.snapshot.isCatalog(key.zone, in: key.view) { continue }
                if key.zone != pool.catalog, witnesses[pool.name, default: []].count < Self.mostWitnesses {
                    witnesses[pool.name, default: []].append(key.zone)
                }
                let place = PoolZone(pool: pool.name, zone: key.zone)
                note(pool, place, .present(serials.serial), records[place], at: now, servers: servers[pool.view]?[key.zone])
            }
        }
        let byName = Dictionary(pools.map { ($0.name, $0) }) { first, _ in first }
        for (place, record) in records {
            guard let pool = byName[place.pool], pool.takes(place.zone) else {
                changes[place] = { _ in nil }
                continue
            }
            let serials = shown.serials[ZoneView(zone: place.zone, view: pool.view)]
            if serials?.isGone ?? true { note(pool, place, .absent, record, at: now, servers: nil) }
        }
    }

    private mutating func note(
        _ pool: Pool, _ place: PoolZone, _ change: PoolChange, _ record: PoolRecord?, at now: Instant, servers: Set<Name>?
    ) {
        // A catalog's servers are none, and a pool need not say what they should be.
        let isJudged = place.zone != pool.catalog && !pool.nsRecords.isEmpty
        let wanted = isJudged ? Set(pool.nsRecords) : servers ?? [], present = servers ?? wanted
        let missing = Self.first(wanted.subtracting(present)), foreign = Self.first(present.subtracting(wanted))
        let addresses = pool.nameservers.map(\.address), rule = pool.rule
        if let record, record.change == change, Set(record.servers.keys) == Set(addresses), record.missing == missing, record.foreign == foreign {
            return
        }
        changes[place] = { known in
            var record = known.flatMap { $0.change == change ? $0 : nil } ?? PoolRecord(change: change, begun: now, servers: [:])
            (record.missing, record.foreign) = (missing, foreign)
            record.setServers(addresses, by: rule)
            return record
        }
    }

    /// Enough to say what is wrong.
    private static func first(_ names: Set<Name>) -> [Name] { Array(names.sorted { $0.precedes($1) }.prefix(16)) }
}
