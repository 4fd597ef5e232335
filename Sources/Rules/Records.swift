public import DNSWire
public import Pipeline

/// One thing a rule asked for: names still relative, values still text.
struct Element: Sendable {
    enum Kind: Sendable {
        case record(owner: String, RRType, [String], ttl: UInt32?, location: String?)
        case host(owner: String, addresses: [String], ttl: UInt32?)
        case map([MapLine])
        case zone(String, ttl: UInt32?, Records)
    }

    var kind: Kind
    var source: SourceLine
}

/// Clients whose address starts with `prefix` (0 to 4 octets) are at `location`.
public struct MapLine: Hashable, Sendable {
    public var prefix: [UInt8]
    public var location: Location

    public init(prefix: [UInt8], location: Location) {
        self.prefix = prefix
        self.location = location
    }
}

/// Records below `name`: relative names inside are completed by it, and records
/// without a TTL of their own take `ttl` (seconds).
public func Zone(
    _ name: String, ttl: UInt32? = nil, file: String = #fileID, line: Int = #line,
    @RecordBuilder _ records: () throws -> Records
) rethrows -> Records {
    Records(Element(kind: .zone(name, ttl: ttl, try records()), source: SourceLine(file: file, line: line)))
}

/// Records of any type, values in presentation format, names relative to the zone.
///
/// - Parameter location: only clients that a map puts there see the records.
public func Record(
    _ owner: String, _ type: RRType, _ values: [String], ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    Records(
        Element(
            kind: .record(owner: owner, type, values, ttl: ttl, location: location),
            source: SourceLine(file: file, line: line)))
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

/// Name servers of a zone (RFC 1035 §3.3.11).
public func NS(
    _ owner: String, _ servers: String..., ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    Record(owner, .ns, servers, ttl: ttl, file: file, line: line)
}

/// The start of authority (RFC 1035 §3.3.13); times in seconds.
///
/// The serial is for whoever compares it by hand: releases carry the true version.
public func SOA(
    primary: String, mailbox: String, serial: UInt32 = 1, refresh: UInt32 = 3600, retry: UInt32 = 600,
    expire: UInt32 = 604_800, minimum: UInt32 = 300, ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    Record(
        "@", .soa, ["\(primary) \(mailbox) \(serial) \(refresh) \(retry) \(expire) \(minimum)"], ttl: ttl, file: file,
        line: line)
}

/// Text (RFC 1035 §3.3.14); over 255 octets it is cut into several strings.
public func TXT(
    _ owner: String, _ text: String, ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(
        owner, .txt, [RData.txt(text).text(type: .txt)], ttl: ttl, location: location, file: file, line: line)
}

/// A mail exchange (RFC 1035 §3.3.9); the lowest preference is tried first.
public func MX(
    _ owner: String, _ preference: UInt16, _ exchange: String, ttl: UInt32? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .mx, ["\(preference) \(exchange)"], ttl: ttl, file: file, line: line)
}

/// The location of a service (RFC 2782).
public func SRV(
    _ owner: String, priority: UInt16, weight: UInt16, port: UInt16, target: String, ttl: UInt32? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    Record(owner, .srv, ["\(priority) \(weight) \(port) \(target)"], ttl: ttl, file: file, line: line)
}

/// A pointer (RFC 1035 §3.3.12).
public func PTR(
    _ owner: String, _ target: String, ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    Record(owner, .ptr, [target], ttl: ttl, file: file, line: line)
}

/// A host's addresses (IPv4 or IPv6), each with the PTR that leads back to the
/// host (RFC 1035 §3.5, RFC 3596 §2.5).
public func Host(
    _ owner: String, _ addresses: String..., ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    Records(
        Element(
            kind: .host(owner: owner, addresses: addresses, ttl: ttl), source: SourceLine(file: file, line: line)))
}

/// Lines of the location map, in any order. See ``OctetPrefixes`` to make them of ranges.
public func LocationMap(_ lines: [MapLine], file: String = #fileID, line: Int = #line) -> Records {
    Records(Element(kind: .map(lines), source: SourceLine(file: file, line: line)))
}
