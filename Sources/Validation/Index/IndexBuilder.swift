internal import DNSWire
internal import Pipeline

/// Why an RRset is not in the index: it could not be served at all.
struct Rejection: Sendable {
    var fault: Fault
    var detail: String
}

struct IndexBuilder {
    let records: [RecordSet]
    /// So many are records, and the rest only names.
    private let served: Int
    private var names: NameTree
    private var entries: [NameEntry] = []
    private var slots: [UInt32] = []
    private var ids: [NameID] = []
    private(set) var order: [SetID] = []
    private(set) var zones: [ZoneIndex.Zone] = []
    private(set) var members: [NameID] = []
    private(set) var outside = 0..<0
    private(set) var rejected: [SetID: Rejection] = [:]
    private(set) var locations: Set<Location> = []

    var tree: (entries: [NameEntry], slots: [UInt32]) { (entries, slots) }

    init(_ records: [RecordSet], served: Int) {
        self.records = records
        self.served = served
        names = NameTree(capacity: records.count)
    }

    mutating func addNames() {
        ids.reserveCapacity(records.count)
        for i in records.indices {
            if i < served, let rejection = Rejection(records[i]) { rejected[SetID(i)] = rejection }
            ids.append(names.insert(records[i].key.owner.wire, 0, record: i, records))
        }
        (entries, slots) = names.finish()
        names = NameTree(capacity: 0)
    }

    /// Groups RRsets by name (a counting sort), and in each group puts them in an order
    /// that the input's does not change.
    mutating func orderSets() {
        for (i, id) in ids.prefix(served).enumerated() where rejected[SetID(i)] == nil {
            entries[id.index].count += 1
            entries[id.index].types.formUnion(TypeSet(records[i].key.type))
            if let location = records[i].key.location {
                entries[id.index].flags.insert(.located)
                locations.insert(location)
            }
        }
        var total: UInt32 = 0
        for i in entries.indices {
            entries[i].first = total
            total += entries[i].count
            entries[i].count = 0
        }
        order = Array(repeating: SetID(0), count: Int(total))
        for (i, id) in ids.prefix(served).enumerated() where rejected[SetID(i)] == nil {
            order[Int(entries[id.index].first + entries[id.index].count)] = SetID(i)
            entries[id.index].count += 1
        }
        ids = []
        for i in entries.indices where entries[i].count > 1 {
            let range = Int(entries[i].first)..<Int(entries[i].first + entries[i].count)
            order[range].sort { RecordSet.precedes(records[$0.index], records[$1.index]) }
        }
    }

    /// A name is behind the one above it, so that one pass hands down zone, delegation and DNAME.
    mutating func inheritZones(_ profile: Profile) {
        var apexes: [NameID] = []
        for i in entries.indices {
            let id = NameID(UInt32(i))
            if i > 0 {
                let above = entries[entries[i].parent.index]
                entries[i].zone = above.zone
                entries[i].cut = above.cut
                entries[i].dname = above.dname
                if above.types.contains(.dname), above.cut == .none { entries[i].dname = entries[i].parent }
            }
            if entries[i].types.contains(.soa) {
                entries[i].zone = UInt32(apexes.count)
                entries[i].cut = .none
                entries[i].dname = .none
                apexes.append(id)
            } else if entries[i].types.contains(.ns), entries[i].cut == .none, entries[i].zone != .max {
                entries[i].cut = id
            }
        }
        groupByZone(apexes, profile)
    }

    private mutating func groupByZone(_ apexes: [NameID], _ profile: Profile) {
        let named = apexes.enumerated().map { (number: $0.offset, id: $0.element, name: name($0.element)) }
            .sorted { $0.name.precedes($1.name) }
        var rank = Array(repeating: 0, count: apexes.count)
        for (i, zone) in named.enumerated() { rank[zone.number] = i }
        var counts = Array(repeating: 0, count: apexes.count + 1)
        for i in entries.indices {
            if entries[i].zone != .max { entries[i].zone = UInt32(rank[Int(entries[i].zone)]) }
            counts[entries[i].zone == .max ? apexes.count : Int(entries[i].zone)] += 1
        }
        var starts: [Int] = [0]
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        var next = starts
        members = Array(repeating: .root, count: entries.count)
        for i in entries.indices {
            let group = entries[i].zone == .max ? apexes.count : Int(entries[i].zone)
            members[next[group]] = NameID(UInt32(i))
            next[group] += 1
        }
        outside = starts[apexes.count]..<starts[apexes.count + 1]
        zones = named.enumerated().map { i, zone in
            ZoneIndex.Zone(
                apex: zone.id, name: zone.name, isPrivate: SpecialNames.isPrivate(zone.name, profile),
                isReverse: SpecialNames.isReverse(zone.name), isExample: SpecialNames.isExample(zone.name),
                members: starts[i]..<starts[i + 1], number: UInt32(i))
        }
    }

    private func name(_ id: NameID) -> Name {
        let entry = entries[id.index]
        if id == .root { return .root }
        let wire = records[Int(entry.record)].key.owner.wire
        return (try? Name(wire: Array(wire[Int(entry.offset)...].map(lower)))) ?? .root
    }
}

extension Rejection {
    /// tinydns answers from a buffer of this size, less what surrounds a value.
    private static let largestValue = 32_767 - 32

    init?(_ set: RecordSet) {
        let type = set.key.type
        if type.isMeta || type.rawValue == 0 {
            self.init(fault: .notARecord, detail: "\(type) is not a type of records")
        } else if set.rdata.isEmpty {
            self.init(fault: .emptySet, detail: "no values")
        } else if let long = set.rdata.first(where: { $0.wire.count > Self.largestValue }) {
            self.init(
                fault: .valueTooLong, detail: "a value of \(long.wire.count) octets; tinydns serves \(Self.largestValue)")
        } else if let bad = set.rdata.first(where: { !Self.isWellFormed($0, type) }) {
            self.init(fault: .malformedData, detail: "\(Hexadecimal.text(bad.wire)) is not the data of a \(type)")
        } else {
            return nil
        }
    }

    private static func isWellFormed(_ rdata: RData, _ type: RRType) -> Bool {
        switch type {
        case .a: rdata.wire.count == 4
        case .aaaa: rdata.wire.count == 16
        default: (try? RData(wire: rdata.wire, type: type)) != nil
        }
    }
}

extension RecordSet {
    /// By type, location, and then anything that makes the order total.
    static func precedes(_ a: RecordSet, _ b: RecordSet) -> Bool {
        if a.key.type != b.key.type { return a.key.type < b.key.type }
        if a.key.location != b.key.location {
            guard let x = a.key.location else { return true }
            guard let y = b.key.location else { return false }
            return x < y
        }
        if a.origin != b.origin { return a.origin.precedes(b.origin) }
        if a.ttl != b.ttl { return a.ttl < b.ttl }
        if a.rdata != b.rdata {
            return a.rdata.lexicographicallyPrecedes(b.rdata) { $0.wire.lexicographicallyPrecedes($1.wire) }
        }
        return a.key.owner.wire.lexicographicallyPrecedes(b.key.owner.wire)
    }
}

enum Hexadecimal {
    /// At most 32 octets, for messages.
    static func text(_ octets: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        let text = String(octets.prefix(32).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        return octets.count > 32 ? text + "…" : text.isEmpty ? "(nothing)" : text
    }
}
