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
        records = Self.sorted(records, by: \.key)
        map.sort { ($0.prefix, $0.location) < ($1.prefix, $1.location) }
        conflicts = Self.sorted(conflicts, by: \.key)
    }

    /// In canonical order of their keys.
    ///
    /// Keys are written out once as octets, one after another: comparing names label by
    /// label in the comparator costs ten times as much.
    static func sorted<Element>(_ elements: [Element], by key: (Element) -> RecordKey) -> [Element] {
        elements.count < 2 ? elements : places(elements, by: key).map { elements[$0] }
    }

    /// Where the RRsets stand that come in canonical order; of one key the earlier first.
    public static func canonicalPlaces(of records: [RecordSet]) -> [Int] { places(records, by: \.key) }

    private static func places<Element>(_ elements: [Element], by key: (Element) -> RecordKey) -> [Int] {
        var octets: [UInt8] = []
        var keys: [(start: Int, end: Int, index: Int)] = []
        octets.reserveCapacity(elements.count * 40)
        keys.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            let start = octets.count
            appendOrderKey(key(element), to: &octets)
            keys.append((start, octets.count, index))
        }
        octets.withUnsafeBufferPointer { octets in
            keys.sort { a, b in
                octets[a.start..<a.end].lexicographicallyPrecedes(octets[b.start..<b.end])
            }
        }
        return keys.map(\.index)
    }

    /// Octets whose plain order is the canonical order of keys.
    static func orderKey(_ key: RecordKey) -> [UInt8] {
        var octets: [UInt8] = []
        appendOrderKey(key, to: &octets)
        return octets
    }

    private static func appendOrderKey(_ key: RecordKey, to octets: inout [UInt8]) {
        let wire = key.owner.wire
        // A name has at most 127 labels: their starts fit in fixed room on the stack.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { starts in
            var count = 0, i = 0
            while wire[i] != 0 {
                starts[count] = UInt8(i)
                count += 1
                i += 1 + Int(wire[i])
            }
            // Right to left. An octet of 0 or 1 in a label is escaped by 1, so that
            // the 0 that ends a label sorts before everything.
            for label in stride(from: count - 1, through: 0, by: -1) {
                let start = Int(starts[label])
                for i in start + 1..<start + 1 + Int(wire[start]) {
                    let c = wire[i]
                    if c <= 1 { octets.append(1) }
                    octets.append(c >= UInt8(ascii: "A") && c <= UInt8(ascii: "Z") ? c | 0x20 : c)
                }
                octets.append(0)
            }
        }
        octets.append(0)
        octets.append(UInt8(key.type.rawValue >> 8))
        octets.append(UInt8(key.type.rawValue & 0xFF))
        octets.append(key.location?.octets.0 ?? 0)
        octets.append(key.location?.octets.1 ?? 0)
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
    public func index(of owner: Name) -> Int { index(of: owner.wire) }

    /// The shard of a map entry's prefix.
    public func index(ofPrefix prefix: [UInt8]) -> Int {
        var hash = Self.basis
        Self.hash([0, UInt8(ascii: "%")], &hash)
        // Octets of an address have no case.
        for octet in prefix { hash = (hash ^ UInt64(octet)) &* Self.prime }
        return Int(hash % UInt64(count))
    }

    private static let basis: UInt64 = 0xCBF2_9CE4_8422_2325, prime: UInt64 = 0x0000_0100_0000_01B3

    private func index(of octets: [UInt8]) -> Int {
        var hash = Self.basis
        Self.hash(octets, &hash)
        return Int(hash % UInt64(count))
    }

    private static func hash(_ octets: [UInt8], _ hash: inout UInt64) {
        for c in octets {
            let lower = c >= UInt8(ascii: "A") && c <= UInt8(ascii: "Z") ? c | 0x20 : c
            hash = (hash ^ UInt64(lower)) &* prime
        }
    }

    /// Spreads records and map entries; what is in a shard stays in the order it came in.
    public func spread(unsorted records: [RecordSet], map: [MapEntry]) -> [Int: Shard] {
        var shards = [Shard](repeating: Shard(), count: count)
        for record in records { shards[index(of: record.key.owner)].records.append(record) }
        for entry in map { shards[index(ofPrefix: entry.prefix)].map.append(entry) }
        return Dictionary(uniqueKeysWithValues: shards.enumerated().filter { !$0.element.isEmpty }.map { ($0.offset, $0.element) })
    }

    /// Spreads records and map entries; each shard comes out sorted.
    public func spread(records: [RecordSet], map: [MapEntry]) -> [Int: Shard] {
        spread(unsorted: records, map: map).mapValues {
            var shard = $0
            shard.sort()
            return shard
        }
    }

    /// Spreads edits by owner name, in a fixed order.
    public func spread(edits: [Edit]) -> [Int: [Edit]] {
        Dictionary(grouping: edits) { index(of: $0.key.owner) }.mapValues { edits in
            // Mostly they are in this order already, and on lines of their own: names are written out for those that share one.
            edits.sorted { a, b in
                let (x, y) = (a.origin, b.origin)
                if x.line == y.line, x.file == y.file { return a.key.description < b.key.description }
                return x.file == y.file ? x.line < y.line : x.file < y.file
            }
        }
    }
}
