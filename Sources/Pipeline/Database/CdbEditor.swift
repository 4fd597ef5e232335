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
        guard end >= Cdb.headerSize else {
            close(descriptor)
            throw CdbError.malformed(offset: 0)
        }
        var header = [UInt8](repeating: 0, count: Cdb.headerSize)
        do {
            try read(&header, at: 0)
        } catch {
            close(descriptor)
            throw error
        }
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
        let table = Int(tables[2 * Int(hash & 255)]), slots = Int(tables[2 * Int(hash & 255) + 1])
        guard slots > 0 else { return }
        var slot = Int(hash >> 8) % slots
        var octets = [UInt8](repeating: 0, count: 8)
        for _ in 0..<slots {
            try read(&octets, at: table + 8 * slot)
            let position = CdbFragment.load(octets, 4)
            if position == 0 { return }
            if CdbFragment.load(octets, 0) == hash {
                try read(&octets, at: Int(position))
                let keyLength = Int(CdbFragment.load(octets, 0)), length = Int(CdbFragment.load(octets, 4))
                guard Int(position) + 8 + keyLength + length <= end else { throw CdbError.malformed(offset: Int(position)) }
                if keyLength == key.count {
                    var record = [UInt8](repeating: 0, count: keyLength + length)
                    try read(&record, at: Int(position) + 8)
                    if record.starts(with: key), try !body(table + 8 * slot, position, Array(record[keyLength...])) { return }
                }
            }
            slot = slot + 1 == slots ? 0 : slot + 1
        }
    }

    /// Longer searches mean a table that is nearly full: time to make the file anew.
    private static let longestSearch = 256

    private func freeSlot(for hash: UInt32) throws -> Int {
        let table = Int(tables[2 * Int(hash & 255)]), slots = Int(tables[2 * Int(hash & 255) + 1])
        var octets = [UInt8](repeating: 0, count: 8)
        guard slots > 0 else { throw CdbError.full }
        var slot = Int(hash >> 8) % slots, searched = 0
        while searched < min(slots, Self.longestSearch) {
            try read(&octets, at: table + 8 * slot)
            let isLeft = (CdbFragment.load(octets, 0) ^ hash) & 255 != 0
            if CdbFragment.load(octets, 4) == 0 || isLeft { return table + 8 * slot }
            slot = slot + 1 == slots ? 0 : slot + 1
            searched += 1
        }
        throw CdbError.full
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
