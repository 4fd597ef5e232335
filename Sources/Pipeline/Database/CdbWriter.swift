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

    /// Adds a record, and gives its key's hash.
    ///
    /// - Throws: ``CdbError/tooLarge`` before the file, with its tables, would be over
    ///   4 GiB, nothing being added then; and what the output throws.
    @discardableResult
    public mutating func append(key: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer) throws -> UInt32 {
        let length = 8 + key.count + data.count
        guard position + length + 16 * (entries.count + 1) <= Cdb.largestFile else { throw CdbError.tooLarge }
        let hash = Cdb.hash(key)
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
        return hash
    }

    /// Writes the tables and the header. Returns the size of the whole file.
    public consuming func finish() throws -> Int {
        try flush()
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
            first += counts[table]
            position += 8 * slots
        }
        try header.withUnsafeBytes { try output($0, 0) }
        return position
    }

    private mutating func flush() throws {
        guard buffered > 0 else { return }
        try output(UnsafeRawBufferPointer(rebasing: buffer[..<buffered]), position - buffered)
        buffered = 0
    }
}
