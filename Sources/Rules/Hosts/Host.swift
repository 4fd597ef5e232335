/// A host's addresses (IPv4 or IPv6), each with the PTR that leads back to the
/// host (RFC 1035 §3.5, RFC 3596 §2.5).
///
/// Where the rule says which reverse zones are managed (``ReverseZones(_:file:line:)``),
/// only addresses in those get a PTR. PTR are for all clients, whatever the location.
///
/// - Parameter ptr: `false` for addresses alone.
public func Host(
    _ owner: String, _ addresses: String..., ttl: UInt32? = nil, location: String? = nil, ptr: Bool = true,
    file: String = #fileID, line: Int = #line
) -> Records {
    Records(.host(owner: owner, addresses: addresses, ttl: ttl, location: location, pointers: ptr), file, line)
}

/// Several addresses (IPv4 or IPv6) that do the same, without PTR: clients spread over them.
///
/// tinydns answers with at most eight addresses of a name, chosen and ordered at random
/// for each query; more than eight are fine, and each is then in fewer answers. All
/// weigh the same.
///
/// There is no maker of weighted pools, because tinydns has no weights: it knows one
/// location for a client, so unequal shares would need locations of their own for parts
/// of the clients, and copies of all other records of the location for them. What it can
/// do honestly is send more client networks to a site: see ``ClientMap``.
public func Pool(
    _ owner: String, _ addresses: [String], ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    var faults: [String] = []
    if addresses.isEmpty { faults.append("\(owner): a pool without addresses") }
    var seen: Set<String> = []
    for address in addresses where !seen.insert(address).inserted {
        faults.append("\(owner): \(address) is twice in the pool, which gives it no more weight")
    }
    guard faults.isEmpty else { return Records(faults: faults, file, line) }
    return Records(.host(owner: owner, addresses: addresses, ttl: ttl, location: location, pointers: false), file, line)
}

/// The reverse zones that are managed here: addresses in them get their PTR by themselves,
/// others get none. They hold for the whole rule, wherever this stands in it.
///
/// Names are absolute, below `in-addr.arpa.` or `ip6.arpa.` at any octet or nibble.
/// Zones of less than a /24 (RFC 2317) are found by their range: `0/25.2.0.192.in-addr.arpa.`
/// (start and prefix length) or `0-127.2.0.192.in-addr.arpa.` (first and last). Of
/// several zones with an address, the smallest has its PTR. Reverse zones whose SOA is
/// among the rule's own records count too.
///
/// A rule with neither gets a PTR for every address of a host, on the assumption that
/// another rule has the zones.
public func ReverseZones(_ zones: String..., file: String = #fileID, line: Int = #line) -> Records {
    ReverseZones(zones, file: file, line: line)
}

/// As above, for a list that comes from an input.
public func ReverseZones(_ zones: [String], file: String = #fileID, line: Int = #line) -> Records {
    Records(.reverseZones(zones), file, line)
}
