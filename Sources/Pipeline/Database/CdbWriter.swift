/// Makes a database of records that come one after another, while their octets go out.
///
/// It keeps eight octets for each record and a buffer; so a file may be far larger than
/// what is held. The same octets as ``Cdb/assemble(_:)`` gives.
public struct CdbWriter: ~Copyable {
    /// Puts octets where they belong in the file. Only the header, which comes last, is
    /// not behind all that was written before.
    public typealias Output = (_ octets: UnsafeRawBufferPointer, _ offset: Int) throws -> Void

    /// Where the next record begins: the size of the file so far.
    public private(set) var position = Cdb.headerSize
    private var entries: [Cdb.Entry] = []
    private var counts = [Int](repeating: 0, count: 256)
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    private var buffered = 0
    private let output: Output

    public init(_ output: @escaping Output) { self.output = output }

    deinit { buffer.deallocate() }

    /// How many records there are.
    public var count: Int { entries.count }

    /// Adds a record.
    ///
    /// - Parameter hash: ``Cdb/hash(_:)`` of the key; who makes the key has it almost for nothing.
    /// - Throws: ``CdbError/tooLarge`` before the file, with its tables, would be over
    ///   4 GiB, nothing being added then; and what the output throws.
    public mutating func append(key: UnsafeRawBufferPointer, hash: UInt32, data: UnsafeRawBufferPointer) throws {
        let length = 8 + key.count + data.count
        guard position + length + 16 * (entries.count + 1) <= Cdb.largestFile else { throw CdbError.tooLarge }
        entries.append(Cdb.Entry(hash: hash, position: UInt32(position)))
        counts[Int(hash & 255)] += 1
        if length > buffer.count - buffered { try flush() }
        if length <= buffer.count {
            let at = buffer.baseAddress! + buffered
            at.storeBytes(of: UInt32(key.count).littleEndian, as: UInt32.self)
            at.storeBytes(of: UInt32(data.count).littleEndian, toByteOffset: 4, as: UInt32.self)
            if let base = key.baseAddress { (at + 8).copyMemory(from: base, byteCount: key.count) }
            if let base = data.baseAddress { (at + 8 + key.count).copyMemory(from: base, byteCount: data.count) }
            buffered += length
        } else {
            var lengths = (UInt32(key.count).littleEndian, UInt32(data.count).littleEndian)
            try withUnsafeBytes(of: &lengths) { try output($0, position) }
            try output(key, position + 8)
            try output(data, position + 8 + key.count)
        }
        position += length
    }

    /// What ``finish(most:)`` tells.
    public struct Summary {
        /// Octets of the whole file.
        public var size: Int
        /// The hashes of all keys with too many records, and perhaps of a few more.
        public var crowded: Set<UInt32>
    }

    /// Writes the tables and the header.
    ///
    /// - Parameter most: how many records of one key are not too many.
    public consuming func finish(most: Int = .max) throws -> Summary {
        try flush()
        var crowded: Set<UInt32> = []
        let sorted = Cdb.byTable(entries, counts)
        var header = [UInt32](repeating: 0, count: 512)
        var first = 0
        for table in 0..<256 {
            let slots = 2 * counts[table]
            header[2 * table] = UInt32(position).littleEndian
            header[2 * table + 1] = UInt32(slots).littleEndian
            try withUnsafeTemporaryAllocation(byteCount: 8 * slots, alignment: 8) { octets in
                octets.initializeMemory(as: UInt8.self, repeating: 0)
                guard let base = octets.baseAddress, slots > 0 else { return }
                Cdb.fill(base, slots: slots, with: sorted[first..<first + counts[table]])
                try output(UnsafeRawBufferPointer(octets), position)
            }
            Self.crowded(sorted[first..<first + counts[table]], most, into: &crowded)
            first += counts[table]
            position += 8 * slots
        }
        try header.withUnsafeBytes { try output($0, 0) }
        return Summary(size: position, crowded: crowded)
    }

    /// Keys of one hash share a place, though not all that share one have the same hash.
    private static func crowded(_ entries: ArraySlice<Cdb.Entry>, _ most: Int, into hashes: inout Set<UInt32>) {
        guard entries.count > most else { return }
        let places = UInt32(2 * entries.count)
        var counts = [UInt32](repeating: 0, count: Int(places))
        var isCrowded = false
        for entry in entries {
            let place = Int((entry.hash >> 8) % places)
            counts[place] += 1
            if counts[place] > most { isCrowded = true }
        }
        guard isCrowded else { return }
        for entry in entries where counts[Int((entry.hash >> 8) % places)] > most { hashes.insert(entry.hash) }
    }

    private mutating func flush() throws {
        guard buffered > 0 else { return }
        try output(UnsafeRawBufferPointer(rebasing: buffer[..<buffered]), position - buffered)
        buffered = 0
    }
}
