internal import DNSWire
internal import Pipeline

/// What became of the RRsets of one name.
struct NameChange {
    let owner: Name
    let before, after: [RecordSet]
    /// What of it those who refer to it may see.
    let kinds: ReferenceLists.Kinds
    /// It has other types, or is seen from other locations, or came or went.
    let isReshaped: Bool
    /// It begins or ends a zone, a delegation or a rewritten subtree, or the delegation's servers change.
    let turnsSubtree: Bool
    /// A CAA came or went: it covers the zones below.
    let changesCover: Bool

    private struct Shape: Hashable {
        var type: RRType
        var location: Location?
    }

    init(_ owner: Name, from before: [RecordSet], to after: [RecordSet]) {
        self.owner = owner
        self.before = before
        self.after = after
        let old = before.filter { Rejection($0) == nil }, new = after.filter { Rejection($0) == nil }
        let shapes = [old, new].map { Set($0.map { Shape(type: $0.key.type, location: $0.key.location) }) }
        func types(_ sets: [RecordSet]) -> TypeSet { sets.reduce(into: []) { $0.formUnion(TypeSet($1.key.type)) } }
        let turned = types(old).symmetricDifference(types(new))
        func differ(_ wanted: TypeSet) -> Bool {
            !Self.areSame(
                old.filter { !TypeSet($0.key.type).isDisjoint(with: wanted) }, new.filter { !TypeSet($0.key.type).isDisjoint(with: wanted) })
        }
        isReshaped = shapes[0] != shapes[1] || before.isEmpty != after.isEmpty
        turnsSubtree = !turned.isDisjoint(with: [.soa, .ns, .dname]) || !types(new).contains(.soa) && differ(.ns)
        changesCover = turned.contains(.caa)
        var kinds: ReferenceLists.Kinds = []
        if isReshaped || differ(.cname) { kinds = .all }
        if differ(.addresses) { kinds.insert(.addresses) }
        // SPF is followed over CNAMEs.
        if differ(.txt), (old + new).contains(where: Self.isSPF) { kinds.formUnion([.spf, .alias]) }
        self.kinds = kinds
    }

    private static func isSPF(_ set: RecordSet) -> Bool {
        set.key.type == .txt && set.rdata.contains { $0.joinedStrings.map(SPFRecord.isSPF) ?? false }
    }

    /// The case of owners counts: messages show it.
    static func areSame(_ a: [RecordSet], _ b: [RecordSet]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { $0 == $1 && $0.key.owner.wire == $1.key.owner.wire }
    }

    /// What differs between two shards' records, each in canonical order.
    static func changes(from before: [RecordSet], to after: [RecordSet]) -> [NameChange] {
        func isSame(_ a: RecordSet, _ b: RecordSet) -> Bool { a == b && a.key.owner.wire == b.key.owner.wire }
        var start = 0, (i, j) = (before.count, after.count)
        while start < min(i, j), isSame(before[start], after[start]) { start += 1 }
        while i > start, j > start, isSame(before[i - 1], after[j - 1]) { (i, j) = (i - 1, j - 1) }
        // What is equal at the ends may be of a name that differs.
        while start > 0, start < max(i, j), (start < i ? before[start] : after[start]).key.owner == before[start - 1].key.owner
            || start < j && after[start].key.owner == before[start - 1].key.owner { start -= 1 }
        var names: [Name: (before: [RecordSet], after: [RecordSet])] = [:]
        for record in before[start..<i] { names[record.key.owner, default: ([], [])].before.append(record) }
        for record in after[start..<j] { names[record.key.owner, default: ([], [])].after.append(record) }
        for k in i..<before.count {
            let record = before[k]
            guard names[record.key.owner] != nil else { break }
            names[record.key.owner]!.before.append(record)
            names[record.key.owner]!.after.append(after[j + k - i])
        }
        return names.compactMap { areSame($1.before, $1.after) ? nil : NameChange($0, from: $1.before, to: $1.after) }
    }
}
