public import DNSWire
public import Pipeline

/// Whose records a peer is given: what a client at one location would be answered.
public struct View: Hashable, Sendable {
    /// Of the configuration.
    public var name: String
    /// `nil`: what clients see that are at no location.
    public var location: Location?
    /// The zone that lists the others (RFC 9432); `nil`: none.
    public var catalog: Name?

    public init(name: String, location: Location? = nil, catalog: Name? = nil) {
        self.name = name
        self.location = location
        self.catalog = catalog
    }

    /// The one that there always is.
    public static let everyone = "everyone"
}

extension View {
    /// What is seen here of the RRsets of one owner, which are in canonical order.
    ///
    /// tinydns answers with what is for everyone and what is for the client's location
    /// together, so they are joined. Where that makes no zone (two SOAs, an alias beside other
    /// data), what is for the location stays; among equals the alias goes.
    func visible(_ sets: ArraySlice<RecordSet>) -> [RecordSet] {
        var seen: [RecordSet] = []
        var isLocated = false, aliases = 0
        for set in sets
        where (set.key.location == nil || set.key.location == location) && !set.key.type.isMeta {
            seen.append(set)
            if set.key.location != nil { isLocated = true }
            if set.key.type == .cname { aliases += 1 }
        }
        // A zone is none with an alias at its apex.
        if aliases > 0, seen.contains(where: { $0.key.type == .soa }) {
            seen.removeAll { $0.key.type == .cname }
            aliases = 0
        }
        // Nearly all.
        if !isLocated, aliases == 0 || seen.count == 1 { return seen }
        if isLocated {
            let own = seen.filter { $0.key.location != nil }
            if own.contains(where: { $0.key.type == .cname }) != seen.contains(where: { $0.key.location == nil && $0.key.type == .cname }) {
                seen = own
            }
            seen = joined(seen)
        }
        // Beside an alias there is but what speaks of it (RFC 2181 §10.1, RFC 4034 §2.5).
        let others = seen.contains { ![.cname, .rrsig, .nsec].contains($0.key.type) }
        return others ? seen.filter { $0.key.type != .cname } : seen
    }

    /// One RRset of each type, without locations.
    private func joined(_ sets: [RecordSet]) -> [RecordSet] {
        var joined: [RecordSet] = []
        for set in sets.sorted(by: { ($0.key.type, $0.key.location == nil ? 0 : 1) < ($1.key.type, $1.key.location == nil ? 0 : 1) }) {
            guard var last = joined.last, last.key.type == set.key.type else {
                joined.append(set)
                continue
            }
            // There is but one of these at a name.
            if [.soa, .cname, .dname].contains(set.key.type) {
                last = set
            } else {
                last.setRData(last.rdata + set.rdata)
                last.ttl = min(last.ttl, set.ttl)
            }
            joined[joined.count - 1] = last
        }
        return joined
    }
}
