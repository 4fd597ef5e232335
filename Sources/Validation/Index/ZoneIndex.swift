public import DNSWire
public import Pipeline

/// A presentation by owner name and by zone, for validators to look things up in.
///
/// A zone is the owner of a SOA and all below it that no deeper zone has. Nothing is
/// copied: names are labels of the records' own octets. Of the records, those that are
/// not well-formed are left out (see ``rejected``), so that validators may take the form of RDATA for granted.
public final class ZoneIndex: Sendable {
    public struct Zone: Sendable {
        public let apex: NameID
        public let name: Name
        /// Whether private addresses belong here.
        public let isPrivate: Bool
        /// Below `in-addr.arpa.` or `ip6.arpa.`
        public let isReverse: Bool
        /// Below `test.` or `example.` (RFC 2606): documentation addresses belong here.
        public let isExample: Bool
        let members: Range<Int>
        let number: UInt32
    }

    public let records: [RecordSet]
    public let profile: Profile
    /// In canonical order.
    public let zones: [Zone]
    /// RRsets that no other validator sees, with why.
    let rejected: [SetID: Rejection]
    /// All locations of records, sorted.
    public let locations: [Location]

    let entries: [NameEntry]
    private let slots: [UInt32]
    /// RRsets by name.
    let order: [SetID]
    /// Names by zone; those of no zone at the end.
    private let members: [NameID]
    private let outside: Range<Int>

    public convenience init(_ records: [RecordSet], profile: Profile = Profile()) {
        self.init(records, empty: [], profile: profile)
    }

    /// - Parameter empty: names that are there, though no record here is at or below them.
    init(_ served: [RecordSet], empty: [Name], profile: Profile) {
        // Names are spelled by records: these are at the end, and no validator sees them.
        records = served + empty.map { RecordSet(key: RecordKey(owner: $0, type: .any), ttl: 0, rdata: [], origin: Origin(source: "")) }
        self.profile = profile
        var builder = IndexBuilder(records, served: served.count)
        builder.addNames()
        builder.orderSets()
        builder.inheritZones(profile)
        zones = builder.zones
        rejected = builder.rejected
        locations = builder.locations.sorted()
        order = builder.order
        members = builder.members
        outside = builder.outside
        (entries, slots) = builder.tree
    }

    // MARK: Names

    /// Names of a zone that have records or are above one, each before those below it.
    public func names(of zone: Zone) -> ArraySlice<NameID> { members[zone.members] }

    var namesOutside: ArraySlice<NameID> { members[outside] }

    /// The RRsets at a name, by type and location.
    public func sets(at name: NameID) -> ArraySlice<SetID> {
        let entry = entries[name.index]
        return order[Int(entry.first)..<Int(entry.first + entry.count)]
    }

    public subscript(set: SetID) -> RecordSet { records[set.index] }

    /// A name in lower case, whatever the records' spelling; made anew, for messages.
    public func name(_ id: NameID) -> Name {
        if id == .root { return .root }
        let entry = entries[id.index]
        let owner = records[Int(entry.record)].key.owner
        return (try? Name(wire: owner.wire[Int(entry.offset)...].map(lower))) ?? owner
    }

    public func parent(of name: NameID) -> NameID? { name == .root ? nil : entries[name.index].parent }

    public func zone(of name: NameID) -> Zone? {
        let number = entries[name.index].zone
        return number == .max ? nil : zones[Int(number)]
    }

    /// The zone with this apex.
    public func zone(_ apex: Name) -> Zone? {
        find(apex).flatMap { id in zone(of: id).flatMap { $0.apex == id ? $0 : nil } }
    }

    /// The zone that a name is in, whether or not there is such a name.
    public func zone(holding name: Name) -> Zone? { zone(of: match(name.wire, 0).deepest) }

    public func find(_ name: Name) -> NameID? {
        let match = match(name.wire, 0)
        return match.isWhole ? match.deepest : nil
    }

    struct Match {
        /// The longest part of the name, from the right, that is in the index.
        var deepest: NameID
        var isWhole: Bool
    }

    /// Looks up the uncompressed name at `at`, which must be well-formed.
    func match(_ wire: [UInt8], _ at: Int) -> Match {
        if wire[at] == 0 { return Match(deepest: .root, isWhole: true) }
        let above = match(wire, at + 1 + Int(wire[at]))
        guard above.isWhole else { return above }
        let slot = NameTree.slot(of: above.deepest, wire, at, slots, entries, records)
        return slots[slot] == .max
            ? Match(deepest: above.deepest, isWhole: false) : Match(deepest: NameID(slots[slot]), isWhole: true)
    }

    // MARK: RRsets

    /// Each RRset of a zone that has one of `types`.
    @inline(__always)
    func forEach(_ types: TypeSet, in zone: Zone, _ body: (NameID, SetID) -> Void) {
        for name in members[zone.members] where !entries[name.index].types.isDisjoint(with: types) {
            for set in sets(at: name) where !types.isDisjoint(with: TypeSet(records[set.index].key.type)) {
                body(name, set)
            }
        }
    }

    /// The RRsets of a type at a name that a client sees who has `location`.
    public func sets(_ type: RRType, at name: NameID, for location: Location?) -> [SetID] {
        guard !entries[name.index].types.isDisjoint(with: TypeSet(type)) else { return [] }
        return sets(at: name).filter { self[$0].key.type == type && self[$0].key.location.isSeen(from: location) }
    }

    /// Whether a client with `location` sees any RRset here, or any of `types`.
    func has(_ types: TypeSet = TypeSet(rawValue: .max), at name: NameID, for location: Location?) -> Bool {
        let entry = entries[name.index]
        guard entry.count > 0, !entry.types.isDisjoint(with: types) else { return false }
        guard entry.flags.contains(.located) else { return true }
        return sets(at: name).contains {
            !types.isDisjoint(with: TypeSet(self[$0].key.type)) && self[$0].key.location.isSeen(from: location)
        }
    }
}

extension Location? {
    /// Whether a record for `self` is seen by a client who has `location`: `nil` is for everyone.
    func isSeen(from location: Location?) -> Bool { self == nil || self == location }

    /// Whether some client sees records for both.
    func meets(_ other: Location?) -> Bool { self == nil || other == nil || self == other }
}
