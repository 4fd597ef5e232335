internal import DNSWire
internal import Pipeline

/// The zone that lists a view's zones (RFC 9432 §4), so that they come and go by themselves.
enum Catalog {
    /// - Parameter members: names of the zones.
    static func content(apex: Name, members: some Sequence<Name>, after old: ZoneContent?) -> ZoneContent {
        // Nothing asks for these names: it is for transfer alone (RFC 9432 §4.1).
        guard let invalid = try? Name("invalid."), let version = try? Name("version.\(apex)") else {
            preconditionFailure("a catalog's name has room for its labels")
        }
        var content =
            old
            ?? ZoneContent(
                apex: apex,
                start: SOA(
                    primary: invalid, mailbox: invalid, serial: Serial(1), refresh: 3600, retry: 600, expire: .max >> 1, minimum: 0),
                ttl: 0)
        var octets: [UInt8] = []
        octets.append(owner: apex, type: .ns, ttl: 0, rdata: .name(invalid))
        octets.append(owner: version, type: .txt, ttl: 0, rdata: .txt("2"))
        var count = 2
        for (owner, zone) in members.compactMap({ zone in owner(of: zone, in: apex).map { ($0, zone) } }).sorted(by: { $0.0.precedes($1.0) }) {
            octets.append(owner: owner, type: .ptr, ttl: 0, rdata: .name(zone))
            count += 1
        }
        content.set(Segment(octets: octets, count: count), at: ZoneContent.listing)
        return content
    }

    /// A member's own label stays as long as its name does: servers keep a zone's state by it (RFC 9432 §5.4).
    static func owner(of zone: Name, in apex: Name) -> Name? {
        try? Name("\(Digest(of: zone.canonicalWire).hex.prefix(32)).zones.\(apex)")
    }

    /// Whether names of the listing have room below an apex.
    static func hasRoom(below apex: Name) -> Bool { apex.wire.count <= 255 - 39 }
}
