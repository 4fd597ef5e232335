/// Where names start in a message that is being built: a hash table of offsets.
///
/// It holds no names: whoever looks something up compares with the message. The
/// table finds what was put in, or not, if chance or malice filled the places near
/// it: a name that is not found is written out, and the work stays bounded.
struct CompressionTable {
    /// The upper half a name's hash, the lower half its offset; zero is free, for no
    /// name starts in the header.
    private var slots: [UInt32] = []
    private var used = 0

    /// A pointer has 14 bits (RFC 1035 §4.1.4).
    static let reach = 0x4000
    private static let mostProbes = 16

    /// The offset of a name with this hash that `matches`.
    func find(_ hash: UInt16, where matches: (Int) -> Bool) -> Int? {
        guard !slots.isEmpty else { return nil }
        for probe in 0..<Self.mostProbes {
            let slot = slots[(Int(hash) + probe) & (slots.count - 1)]
            if slot == 0 { return nil }
            if slot >> 16 == hash, matches(Int(slot & 0xFFFF)) { return Int(slot & 0xFFFF) }
        }
        return nil
    }

    /// Remembers a name, unless a pointer cannot reach it.
    mutating func insert(_ hash: UInt16, _ offset: Int) {
        guard offset < Self.reach else { return }
        if used * 2 >= slots.count, slots.count < Self.reach {
            rebuild(capacity: max(64, slots.count * 2), below: Self.reach)
        }
        place(UInt32(hash) << 16 | UInt32(offset))
    }

    /// Forgets all names from an offset on.
    mutating func remove(from offset: Int) { rebuild(capacity: slots.count, below: offset) }

    private mutating func rebuild(capacity: Int, below limit: Int) {
        let old = slots
        slots = Array(repeating: 0, count: capacity)
        used = 0
        for slot in old where slot != 0 && Int(slot & 0xFFFF) < limit { place(slot) }
    }

    private mutating func place(_ slot: UInt32) {
        for probe in 0..<Self.mostProbes {
            let index = (Int(slot >> 16) + probe) & (slots.count - 1)
            if slots[index] == 0 {
                slots[index] = slot
                used += 1
                return
            }
        }
    }
}
