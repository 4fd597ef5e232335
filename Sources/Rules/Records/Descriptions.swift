internal import DNSWire

/// Where something is (RFC 1876).
///
/// - Parameters:
///   - latitude: degrees, north positive, −90 to 90.
///   - longitude: degrees, east positive, −180 to 180.
///   - altitude: metres above the WGS 84 ellipsoid, −100,000 to 42,849,672.95.
public func LOC(
    _ owner: String, latitude: Double, longitude: Double, altitude: Double = 0, ttl: UInt32? = nil,
    location: String? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .loc, ttl: ttl, location: location, file, line) { _ in
        // The comparisons fail for NaN too.
        guard abs(latitude) <= 90 else { throw ValueFault("latitude \(latitude) is not −90 to 90 degrees") }
        guard abs(longitude) <= 180 else { throw ValueFault("longitude \(longitude) is not −180 to 180 degrees") }
        guard altitude >= -100_000, altitude <= 42_849_672.95 else {
            throw ValueFault("altitude \(altitude) is not −100,000 to 42,849,672.95 metres")
        }
        return DNSWire.LOC(
            latitude: Int32((latitude * 3_600_000).rounded()), longitude: Int32((longitude * 3_600_000).rounded()),
            altitude: Int64((altitude * 100).rounded()))
    }
}

/// A host's processor and system (RFC 1035 §3.3.2).
public func HINFO(
    _ owner: String, processor: String, system: String, ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .hinfo, ttl: ttl, location: location, file, line) { _ in
        DNSWire.HINFO(
            processor: try Element.Value.string(processor), system: try Element.Value.string(system))
    }
}

/// Who is responsible (RFC 1183 §2.2): a mailbox with a dot for its `@`, and where a TXT says more.
public func RP(
    _ owner: String, mailbox: String, text: String = ".", ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .rp, ttl: ttl, location: location, file, line) { zone in
        DNSWire.RP(mailbox: try Name(mailbox, relativeTo: zone), text: try Name(text, relativeTo: zone))
    }
}

/// A cell's database server (RFC 1183 §1): subtype 1 of AFS, 2 of DCE.
public func AFSDB(
    _ owner: String, subtype: UInt16, host: String, ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .afsdb, ttl: ttl, location: location, file, line) { zone in
        DNSWire.AFSDB(subtype: subtype, host: try Name(host, relativeTo: zone))
    }
}

/// A hardware address of six octets, `00-00-5e-00-53-2a` (RFC 7043 §3).
public func EUI48(
    _ owner: String, _ address: String, ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .eui48, [address], ttl: ttl, location: location, file: file, line: line)
}

/// A hardware address of eight octets, `00-00-5e-ef-10-00-00-2a` (RFC 7043 §4).
public func EUI64(
    _ owner: String, _ address: String, ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .eui64, [address], ttl: ttl, location: location, file: file, line: line)
}
