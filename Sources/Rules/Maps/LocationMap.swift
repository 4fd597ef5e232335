public import Pipeline

/// Clients whose address starts with `prefix` (0 to 4 octets) are at `location`.
public struct MapLine: Hashable, Sendable {
    public var prefix: [UInt8]
    public var location: Location

    public init(prefix: [UInt8], location: Location) {
        self.prefix = prefix
        self.location = location
    }
}

/// Lines of the location map, in any order. See ``ClientMap`` to make them of networks,
/// ``OctetPrefixes`` of address ranges.
public func LocationMap(_ lines: [MapLine], file: String = #fileID, line: Int = #line) -> Records {
    Records(.map(lines), file, line)
}
