internal import DNSWire
internal import Pipeline

/// The state of one shard's reconciliation: first rules, then registrations, then edits.
///
/// Who came first owns an RRset; who comes later and does not say so contends for it.
struct Reconciliation {
    let policy: ConflictPolicy
    var records: [RecordKey: RecordSet] = [:]
    var map: [[UInt8]: MapEntry] = [:]
    var conflicts: [Conflict] = []
    /// RRsets that two want and neither gets.
    var refused: Set<RecordKey> = []
    /// RRsets that hold whatever sources want.
    var fixed: Set<RecordKey> = []
    /// What sources want of RRsets that are another writer's.
    var handedOver: [RecordKey: [Conflict.Party]] = [:]

    private let externals: [Edit]
    private let lastGood: [RecordKey: RecordSet]
    private let lastMap: [[UInt8]: MapEntry]
    private var refusedPrefixes: Set<[UInt8]> = []

    init(policy: ConflictPolicy, previous: Shard, externals: [Edit] = []) {
        self.policy = policy
        self.externals = externals
        lastGood = Dictionary(previous.records.map { ($0.key, $0) }) { a, _ in a }
        lastMap = Dictionary(previous.map.map { ($0.prefix, $0) }) { a, _ in a }
    }

    var shard: Shard { shard(with: []) }

    /// - Parameter others: RRsets of other names.
    func shard(with others: [RecordSet]) -> Shard {
        var shard = Shard(records: others + records.values, map: Array(map.values), conflicts: conflicts)
        shard.sort()
        return shard
    }

    /// Sources come in the order of their names: the first that makes an RRset owns it.
    mutating func take(_ shard: Shard, from source: String) {
        for record in shard.records where !setAside(record.key, record, Self.party) {
            guard let owner = records[record.key] else {
                records[record.key] = record
                continue
            }
            contend(owner, party(record), record, "\(owner.origin.source) and \(source) both make this RRset")
        }
        for entry in shard.map { take(entry) }
    }

    private mutating func take(_ entry: MapEntry) {
        guard let owner = map[entry.prefix] else {
            map[entry.prefix] = entry
            return
        }
        guard owner.location != entry.location else { return }
        let key = RecordKey(owner: .root, type: RRType(rawValue: 0))
        let refuses = policy.settlement(of: key) == .refuse
        if refuses { refusedPrefixes.insert(entry.prefix) }
        report(
            key, [Conflict.Party(origin: owner.origin), Conflict.Party(origin: entry.origin)], winner: refuses ? nil : 0,
            refuses ? "refuse" : "owner",
            "both rules map clients in \(entry.prefixText): to \(owner.location)\(refuses ? "" : ", which stays,") and to \(entry.location)")
    }

    /// A server's wish: new names, or more values of what servers registered; never a rule's RRset.
    mutating func register(_ edit: Edit) {
        if setAside(edit.key, edit, Self.party) || refuse(edit) { return }
        guard edit.action != .pin, edit.action != .external else {
            return report(edit.key, [party(edit)], winner: nil, "owner", "a registration cannot \(edit.action)")
        }
        guard edit.action != .remove else { return }
        guard let owner = records[edit.key] else {
            records[edit.key] = record(of: edit, overrode: [])
            return
        }
        if owner.origin.source != Origin.registrations {
            contend(owner, party(edit), record(of: edit, overrode: []), "\(owner.origin.source) makes this RRset, and it is registered too")
        } else if edit.action == .add, !refused.contains(edit.key) {
            guard !edit.key.type.isSingular else {
                return report(edit.key, [party(owner), party(edit)], winner: 0, "one value", "\(edit.key.type) has one value only")
            }
            records[edit.key]!.setRData(owner.rdata + edit.rdata)
        } else if owner.origin.person == edit.origin.person, !refused.contains(edit.key) {
            records[edit.key] = record(of: edit, overrode: [])
        } else {
            contend(
                owner, party(edit), record(of: edit, overrode: []), "registered by \(owner.origin.person) before; 'add' shares a name")
        }
    }

