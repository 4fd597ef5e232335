/// The constant database of D. J. Bernstein (cdb(5)): what tinydns reads.
///
/// A file is 256 header entries, the records, then 256 hash tables. Everything is
/// little-endian and below 4 GiB.
public enum Cdb {
    static let headerSize = 2048
    /// Positions are 32-bit.
    public static let largestFile = Int(UInt32.max)

    /// The hash of a key: starts at 5381; each octet, `h = (h * 33) xor octet`.
    @inlinable
    public static func hash(_ key: some Sequence<UInt8>) -> UInt32 {
        key.reduce(5381) { ($0 &* 33) ^ UInt32($1) }
    }

    /// The same, over octets in place: a million keys make the difference felt.
    static func hash(_ key: UnsafeRawBufferPointer) -> UInt32 {
        var hash: UInt32 = 5381
        for octet in key { hash = (hash &* 33) ^ UInt32(octet) }
        return hash
    }

    /// Joins fragments (runs of records, see ``CdbFragment``) to a whole file.
    ///
    /// The same octets as djb's `cdb_make` writes for the same records in the same order.
    public static func assemble(_ fragments: [[UInt8]]) throws(CdbError) -> [UInt8] {
        let recordOctets = fragments.reduce(0) { $0 + $1.count }
        var entries: [Entry] = []
        var counts = [Int](repeating: 0, count: 256)
        var position = headerSize
        for fragment in fragments {
            guard position + fragment.count < largestFile else { throw CdbError.tooLarge }
            try CdbFragment.scan(fragment) { offset, key, _ in
                let hash = Cdb.hash(key)
                entries.append(Entry(hash: hash, position: UInt32(position + offset)))
                counts[Int(hash & 255)] += 1
            }
            position += fragment.count
        }
        let total = headerSize + recordOctets + 16 * entries.count
        guard total <= largestFile else { throw CdbError.tooLarge }
        let sorted = byTable(entries, counts)
        return [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            let base = UnsafeMutableRawPointer(buffer.baseAddress!)
            var at = headerSize
            for fragment in fragments {
                fragment.withUnsafeBytes { if !$0.isEmpty { (base + at).copyMemory(from: $0.baseAddress!, byteCount: $0.count) } }
                at += fragment.count
            }
            (base + at).initializeMemory(as: UInt8.self, repeating: 0, count: total - at)
            var first = 0
            for table in 0..<256 {
                let slots = 2 * counts[table]
                base.storeBytes(of: UInt32(at).littleEndian, toByteOffset: 8 * table, as: UInt32.self)
                base.storeBytes(of: UInt32(slots).littleEndian, toByteOffset: 8 * table + 4, as: UInt32.self)
                fill(base + at, slots: slots, with: sorted[first..<first + counts[table]])
                first += counts[table]
                at += 8 * slots
            }
            count = total
        }
    }

    /// Where a record is, and what its key hashes to.
    struct Entry {
        var hash: UInt32
        var position: UInt32
    }

    /// Entries by the table they belong to, otherwise in their order.
    static func byTable(_ entries: [Entry], _ counts: [Int]) -> [Entry] {
        var next = counts.indices.map { counts[..<$0].reduce(0, +) }
        return [Entry](unsafeUninitializedCapacity: entries.count) { buffer, count in
            for entry in entries {
                let table = Int(entry.hash & 255)
                (buffer.baseAddress! + next[table]).initialize(to: entry)
                next[table] += 1
            }
            count = entries.count
        }
    }

    /// Puts each entry in the first free slot from its own on, as `cdb_make` does.
    ///
    /// Keys as alike as a map's prefixes have hashes so close that runs of thousands
    /// of slots fill up, and walking them costs more than all else. So each slot
    /// knows a later one before which none is free, and walks shorten themselves.
    static func fill(_ table: UnsafeMutableRawPointer, slots: Int, with entries: ArraySlice<Entry>) {
        guard slots > 0 else { return }
        var free = Array(0..<Int32(slots))
        free.withUnsafeMutableBufferPointer { free in
            for entry in entries {
                var slot = Int((entry.hash >> 8) % UInt32(slots))
                while free[slot] != slot {
                    free[slot] = free[Int(free[slot])]
                    slot = Int(free[slot])
                }
                free[slot] = slot + 1 == slots ? 0 : Int32(slot + 1)
                table.storeBytes(of: entry.hash.littleEndian, toByteOffset: 8 * slot, as: UInt32.self)
                table.storeBytes(of: entry.position.littleEndian, toByteOffset: 8 * slot + 4, as: UInt32.self)
            }
        }
    }
}

