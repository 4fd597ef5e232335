/// Records below `name`: relative names inside are completed by it, and records
/// without a TTL of their own take `ttl` (seconds).
///
/// Zones nest: the name of an inner one is relative to the outer one's.
public func Zone(
    _ name: String, ttl: UInt32? = nil, file: String = #fileID, line: Int = #line,
    @RecordBuilder _ records: () throws -> Records
) rethrows -> Records {
    Records(.zone(name, ttl: ttl, try records()), file, line)
}

/// A TTL (seconds, at most 2,147,483,647: RFC 2181 §8) for all records inside that
/// say nothing else; the innermost of these and of zones' TTLs counts.
public func TTL(
    _ seconds: UInt32, file: String = #fileID, line: Int = #line, @RecordBuilder _ records: () throws -> Records
) rethrows -> Records {
    Records(.ttl(seconds, try records()), file, line)
}

/// Records inside are seen only by clients that a map puts at `location` (one or two
/// letters or digits); those that name a location of their own keep it.
///
/// PTR that a ``Host(_:_:ttl:location:ptr:file:line:)`` brings with it stay visible to
/// everybody: an address has its name whoever asks.
public func At(
    _ location: String, file: String = #fileID, line: Int = #line, @RecordBuilder _ records: () throws -> Records
) rethrows -> Records {
    Records(.location(location, try records()), file, line)
}
