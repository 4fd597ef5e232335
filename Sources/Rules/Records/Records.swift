public import DNSWire

// The makers have the names of the record types. DNSWire has values of the same names
// (`MX(preference:exchange:)`); labels and types of the arguments tell them apart, so
// that a rule may import both.

/// Records of any type, values in presentation format, names relative to the zone.
///
/// - Parameter location: only clients that a map puts there see the records.
public func Record(
    _ owner: String, _ type: RRType, _ values: [String], ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    Records(.record(owner: owner, type, values.map { .text($0) }, ttl: ttl, location: location), file, line)
}

/// Records of values of DNSWire, such as `DNSWire.SRV`; the names in them are absolute.
///
/// - Parameter type: another type of the same form, such as `.cds` for a `DS`.
public func Record<Value: RDataValue>(
    _ owner: String, _ values: [Value], as type: RRType? = nil, ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    let type = type ?? Value.type
    return Records(
        .record(
            owner: owner, type, values.map { value in .typed(type) { _ in value } }, ttl: ttl, location: location),
        file, line)
}

/// One record whose data is made once its zone is known.
func record(
    _ owner: String, _ type: RRType, ttl: UInt32?, location: String?, _ file: String, _ line: Int,
    _ make: @escaping @Sendable (_ zone: Name) throws -> any RDataValue
) -> Records {
    Records(.record(owner: owner, type, [.typed(type, make)], ttl: ttl, location: location), file, line)
}

/// IPv4 addresses of a name (RFC 1035 §3.4.1).
public func A(
    _ owner: String, _ addresses: String..., ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .a, addresses, ttl: ttl, location: location, file: file, line: line)
}

/// IPv6 addresses of a name (RFC 3596 §2.1).
public func AAAA(
    _ owner: String, _ addresses: String..., ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .aaaa, addresses, ttl: ttl, location: location, file: file, line: line)
}

/// The canonical name of an alias (RFC 1035 §3.3.1).
public func CNAME(
    _ owner: String, _ target: String, ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .cname, [target], ttl: ttl, location: location, file: file, line: line)
}

/// Another name for all that is below this one (RFC 6672).
public func DNAME(
    _ owner: String, _ target: String, ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .dname, [target], ttl: ttl, location: location, file: file, line: line)
}

/// Name servers of a zone (RFC 1035 §3.3.11). For those of a child zone, see
/// ``Delegation(_:servers:glue:ds:ttl:file:line:)``.
public func NS(
    _ owner: String, _ servers: String..., ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .ns, servers, ttl: ttl, location: location, file: file, line: line)
}

/// A pointer (RFC 1035 §3.3.12). ``Host(_:_:ttl:location:ptr:file:line:)`` makes those of
/// addresses by itself.
public func PTR(
    _ owner: String, _ target: String, ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .ptr, [target], ttl: ttl, location: location, file: file, line: line)
}

/// The start of authority (RFC 1035 §3.3.13); times in seconds.
///
/// The serial is for whoever compares it by hand: releases carry the true version.
public func SOA(
    primary: String, mailbox: String, serial: UInt32 = 1, refresh: UInt32 = 3600, retry: UInt32 = 600,
    expire: UInt32 = 604_800, minimum: UInt32 = 300, ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    record("@", .soa, ttl: ttl, location: location, file, line) { zone in
        DNSWire.SOA(
            primary: try Name(primary, relativeTo: zone), mailbox: try Name(mailbox, relativeTo: zone),
            serial: Serial(serial), refresh: refresh, retry: retry, expire: expire, minimum: minimum)
    }
}

/// Text (RFC 1035 §3.3.14); over 255 octets it is cut into several strings.
public func TXT(
    _ owner: String, _ text: String, ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    let value = Element.Value.relative { _ in try RData(wire: RData.txt(text).wire, type: .txt) }
    return Records(.record(owner: owner, .txt, [value], ttl: ttl, location: location), file, line)
}
