internal import DNSWire
public import Pipeline

extension Seeded {
    public mutating func location() -> Location { Location(pick(["aa", "bb", "c", "Z9", "de"]))! }

    public mutating func word() -> String { pick(["", "a", "naïve", "x/y", "line\nbreak", "\u{0}", "rules/A.swift"]) }

    public mutating func origin() -> Origin {
        Origin(source: pick(["pack/A", "pack/B", Origin.edits]), file: word(), line: below(500), person: word(), reason: word())
    }

    public mutating func digest() -> Digest { Digest(of: octets(8)) }

    public mutating func recordSet() -> RecordSet {
        let type = pick(Self.knownTypes + [RRType(rawValue: 65_280)])
        let key = RecordKey(owner: name(), type: type, location: chance(3) ? location() : nil)
        return RecordSet(
            key: key, ttl: UInt32(below(100_000)), rdata: (0...below(3)).map { _ in rdata(type) }, origin: origin(),
            overrode: chance(4) ? [origin()] : [])
    }

    public mutating func mapEntry() -> MapEntry { MapEntry(prefix: octets(below(5)), location: location(), origin: origin()) }

    public mutating func conflict() -> Conflict {
        let set = recordSet()
        let parties = (0...below(3)).map { _ in
            Conflict.Party(origin: origin(), ttl: UInt32(below(9999)), rdata: set.rdata, removes: chance(2))
        }
        return Conflict(
            key: set.key, parties: parties, winner: chance(3) ? nil : below(parties.count), policy: word(), explanation: word())
    }

    /// In canonical order, as every shard that is stored.
    public mutating func shard() -> Shard {
        var shard = Shard(
            records: (0..<below(12)).map { _ in recordSet() }, map: (0..<below(5)).map { _ in mapEntry() },
            conflicts: (0..<below(3)).map { _ in conflict() })
        shard.sort()
        return shard
    }
}
