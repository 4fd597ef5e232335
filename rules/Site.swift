import Rules

/// What all rules of this site share.
enum Site {
    /// The zone under which the mirror network is published.
    static let zone = "mirrors.test."
    static let mailbox = "hostmaster.mirrors.test."
    /// Seconds: addresses of mirrors change seldom.
    static let ttl: UInt32 = 3600
    /// Clients of no country with a mirror are here.
    static let elsewhere = "zz"
}

/// `inventory/servers.yaml`.
struct Inventory: Decodable, Sendable {
    struct Server: Decodable, Sendable {
        var name: String
        var addresses: [String]
        var services: [String]?
    }

    var nameServers: [String]
    var reverseZones: [String]
    var servers: [Server]
}

/// `inventory/test-clients.yaml`: networks that stand in for a country.
struct TestClients: Decodable, Sendable {
    /// Whole octets, such as `127.43`.
    var prefix: String
    var country: String
}
