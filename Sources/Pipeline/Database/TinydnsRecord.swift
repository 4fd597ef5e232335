public import DNSWire

/// How tinydns holds a record in its database (tinydns-data.c `rr_start`, `rr_finish`).
public enum TinydnsRecord {
    /// tinydns reads a record into 32,767 octets, and is silent about a name with a larger one (tdlookup.c).
    public static let mostData = 32_767

    /// The key of an owner name: lower case, a wildcard without its `*`.
    public static func key(of owner: Name) -> [UInt8] {
        let wire = owner.canonicalWire
        return owner.isWildcard ? Array(wire[2...]) : wire
    }

    /// Type, marker, location, TTL, a timestamp of zero, RDATA.
    public static func data(_ rdata: RData, type: RRType, ttl: UInt32, location: Location?, wildcard: Bool) -> [UInt8] {
        var octets = [UInt8(type.rawValue >> 8), UInt8(type.rawValue & 0xFF)]
        if let location {
            octets.append(wildcard ? UInt8(ascii: "+") : UInt8(ascii: ">"))
            octets += location.bytes
        } else {
            octets.append(wildcard ? UInt8(ascii: "*") : UInt8(ascii: "="))
        }
        for shift in [24, 16, 8, 0] { octets.append(UInt8(truncatingIfNeeded: ttl >> UInt32(shift))) }
        octets += [UInt8](repeating: 0, count: 8)
        return octets + rdata.wire
    }

    /// What a record's data says of itself.
    public struct Header: Sendable {
        public var type: RRType
        public var isWildcard: Bool

        /// `nil` if `data` is not a record's.
        public init?(_ data: [UInt8]) {
            guard data.count > 2 else { return nil }
            type = RRType(rawValue: UInt16(data[0]) << 8 | UInt16(data[1]))
            switch data[2] {
            case UInt8(ascii: "="), UInt8(ascii: ">"): isWildcard = false
            case UInt8(ascii: "*"), UInt8(ascii: "+"): isWildcard = true
            default: return nil
            }
        }
    }

    /// The key of a map entry; its data is the location's two octets.
    public static func key(ofPrefix prefix: [UInt8]) -> [UInt8] { [0, UInt8(ascii: "%")] + prefix }

    /// The owner name of a key that is not a map entry's; for a wildcard, the name it stands under.
    public static func owner(ofKey key: some Collection<UInt8>) -> Name? {
        key.first == 0 && key.count > 1 ? nil : try? Name(wire: Array(key))
    }
}

extension Shard {
    /// One TXT RRset for each owner, in their order. TTL 0: a resolver in between must
    /// ask anew each time.
    public init(stamps owners: [Name], _ stamp: Stamp) {
        self.init(
            records: owners.map { owner in
                RecordSet(
                    key: RecordKey(owner: owner, type: .txt), ttl: 0, rdata: [.txt(stamp.description)],
                    origin: Origin(source: "stamp"))
            })
    }
}

extension CdbFragment {
    /// Compiles a shard: its records and map entries in canonical order.
    public init(_ shard: Shard) {
        self.init()
        for set in shard.records {
            let key = TinydnsRecord.key(of: set.key.owner)
            for rdata in set.rdata {
                append(
                    key: key,
                    data: TinydnsRecord.data(
                        rdata, type: set.key.type, ttl: set.ttl, location: set.key.location, wildcard: set.key.owner.isWildcard))
            }
        }
        for entry in shard.map { append(key: TinydnsRecord.key(ofPrefix: entry.prefix), data: entry.location.bytes) }
    }
}