/// Why octets are not a database.
public enum CdbError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLarge
    /// A table has no room for another record: the file has to be made anew.
    case full
    /// A length leads outside; the offset is where it stands.
    case malformed(offset: Int)

    public var description: String {
        switch self {
        case .tooLarge: "the database would be over 4 GiB, the most that cdb can hold"
        case .full: "a table of the database is full"
        case .malformed(let offset): "malformed cdb (octet \(offset))"
        }
    }
}

/// A run of cdb records (key length, data length, key, data): one shard, compiled.
public struct CdbFragment: Sendable {
    public private(set) var octets: [UInt8] = []

    public init() {}

    public mutating func append(key: [UInt8], data: [UInt8]) {
        for length in [key.count, data.count] {
            for shift in stride(from: 0, to: 32, by: 8) { octets.append(UInt8(truncatingIfNeeded: length >> shift)) }
        }
        octets += key
        octets += data
    }

    /// Calls `body` for each record with its offset, key and data.
    public static func walk(
        _ octets: [UInt8], _ body: (_ offset: Int, _ key: ArraySlice<UInt8>, _ data: ArraySlice<UInt8>) -> Void
    ) throws(CdbError) {
        try scan(octets) { offset, key, data in
            let middle = offset + 8 + key.count
            body(offset, octets[offset + 8..<middle], octets[middle..<middle + data.count])
        }
    }

    /// The first record, if there is one.
    public static func first(_ octets: [UInt8]) throws(CdbError) -> (key: [UInt8], data: [UInt8])? {
        guard !octets.isEmpty else { return nil }
        guard octets.count >= 8 else { throw .malformed(offset: 0) }
        let key = Int(load(octets, 0)), data = Int(load(octets, 4))
        guard key + data <= octets.count - 8 else { throw .malformed(offset: 0) }
        return (Array(octets[8..<8 + key]), Array(octets[8 + key..<8 + key + data]))
    }

    /// As ``walk(_:_:)``, over the octets in place; the pointers end with the call.
    static func scan(
        _ octets: [UInt8], _ body: (_ offset: Int, _ key: UnsafeRawBufferPointer, _ data: UnsafeRawBufferPointer) -> Void
    ) throws(CdbError) {
        let fault: CdbError? = octets.withUnsafeBytes { buffer in
            var at = 0
            while at < buffer.count {
                guard buffer.count - at >= 8 else { return .malformed(offset: at) }
                let key = Int(UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
                let data = Int(UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)))
                guard key + data <= buffer.count - at - 8 else { return .malformed(offset: at) }
                let middle = at + 8 + key
                body(
                    at, UnsafeRawBufferPointer(rebasing: buffer[at + 8..<middle]),
                    UnsafeRawBufferPointer(rebasing: buffer[middle..<middle + data]))
                at = middle + data
            }
            return nil
        }
        if let fault { throw fault }
    }

    static func load(_ octets: [UInt8], _ at: Int) -> UInt32 {
        UInt32(octets[at]) | UInt32(octets[at + 1]) << 8 | UInt32(octets[at + 2]) << 16 | UInt32(octets[at + 3]) << 24
    }
}

/// Looks keys up in a whole file, as tinydns does (cdb_find(3)).
public struct CdbReader: Sendable {
    private let octets: [UInt8]

    public init(_ octets: [UInt8]) throws(CdbError) {
        guard octets.count >= Cdb.headerSize else { throw .malformed(offset: 0) }
        self.octets = octets
    }

    /// All data under `key`, in the order it was written.
    public func values(of key: [UInt8]) throws(CdbError) -> [ArraySlice<UInt8>] {
        let hash = Cdb.hash(key)
        let header = 8 * Int(hash & 255)
        let table = try word(header), slots = try word(header + 4)
        guard slots > 0 else { return [] }
        var values: [ArraySlice<UInt8>] = []
        var slot = Int(hash >> 8) % slots
        for _ in 0..<slots {
            let at = table + 8 * slot
            let position = try word(at + 4)
            if position == 0 { break }
            if try UInt32(word(at)) == hash {
                let keyLength = try word(position), dataLength = try word(position + 4)
                let start = position + 8
                guard start + keyLength + dataLength <= octets.count else { throw .malformed(offset: position) }
                if octets[start..<start + keyLength].elementsEqual(key) {
                    values.append(octets[start + keyLength..<start + keyLength + dataLength])
                }
            }
            slot = slot + 1 == slots ? 0 : slot + 1
        }
        return values
    }

    private func word(_ at: Int) throws(CdbError) -> Int {
        guard at >= 0, at + 4 <= octets.count else { throw .malformed(offset: at) }
        return Int(CdbFragment.load(octets, at))
    }
}
