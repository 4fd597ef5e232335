internal import DNSWire

/// A record as a line makes it, in place.
struct DataRecord {
    let line: Int
    /// On the wire, a wildcard with its `*`.
    let owner: Octets
    let type: RRType
    let ttl: UInt32
    /// TAI64; 0 for none. With a TTL of 0 the record ends then, else it starts then.
    let timestamp: UInt64
    /// Two zeros for everybody.
    let location: (UInt8, UInt8)
    let rdata: Octets
    /// An SOA whose serial is the time of the file.
    let isDated: Bool

    @inline(__always)
    var isWildcard: Bool { owner.count > 2 && owner[0] == 1 && owner[1] == UInt8(ascii: "*") }

    /// What tinydns looks for: a wildcard has the name that it stands under.
    @inline(__always)
    var keyName: Octets { isWildcard ? Octets(rebasing: owner[2...]) : owner }
}

/// What is made of the lines.
protocol DataSink: ~Copyable {
    /// Takes a record; what is wrong with it goes to the report.
    mutating func take(_ record: DataRecord, _ report: inout DataReport) throws
    /// Takes a map entry, whose prefix may have any number of octets.
    mutating func take(prefix: Octets, location: (UInt8, UInt8), line: Int, _ report: inout DataReport) throws
}
