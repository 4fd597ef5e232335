internal import Glibc

/// Changes a database in place: records go behind its end, and the slots of the hash
/// tables say which of them hold. The cost is that of the records changed.
///
/// A cdb made the usual way has as many empty slots as full ones: room to add as many
/// records again. One that nobody reads is edited; the caller sees to that.
///
/// What was removed leaves a slot that no look-up stops at: not empty, and with a hash
/// of another table. Readers of cdb compare hashes first, so they pass over it.
public final class CdbEditor {
    private let descriptor: Int32
    /// Position and slots of each table: the file's first 2048 octets.
    private var tables = [UInt32](repeating: 0, count: 512)
    /// Where the next record goes.
    private var end: Int
    /// Octets of records that no slot refers to any more, as far as this editor made them.
    public private(set) var wasted = 0

    /// Opens a file for editing; throws ``CdbError`` or what the disk says.
    public init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskError(path) }
        end = Int(lseek(descriptor, 0, SEEK_END))
        // From here on `deinit` closes the file, also when this throws: closing it here too would
        // end whatever another thread has opened meanwhile.
        guard end >= Cdb.headerSize else { throw CdbError.malformed(offset: 0) }
        var header = [UInt8](repeating: 0, count: Cdb.headerSize)
        try read(&header, at: 0)
        for i in 0..<512 { tables[i] = CdbFragment.load(header, 4 * i) }
    }

    deinit { close(descriptor) }

    /// Octets of the file.
    public var size: Int { end }

    /// All data under `key`, in the order that a reader finds them.
    public func values(of key: [UInt8]) throws -> [[UInt8]] {
        var values: [[UInt8]] = []
        try probe(key) { _, _, data in
            values.append(data)
            return true
        }
        return values
    }

    /// Adds a record; throws ``CdbError/full`` if its table is.
    public func insert(key: [UInt8], data: [UInt8]) throws {
        let hash = Cdb.hash(key), slot = try freeSlot(for: hash)
        guard end + 8 + key.count + data.count <= Cdb.largestFile else { throw CdbError.tooLarge }
        var record = CdbFragment()
        record.append(key: key, data: data)
        // The record first: whoever follows the slot finds it whole.
        try write(record.octets, at: end)
        try writeSlot(slot, hash: hash, position: UInt32(end))
        end += record.octets.count
    }

    /// Removes one record; false if there is none like it.
    @discardableResult
    public func remove(key: [UInt8], data: [UInt8]) throws -> Bool {
        guard let (slot, position) = try find(key, data) else { return false }
        let hash = Cdb.hash(key)
        try writeSlot(slot, hash: hash ^ 1, position: position)
        wasted += 8 + key.count + data.count
        return true
    }

    /// Puts `new` in the place of a record's data; false if there is no such record.
    @discardableResult
    public func replace(key: [UInt8], _ old: [UInt8], with new: [UInt8]) throws -> Bool {
        guard let (_, position) = try find(key, old) else { return false }
        if old.count == new.count {
            try write(new, at: Int(position) + 8 + key.count)
        } else {
            try remove(key: key, data: old)
            try insert(key: key, data: new)
        }
        return true
    }

    private func find(_ key: [UInt8], _ data: [UInt8]) throws -> (slot: Int, position: UInt32)? {
        var found: (Int, UInt32)?
        try probe(key) { slot, position, candidate in
            if candidate == data { found = (slot, position) }
            return found == nil
        }
        return found
    }

    /// Shows every record of a key, with where its slot is, until `body` says stop.
    private func probe(_ key: [UInt8], _ body: (_ slot: Int, _ position: UInt32, _ data: [UInt8]) throws -> Bool) throws {
        let hash = Cdb.hash(key)
        try walk(hash) { slot, slotHash, position in
            if position == 0 { return false }
            guard slotHash == hash else { return true }
            var octets = [UInt8](repeating: 0, count: 8)
            try read(&octets, at: Int(position))
            let keyLength = Int(CdbFragment.load(octets, 0)), length = Int(CdbFragment.load(octets, 4))
            guard Int(position) + 8 + keyLength + length <= end else { throw CdbError.malformed(offset: Int(position)) }
            guard keyLength == key.count else { return true }
            var record = [UInt8](repeating: 0, count: keyLength + length)
            try read(&record, at: Int(position) + 8)
            return try !record.starts(with: key) || body(slot, position, Array(record[keyLength...]))
        }
    }

    /// Longer searches mean a table that is nearly full, and slow to look things up in: time
    /// to make the file anew. A map of clients has runs of thousands of slots from the start.
    private static let longestSearch = 8192

    private func freeSlot(for hash: UInt32) throws -> Int {
        var free: Int?, searched = 0
        try walk(hash) { slot, slotHash, position in
            let isLeft = (slotHash ^ hash) & 255 != 0
            if position == 0 || isLeft { free = slot }
            searched += 1
            return free == nil && searched < Self.longestSearch
        }
        guard let free else { throw CdbError.full }
        return free
    }

    /// Shows the slots of a hash's table from the hash's own on, once around at most, until
    /// `body` says stop. They are read many at a time: runs of slots are long.
    private func walk(_ hash: UInt32, _ body: (_ slot: Int, _ hash: UInt32, _ position: UInt32) throws -> Bool) throws {
        let table = Int(tables[2 * Int(hash & 255)]), slots = Int(tables[2 * Int(hash & 255) + 1])
        guard slots > 0 else { return }
        var slot = Int(hash >> 8) % slots, left = slots, count = 16
        while left > 0 {
            count = min(count, slots - slot, left)
            var octets = [UInt8](repeating: 0, count: 8 * count)
            try read(&octets, at: table + 8 * slot)
            for i in 0..<count {
                let more = try body(table + 8 * (slot + i), CdbFragment.load(octets, 8 * i), CdbFragment.load(octets, 8 * i + 4))
                if !more { return }
            }
            left -= count
            slot = slot + count == slots ? 0 : slot + count
            count = min(512, max(16, 2 * count))
        }
    }

    private func writeSlot(_ at: Int, hash: UInt32, position: UInt32) throws {
        var octets: [UInt8] = []
        for word in [hash, position] {
            for shift in stride(from: 0, to: 32, by: 8) { octets.append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
        }
        try write(octets, at: at)
    }

    private func read(_ octets: inout [UInt8], at offset: Int) throws {
        let count = octets.count
        let got = octets.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, count, off_t(offset)) }
        guard got >= 0 else { throw DiskError("the database") }
        guard got == count else { throw CdbError.malformed(offset: offset) }
    }

    private func write(_ octets: [UInt8], at offset: Int) throws {
        var done = 0
        while done < octets.count {
            let put = octets[done...].withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset + done)) }
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { throw DiskError("the database") }
            done += put
        }
    }
}

/// What the operating system says of a file.
public struct DiskError: Error, CustomStringConvertible {
    public let description: String
    init(_ path: String) { description = "\(path): \(String(cString: strerror(errno)))" }
}
