internal import DNSWire
public import Pipeline

/// Where the RRset of a key is in a list of millions that somebody else holds.
///
/// A dictionary would hold the keys again, and look at those beside the one it wants:
/// here it is the list's own, and hashes are looked at first.
public struct RecordIndex: Sendable {
    private struct Slot {
        var hash: UInt32
        /// Below zero: free.
        var place: Int32
    }

    private var slots: [Slot]
    private var count: Int32 = 0
    /// So that nobody can write names that all have one hash.
    private let seed = UInt64.random(in: 0...UInt64.max)

    /// - Parameter expected: how many keys there may be: for so many it need not grow.
    public init(expected: Int = 0) {
        var room = 64
        while room < 2 * expected { room *= 2 }
        slots = [Slot](repeating: Slot(hash: 0, place: -1), count: room)
    }

    /// The place of `key` in the list; if it is not there, `nil`, and the key is taken to be put at the list's end.
    ///
    /// - Parameter keyAt: the list's keys by place. A list has at most 2³¹ − 1.
    public mutating func place(of key: RecordKey, keyAt: (Int) -> RecordKey) -> Int? {
        place(of: key, hash: hash(key), keyAt: keyAt)
    }

    /// As ``place(of:keyAt:)``, for a hash that ``hash(_:)`` gave.
    @inline(__always)
    mutating func place(of key: RecordKey, hash: UInt32, keyAt: (Int) -> RecordKey) -> Int? {
        let (place, slot) = find(key, hash, keyAt)
        if let place { return place }
        slots[slot] = Slot(hash: hash, place: count)
        count += 1
        if 2 * Int(count) > slots.count { grow() }
        return nil
    }

    /// The place of `key` in the list; `nil` if it is not there.
    public func find(_ key: RecordKey, keyAt: (Int) -> RecordKey) -> Int? { find(key, hash(key), keyAt).place }

    /// Where it is, or the slot that is free for it.
    @inline(__always)
    private func find(_ key: RecordKey, _ hash: UInt32, _ keyAt: (Int) -> RecordKey) -> (place: Int?, slot: Int) {
        var at = Int(hash) & (slots.count - 1)
        while slots[at].place >= 0 {
            if slots[at].hash == hash, keyAt(Int(slots[at].place)) == key { return (Int(slots[at].place), at) }
            at = (at + 1) & (slots.count - 1)
        }
        return (nil, at)
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(hash: 0, place: -1), count: 4 * old.count)
        for slot in old where slot.place >= 0 {
            var at = Int(slot.hash) & (slots.count - 1)
            while slots[at].place >= 0 { at = (at + 1) & (slots.count - 1) }
            slots[at] = slot
        }
    }

    /// The same for names that differ in case alone: bit 5 of each octet does not count.
    func hash(_ key: RecordKey) -> UInt32 {
        let place = key.location?.octets ?? (0, 0)
        var hash = seed ^ UInt64(key.type.rawValue) << 16 ^ UInt64(place.0) << 8 ^ UInt64(place.1)
        func mix(_ word: UInt64) {
            let (high, low) = (hash ^ word ^ 0x2D35_8DCC_AA6C_78A5).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            hash = high ^ low
        }
        key.owner.wire.withUnsafeBytes { octets in
            var at = 0
            while octets.count - at >= 8 {
                mix(octets.loadUnaligned(fromByteOffset: at, as: UInt64.self) | 0x2020_2020_2020_2020)
                at += 8
            }
            var rest: UInt64 = 0
            while at < octets.count {
                rest = rest << 8 | UInt64(octets[at] | 0x20)
                at += 1
            }
            mix(rest)
            mix(UInt64(octets.count))
        }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
