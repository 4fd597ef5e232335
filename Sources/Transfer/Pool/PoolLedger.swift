public import DNSWire
public import Pipeline

/// The statuses of all zones in all pools, in the store.
///
/// Several may write: each write is made from what is there, and made again if another was quicker.
public actor PoolLedger {
    public typealias Change = @Sendable (PoolRecord?) -> PoolRecord?

    private let store: any Store
    private var state: (value: PoolState, version: StoreVersion)?
    /// Records by the blob that they are in.
    private var tables: [Int: (digest: Digest, records: [PoolZone: PoolRecord])] = [:]

    /// Over so many blobs records are spread: a change writes one.
    static let spread = Sharding(count: 64)
    /// Zones that are gone are told of for a while: so many for each blob.
    static let mostGone = 16

    public init(store: any Store) { self.store = store }

    /// What is known now; `version` changes with every write.
    public func read() async throws -> (records: [PoolZone: PoolRecord], version: StoreVersion?) {
        try await refresh()
        return (tables.values.reduce(into: [:]) { $0.merge($1.records) { $1 } }, state?.version)
    }

    /// Of one zone, by pool.
    public func records(of zone: Name) async throws -> [PoolZone: PoolRecord] {
        try await refresh()
        return tables[(state?.value.spread ?? Self.spread).index(of: zone)]?.records.filter { $0.key.zone == zone } ?? [:]
    }

    /// How many zones of each pool have each status, as of what was read or written last.
    var counts: [String: [PoolStatus: Int]] {
        tables.values.reduce(into: [:]) { counts, table in
            for (key, record) in table.records { counts[key.pool, default: [:]][record.status, default: 0] += 1 }
        }
    }

    /// Zones whose NS records are not those of their pool.
    var misplaced: Int { tables.values.reduce(0) { $0 + $1.records.values.count { !$0.missing.isEmpty || !$0.foreign.isEmpty } } }

    /// Changes records, all at once; durable on return. A change may be made several times.
    ///
    /// - Returns: the version that has it.
    @discardableResult
    public func update(_ changes: [PoolZone: Change]) async throws -> StoreVersion? {
        for _ in 0..<20 {
            do {
                return try await write(changes)
            } catch let error as StoreError where error.code == .conflict {
                continue
            }
        }
        throw StoreError(.unavailable, "the statuses of pools are written by others all the time")
    }

    private func write(_ changes: [PoolZone: Change]) async throws -> StoreVersion? {
        try await refresh()
        // Spread in another way they are all written.
        let isMoved = state.map { $0.value.spread != Self.spread } ?? false
        var old: [Int: [PoolZone: PoolRecord]] = tables.mapValues(\.records)
        if isMoved {
            old = Dictionary(grouping: old.values.flatMap(\.self)) { Self.spread.index(of: $0.key.zone) }
                .mapValues { Dictionary(uniqueKeysWithValues: $0.map { ($0.key, $0.value) }) }
        }
        var new: [Int: [PoolZone: PoolRecord]] = isMoved ? old : [:]
        for (index, some) in Dictionary(grouping: changes, by: { Self.spread.index(of: $0.key.zone) }) {
            var table = old[index] ?? [:]
            for (key, change) in some { table[key] = change(table[key]) }
            table = Self.pruned(table)
            if isMoved || table != old[index] ?? [:] { new[index] = table }
        }
        if new.isEmpty { return state?.version }
        var shards = isMoved ? [:] : state?.value.shards ?? [:]
        let filled = new.filter { !$0.value.isEmpty }
        let digests = try await store.put(filled.map { PoolRecord.encode($0.value) })
        for index in new.keys { shards[index] = nil }
        for ((index, _), digest) in zip(filled, digests) { shards[index] = digest }
        let value = PoolState(spread: Self.spread, shards: shards)
        let version = try await store.write(value.encoded, at: WellKnown.pools, expecting: state?.version)
        if isMoved { tables = [:] }
        for index in new.keys { tables[index] = shards[index].map { ($0, new[index] ?? [:]) } }
        state = (value, version)
        return version
    }

    private func refresh() async throws {
        let stored = try await store.decoded(WellKnown.pools, known: state.map { ($0.value, $0.version) }, PoolState.init(decoding:))
        guard let stored else {
            (state, tables) = (nil, [:])
            return
        }
        if stored.version == state?.version { return }
        var read: [Int: (digest: Digest, records: [PoolZone: PoolRecord])] = [:]
        for (index, digest) in stored.value.shards {
            if let known = tables[index], known.digest == digest {
                read[index] = known
            } else {
                read[index] = (digest, try PoolRecord.decode(try await store.require(digest)))
            }
        }
        (tables, state) = (read, (stored.value, stored.version))
    }

    /// Of zones that are gone everywhere the newest stay.
    private static func pruned(_ table: [PoolZone: PoolRecord]) -> [PoolZone: PoolRecord] {
        let gone = table.filter { $0.value.change == .absent && $0.value.status == .active }
        guard gone.count > mostGone else { return table }
        var table = table
        for (key, _) in gone.sorted(by: { $0.value.begun > $1.value.begun }).dropFirst(mostGone) { table[key] = nil }
        return table
    }
}