    /// Settles by policy what `owner` has and another wants, who did not say so.
    ///
    /// - Parameter wish: what would be there if the other had its way; `nil`: nothing.
    mutating func contend(_ owner: RecordSet, _ challenger: Conflict.Party, _ wish: RecordSet?, _ what: String) {
        let key = owner.key
        let parties = [party(owner), challenger]
        let settlement = policy.settlement(of: key)
        switch settlement {
        case .refuse:
            refused.insert(key)
            report(key, parties, winner: nil, "refuse", "\(what); what was presented before stays")
        case .human where challenger.origin.source == Origin.edits && owner.origin.source != Origin.edits:
            report(key, parties, winner: 1, "human", "\(what); the edit wins by policy")
            records[key] = wish
        case .merge where !key.type.isSingular && !challenger.removes:
            report(key, parties, winner: 0, "merge", "\(what); all values are served")
            records[key]!.setRData(owner.rdata + challenger.rdata)
            records[key]!.ttl = min(owner.ttl, challenger.ttl)
        case .rule where owner.origin.isRule:
            report(key, parties, winner: 0, "rule", "\(what); the rule wins by policy: \(owner.origin.source)")
        default:
            report(key, parties, winner: 0, "owner", "\(what); \(owner.origin.source) keeps it")
        }
    }

    /// Puts what was presented before in the place of what was refused.
    mutating func standBack() {
        for key in refused { records[key] = lastGood[key] }
        for prefix in refusedPrefixes { map[prefix] = lastMap[prefix] }
    }

    /// The same for one RRset.
    mutating func standBack(_ key: RecordKey) { records[key] = lastGood[key] }

    /// Sets aside what is wanted of an RRset that is another writer's.
    mutating func setAside<Wish>(_ key: RecordKey, _ wish: Wish, _ party: (Wish) -> Conflict.Party) -> Bool {
        guard !externals.isEmpty, externals.contains(where: { $0.handsOver(key) }) else { return false }
        handedOver[key, default: []].append(party(wish))
        return true
    }

    /// Reports once for each RRset what sources want of another writer's.
    mutating func reportHandedOver() {
        for (key, parties) in handedOver {
            guard let external = externals.first(where: { $0.handsOver(key) }) else { continue }
            report(
                key, parties + [Conflict.Party(origin: external.origin, removes: true)], winner: nil, "external",
                "another writer's: \(external.origin) hands over \(external.key.owner)")
        }
    }

    func record(of edit: Edit, overrode: [Origin]) -> RecordSet {
        RecordSet(key: edit.key, ttl: edit.ttl ?? 3600, rdata: edit.rdata, origin: edit.origin, overrode: overrode)
    }

    static func party(_ record: RecordSet) -> Conflict.Party {
        Conflict.Party(origin: record.origin, ttl: record.ttl, rdata: record.rdata)
    }

    static func party(_ edit: Edit) -> Conflict.Party {
        Conflict.Party(origin: edit.origin, ttl: edit.ttl ?? 0, rdata: edit.rdata, removes: edit.action == .remove)
    }

    func party(_ record: RecordSet) -> Conflict.Party { Self.party(record) }
    func party(_ edit: Edit) -> Conflict.Party { Self.party(edit) }

    mutating func report(
        _ key: RecordKey, _ parties: [Conflict.Party], winner: Int?, _ policy: String, _ explanation: String
    ) {
        conflicts.append(
            Conflict(key: key, parties: parties, winner: winner, policy: policy, explanation: explanation))
    }
}

extension RRType {
    /// One value at most: CNAME (RFC 2181 §10.1), SOA, DNAME (RFC 6672 §2.4).
    var isSingular: Bool { self == .cname || self == .soa || self == .dname }
}
