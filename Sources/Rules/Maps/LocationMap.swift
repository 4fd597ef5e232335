public import Pipeline

/// Clients whose address starts with `prefix` (0 to 4 octets) are at `location`.
public struct MapLine: Hashable, Sendable {
    public var prefix: [UInt8]
    public var location: Location
    /// What its clients ask for, in any unit that all lines share; 0 if unknown.
    public var demand: Double

    public init(prefix: [UInt8], location: Location, demand: Double = 0) {
        self.prefix = prefix
        self.location = location
        self.demand = demand
    }
}

/// Lines of the location map, in any order. See ``ClientMap`` to make them of networks,
/// ``OctetPrefixes`` of address ranges.
public func LocationMap(_ lines: [MapLine], file: String = #fileID, line: Int = #line) -> Records {
    Records(.map(lines), file, line)
}
