internal import DNSWire

/// Gives part of a /24 to servers of its own (RFC 2317 §4): for the zone that holds the /24.
///
/// ```swift
/// ClasslessDelegation("64/26.113.0.203.in-addr.arpa.", servers: ["ns1.customer.example."])
/// ```
///
/// Makes the delegation, and a CNAME for each address of the range that leads into it.
///
/// - Parameters:
///   - zone: its first label is `START/LENGTH` or `FIRST-LAST`; absolute.
///   - servers: absolute, or relative to the enclosing zone; below `zone` they would need glue, use ``Delegation(_:servers:glue:ds:ttl:file:line:)`` then.
public func ClasslessDelegation(
    _ zone: String, servers: [String], ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    guard zone.hasSuffix("."), let name = try? Name(zone), let range = ReverseZoneSet.classlessRange(of: name), let parent = name.parent
    else {
        return Records(
            faults: ["'\(zone)' is no part of a /24: write START/LENGTH or FIRST-LAST before C.B.A.in-addr.arpa. (RFC 2317)"], file, line)
    }
    let aliases = range.map { CNAME("\($0).\(parent)", "\($0).\(name)", ttl: ttl, file: file, line: line) }
    return Records(joining: [Delegation(zone, servers: servers, ttl: ttl, file: file, line: line)] + aliases)
}
