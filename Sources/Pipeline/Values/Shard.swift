public import DNSWire

/// The RRsets (and map entries) whose owner names hash to one index: what a blob holds.
///
/// Owner name decides, so that all that can conflict meets in one shard.
public struct Shard: Hashable, Sendable {
    /// In canonical order: owner (RFC 4034 §6.1), type, location.
    public var records: [RecordSet]
    /// By prefix.
    public var map: [MapEntry]
    /// What the Presenter had to settle; presentations only.
    public var conflicts: [Conflict]

    public init(records: [RecordSet] = [], map: [MapEntry] = [], conflicts: [Conflict] = []) {
        self.records = records
        self.map = map
        self.conflicts = conflicts
    }

    public var isEmpty: Bool { records.isEmpty && map.isEmpty && conflicts.isEmpty }
    public var count: Int { records.count + map.count }

    /// Puts records and map entries in canonical order.
    public mutating func sort() {
        // Sorting by a precomputed octet key: comparing names label by label in
        // the comparator costs ten times as much.
        records = records.map { (Self.orderKey($0.key), $0) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
            .map(\.1)
        map.sort { ($0.prefix, $0.location) < ($1.prefix, $1.location) }
        conflicts.sort { Self.orderKey($0.key).lexicographicallyPrecedes(Self.orderKey($1.key)) }
    }

    /// Octets whose plain order is the canonical order of keys.
    static func orderKey(_ key: RecordKey) -> [UInt8] {
        var octets: [UInt8] = []
        let wire = key.owner.canonicalWire
        octets.reserveCapacity(wire.count + 8)
        var starts: [Int] = []
        var i = 0
        while wire[i] != 0 {
            starts.append(i)
            i += 1 + Int(wire[i])
        }
        // Right to left. An octet of 0 or 1 in a label is escaped by 1, so that
        // the 0 that ends a label sorts before everything.
        for start in starts.reversed() {
            for c in wire[(start + 1)..<(start + 1 + Int(wire[start]))] {
                if c <= 1 { octets.append(1) }
                octets.append(c)
            }
            octets.append(0)
        }
        octets.append(0)
        octets.append(UInt8(key.type.rawValue >> 8))
        octets.append(UInt8(key.type.rawValue & 0xFF))
        octets.append(contentsOf: key.location?.bytes ?? [0, 0])
        return octets
    }
}

extension [UInt8] {
    fileprivate static func < (a: [UInt8], b: [UInt8]) -> Bool { a.lexicographicallyPrecedes(b) }
}

private func < (a: ([UInt8], Location), b: ([UInt8], Location)) -> Bool {
    a.0 == b.0 ? a.1 < b.1 : a.0.lexicographicallyPrecedes(b.0)
}

/// How names are spread over shards.
public struct Sharding: Hashable, Sendable {
    /// 1 to 4096, fixed for the life of a pipeline.
    public let count: Int

    public init(count: Int) {
        precondition((1...4096).contains(count), "1 to 4096 shards")
        self.count = count
    }

    /// The shard of an owner name: FNV-1a (64 bit) of its canonical wire octets.
    public func index(of owner: Name) -> Int { index(of: owner.canonicalWire) }

    /// The shard of a map entry's prefix.
    public func index(ofPrefix prefix: [UInt8]) -> Int { index(of: [0, UInt8(ascii: "%")] + prefix) }

    private func index(of octets: [UInt8]) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in octets { hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
        return Int(hash % UInt64(count))
    }

    /// Spreads records and map entries; each shard comes out sorted.
    public func spread(records: [RecordSet], map: [MapEntry]) -> [Int: Shard] {
        var shards: [Int: Shard] = [:]
        for record in records { shards[index(of: record.key.owner), default: Shard()].records.append(record) }
        for entry in map { shards[index(ofPrefix: entry.prefix), default: Shard()].map.append(entry) }
        for index in shards.keys { shards[index]!.sort() }
        return shards
    }

    /// Spreads edits by owner name, in a fixed order.
    public func spread(edits: [Edit]) -> [Int: [Edit]] {
        Dictionary(grouping: edits) { index(of: $0.key.owner) }.mapValues { edits in
            edits.sorted { ($0.origin.file, $0.origin.line, $0.key.description) < ($1.origin.file, $1.origin.line, $1.key.description) }
        }
    }
}
