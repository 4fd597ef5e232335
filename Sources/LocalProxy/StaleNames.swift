internal import DNSWire
internal import Pipeline

/// What unbound may have in its cache that is no longer so: kept until it is flushed.
struct StaleNames: Sendable, Equatable {
    private(set) var names: [Name: Set<RRType>] = [:]
    /// Everything at and below these.
    private(set) var zones: Set<Name> = []

    /// Above this, zones are flushed whole: each name costs a call.
    private static let mostNames = 2000

    var isEmpty: Bool { names.isEmpty && zones.isEmpty }

    mutating func add(zones: [Name]) { self.zones.formUnion(zones) }

    mutating func add(_ owner: Name, _ type: RRType) { names[owner, default: []].insert(type) }

    private mutating func add(_ owner: Name, types: Set<RRType>) { names[owner, default: []].formUnion(types) }

    /// Types that people ask for and `flush NAME` leaves (unbound-control(8)).
    private static let others: Set<RRType> = [.txt, .caa, .https, .svcb, .tlsa, .sshfp, .ds, .uri, .loc]

    mutating func formUnion(_ other: StaleNames) {
        zones.formUnion(other.zones)
        names.merge(other.names) { $0.union($1) }
    }

    /// Adds what differs under the keys of two databases of `zones`: records say type
    /// and wildcard themselves.
    mutating func add(changed: [[UInt8]: ReleaseContents.KeyChange], in zones: [Name]) {
        guard changed.count <= Self.mostNames else { return add(zones: zones) }
        for (key, change) in changed {
            guard let owner = TinydnsRecord.owner(ofKey: key) else {
                // A line of the map: which answers it chose for this resolver, nobody knows.
                add(zones: zones)
                return
            }
            for data in change.before.symmetricDifference(change.after) {
                guard let record = TinydnsRecord.Header(data) else { continue }
                // A wildcard's answers are cached under any name below it.
                guard !record.isWildcard else {
                    add(zones: [owner])
                    continue
                }
                add(owner, record.type)
                // A name that comes or goes means something else for types that it never had:
                // what a wildcard said of them, or that there was no such name.
                if change.before.isEmpty || change.after.isEmpty { add(owner, types: Self.others) }
            }
        }
    }
}
