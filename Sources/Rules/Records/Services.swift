internal import DNSWire

/// A mail exchange (RFC 1035 §3.3.9); the lowest preference is tried first.
public func MX(
    _ owner: String, _ preference: UInt16, _ exchange: String, ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .mx, ttl: ttl, location: location, file, line) { zone in
        DNSWire.MX(preference: preference, exchange: try Name(exchange, relativeTo: zone))
    }
}

/// Where a service is (RFC 2782), owner `_service._protocol`; target `.` if it is not offered.
public func SRV(
    _ owner: String, priority: UInt16, weight: UInt16, port: UInt16, target: String, ttl: UInt32? = nil,
    location: String? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .srv, ttl: ttl, location: location, file, line) { zone in
        DNSWire.SRV(priority: priority, weight: weight, port: port, target: try Name(target, relativeTo: zone))
    }
}

/// A rule that rewrites a name (RFC 3403): an expression or a replacement.
public func NAPTR(
    _ owner: String, order: UInt16, preference: UInt16, flags: String, service: String, expression: String = "",
    replacement: String = ".", ttl: UInt32? = nil, location: String? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .naptr, ttl: ttl, location: location, file, line) { zone in
        let replacement = try Name(replacement, relativeTo: zone)
        // RFC 3403 §4.1: one of them is empty.
        guard expression.isEmpty || replacement.isRoot else { throw ValueFault("an expression and a replacement") }
        return DNSWire.NAPTR(
            order: order, preference: preference, flags: try Element.Value.string(flags),
            services: try Element.Value.string(service), regularExpression: try Element.Value.string(expression),
            replacement: replacement)
    }
}

/// A URI for a service (RFC 7553).
public func URI(
    _ owner: String, priority: UInt16, weight: UInt16, target: String, ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .uri, ttl: ttl, location: location, file, line) { _ in
        DNSWire.URI(priority: priority, weight: weight, target: Array(target.utf8))
    }
}

/// Where and how a service is reached (RFC 9460), with the parameters most used;
/// ``Record(_:_:_:ttl:location:file:line:)`` takes the others as text.
///
/// - Parameters:
///   - priority: 1 and up, lower first; ``SVCB(_:alias:ttl:location:file:line:)`` is alias mode.
///   - target: `.` for the owner itself.
///   - hints: addresses that the target probably has, IPv4 and IPv6.
public func SVCB(
    _ owner: String, priority: UInt16, target: String = ".", alpn: [String] = [], port: UInt16? = nil,
    hints: [String] = [], dohPath: String? = nil, ttl: UInt32? = nil, location: String? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .svcb, ttl: ttl, location: location, file, line) { zone in
        try binding(zone, priority, target, alpn, port, hints, dohPath)
    }
}

/// Another name that has the service (RFC 9460 §2.4.2); unlike a CNAME it may stand at the apex.
public func SVCB(
    _ owner: String, alias target: String, ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    record(owner, .svcb, ttl: ttl, location: location, file, line) { zone in
        DNSWire.SVCB(priority: 0, target: try Name(target, relativeTo: zone))
    }
}

/// As ``SVCB(_:priority:target:alpn:port:hints:dohPath:ttl:location:file:line:)``, for the web (RFC 9460 §9).
public func HTTPS(
    _ owner: String, priority: UInt16, target: String = ".", alpn: [String] = [], port: UInt16? = nil,
    hints: [String] = [], ttl: UInt32? = nil, location: String? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .https, ttl: ttl, location: location, file, line) { zone in
        try binding(zone, priority, target, alpn, port, hints, nil)
    }
}

/// As ``SVCB(_:alias:ttl:location:file:line:)``, for the web (RFC 9460 §9).
public func HTTPS(
    _ owner: String, alias target: String, ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    record(owner, .https, ttl: ttl, location: location, file, line) { zone in
        DNSWire.SVCB(priority: 0, target: try Name(target, relativeTo: zone))
    }
}

private func binding(
    _ zone: Name, _ priority: UInt16, _ target: String, _ alpn: [String], _ port: UInt16?, _ hints: [String],
    _ dohPath: String?
) throws -> DNSWire.SVCB {
    guard priority > 0 else { throw ValueFault("priority 0 is alias mode, which has no parameters: write alias:") }
    var binding = DNSWire.SVCB(priority: priority, target: try Name(target, relativeTo: zone))
    binding.alpn = try alpn.map { protocolName in
        let octets = try Element.Value.string(protocolName)
        guard !octets.isEmpty else { throw ValueFault("an empty protocol in alpn") }
        return octets
    }
    binding.port = port
    for hint in hints {
        if let octets = IPv4Text.parse(hint) {
            binding.ipv4Hints.append(octets)
        } else if let octets = IPv6Text.parse(hint) {
            binding.ipv6Hints.append(octets)
        } else {
            throw ValueFault("'\(hint)' is not an address")
        }
    }
    if let dohPath { binding.parameters[.dohPath] = Array(dohPath.utf8) }
    return binding
}
