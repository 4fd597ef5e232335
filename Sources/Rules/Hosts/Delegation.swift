internal import DNSWire

/// A child zone that other servers have: its NS, the addresses of servers below it
/// (glue, RFC 1034 §4.2.1), and the digests of its keys if it is signed.
///
/// ```swift
/// Delegation("lab", servers: ["ns1.lab", "ns.example.org."], glue: ["ns1.lab": ["192.0.2.53"]])
/// ```
///
/// A server below the child without glue could not be found, and is a fault; so is glue
/// for another name.
///
/// - Parameters:
///   - servers: relative to the enclosing zone, as the names in `glue`.
///   - glue: addresses (IPv4 or IPv6) by server.
///   - ds: in presentation format: key tag, algorithm, digest type, digest.
public func Delegation(
    _ child: String, servers: [String], glue: [String: [String]] = [:], ds: [String] = [], ttl: UInt32? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    // In the order of names: a dictionary's own order changes from run to run.
    let glue = glue.sorted { $0.key < $1.key }.map { (server: $0.key, addresses: $0.value) }
    return Records(.delegation(Delegated(child: child, servers: servers, glue: glue, ds: ds), ttl: ttl), file, line)
}

/// What a rule says of a child zone.
struct Delegated: Sendable {
    var child: String
    var servers: [String]
    var glue: [(server: String, addresses: [String])]
    var ds: [String]
}

extension Delegated {
    /// What is wrong with it as the child of this name, the names already completed.
    func faults(child: Name, servers: [Name], glue: [Name]) -> [String] {
        var faults: [String] = []
        if servers.isEmpty { faults.append("\(child) is delegated to no server") }
        for server in servers where server.isWithin(child) && !glue.contains(server) {
            faults.append("\(child) cannot be found: its server \(server) is below it and has no glue")
        }
        for name in glue {
            if !servers.contains(name) {
                faults.append("\(child) has glue for \(name), which is not among its servers")
            } else if !name.isWithin(child) {
                faults.append("\(child) has glue for \(name), which is not below it")
            }
        }
        for (name, list) in zip(glue, self.glue) where list.addresses.isEmpty {
            faults.append("\(child) has glue for \(name) without an address")
        }
        return faults
    }
}
