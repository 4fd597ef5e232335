internal import DNSWire
internal import Pipeline

/// A name of the index: an owner name, or one above an owner name.
public struct NameID: Hashable, Sendable {
    let number: UInt32
    init(_ number: UInt32) { self.number = number }
    var index: Int { Int(number) }

    static let root = NameID(0)
    static let none = NameID(.max)
}

/// An RRset of the index.
public struct SetID: Hashable, Sendable {
    let number: UInt32
    init(_ number: Int) { self.number = UInt32(number) }
    var index: Int { Int(number) }
}

/// One label of the tree of names, and what holds for the name it completes.
struct NameEntry: Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// Some RRset here is for one location.
        static let located = Flags(rawValue: 1)
        /// The label, or one above, has an underscore.
        static let underscore = Flags(rawValue: 2)
        /// The label, or one above, has other octets than a host's, underscores apart.
        static let notHost = Flags(rawValue: 4)
        /// A label `*` stands further right.
        static let belowAsterisk = Flags(rawValue: 8)
    }

    var parent: NameID
    /// The record whose owner spells the label, at `offset`.
    var record: UInt32
    var offset: UInt8
    var flags: Flags = []
    var types: TypeSet = []
    /// Its RRsets among ``ZoneIndex/order``.
    var first: UInt32 = 0
    var count: UInt32 = 0
    /// The number of its zone; `ZoneIndex.noZone` if none.
    var zone: UInt32 = .max
    /// The delegation it is at or below, in its zone.
    var cut = NameID.none
    /// The DNAME it is below, in its zone.
    var dname = NameID.none
    /// Its child `*`.
    var wildcard = NameID.none
}

/// The names of a presentation as a tree: a name is found label by label from the right
/// in one hash table, without being copied.
struct NameTree {
    private(set) var entries: [NameEntry]
    private var slots: [UInt32]

    init(capacity: Int) {
        entries = [NameEntry(parent: .none, record: 0, offset: 0)]
        entries.reserveCapacity(capacity + capacity / 8 + 16)
        var size = 64
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: .max, count: size)
    }

    /// The name at `at` in `wire`, made if it is not there.
    mutating func insert(_ wire: [UInt8], _ at: Int, record: Int, _ records: [RecordSet]) -> NameID {
        if wire[at] == 0 { return .root }
        let parent = insert(wire, at + 1 + Int(wire[at]), record: record, records)
        let slot = Self.slot(of: parent, wire, at, slots, entries, records)
        if slots[slot] != .max { return NameID(slots[slot]) }
        let id = NameID(UInt32(entries.count))
        slots[slot] = id.number
        entries.append(NameEntry(parent: parent, record: UInt32(record), offset: UInt8(at)))
        let isAsterisk = wire[at] == 1 && wire[at + 1] == UInt8(ascii: "*")
        // As the first label it stands for a host's; elsewhere for itself.
        var flags = entries[parent.index].flags
        if parent != .root, entries[entries[parent.index].parent.index].wildcard == parent {
            flags.formUnion([.belowAsterisk, .notHost])
        }
        if !isAsterisk { flags.formUnion(HostLabel.flags(wire, at)) }
        entries[id.index].flags = flags
        if isAsterisk { entries[parent.index].wildcard = id }
        if entries.count * 2 > slots.count { grow(records) }
        return id
    }

    private mutating func grow(_ records: [RecordSet]) {
        slots = Array(repeating: .max, count: slots.count * 2)
        for i in 1..<entries.count {
            let wire = records[Int(entries[i].record)].key.owner.wire
            slots[Self.slot(of: entries[i].parent, wire, Int(entries[i].offset), slots, entries, records)] = UInt32(i)
        }
    }

    func finish() -> (entries: [NameEntry], slots: [UInt32]) { (entries, slots) }

    /// Where the child of `parent` with the label at `at` is, or would be.
    static func slot(
        of parent: NameID, _ wire: [UInt8], _ at: Int, _ slots: [UInt32], _ entries: [NameEntry], _ records: [RecordSet]
    ) -> Int {
        let length = Int(wire[at])
        var hash = UInt64(parent.number) &* 0x9E37_79B9_7F4A_7C15 ^ 0xCBF2_9CE4_8422_2325
        for i in at...at + length { hash = (hash ^ UInt64(lower(wire[i]))) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 20) & mask
        while slots[slot] != .max {
            let entry = entries[Int(slots[slot])]
            if entry.parent == parent,
                sameLabel(wire, at, records[Int(entry.record)].key.owner.wire, Int(entry.offset))
            {
                break
            }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private static func sameLabel(_ a: [UInt8], _ i: Int, _ b: [UInt8], _ j: Int) -> Bool {
        guard a[i] == b[j] else { return false }
        for k in 0...Int(a[i]) where lower(a[i + k]) != lower(b[j + k]) { return false }
        return true
    }
}

func lower(_ c: UInt8) -> UInt8 { c >= 65 && c <= 90 ? c + 32 : c }

/// What may stand in the label of a host (RFC 952, RFC 1123 §2.1).
enum HostLabel {
    /// What the label at `at` has that a host's has not.
    static func flags(_ wire: [UInt8], _ at: Int) -> NameEntry.Flags {
        var flags: NameEntry.Flags = []
        let end = at + Int(wire[at])
        guard end > at else { return flags }
        for i in at + 1...end {
            switch wire[i] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: break
            case UInt8(ascii: "-"): if i == at + 1 || i == end { flags.insert(.notHost) }
            case UInt8(ascii: "_"): flags.insert(.underscore)
            default: flags.insert(.notHost)
            }
        }
        return flags
    }

    /// The same over all labels of the name at `at`.
    static func flagsOfName(_ wire: [UInt8], _ at: Int) -> NameEntry.Flags {
        var flags: NameEntry.Flags = []
        var at = at
        while wire[at] != 0 {
            flags.formUnion(Self.flags(wire, at))
            at += 1 + Int(wire[at])
        }
        return flags
    }
}
