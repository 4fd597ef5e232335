internal import DNSWire
internal import Pipeline

/// How name servers are served.
public struct TransferSettings: Sendable {
    public struct Endpoint: Hashable, Sendable {
        /// An IPv4 or IPv6 literal.
        public var address: String
        /// 0: any that is free.
        public var port: Int

        public init(address: String, port: Int) {
            self.address = address
            self.port = port
        }
    }

    /// How secondaries are told (RFC 1996 §3.6).
    public struct Notifying: Sendable {
        /// How long an answer is waited for.
        public var timeout: Duration = .seconds(3)
        /// From one try to the next.
        public var interval: Duration = .seconds(5)
        /// Tries after the first.
        public var retries = 4
        /// The local address to tell from; any by default.
        public var source: String?

        public init() {}
    }

    /// Where transfers are served, over TCP and UDP.
    public var listen: [Endpoint]
    /// Where this instance keeps the highest serials that it saw.
    public var directory: String
    /// ``View/everyone`` among them.
    public var views: [View]
    public var peers: [Peer]
    /// Name servers that are followed: with the catalogs of their views.
    public var pools: [Pool] = [] {
        didSet {
            for pool in pools {
                guard let catalog = pool.catalog, let place = views.firstIndex(where: { $0.name == pool.view }) else { continue }
                views[place].catalog = views[place].catalog ?? catalog
            }
        }
    }
    public var notifying = Notifying()
    /// Connections in all, and from one address.
    public var connections = (most: 512, ofOne: 64)
    /// A connection on which nothing moves for so long is closed.
    public var idle: Duration = .seconds(60)

    public init(listen: [Endpoint], directory: String, views: [View] = [], peers: [Peer] = []) {
        self.listen = listen
        self.directory = directory
        self.views = views.contains { $0.name == View.everyone } ? views : views + [View(name: View.everyone)]
        self.peers = peers
    }

    /// With those that pools have.
    var allPeers: [Peer] { peers + pools.flatMap(\.peers) }

    /// What is wrong with them; none: nothing.
    public var faults: [String] {
        var faults: [String] = []
        for view in views where view.catalog.map({ !Catalog.hasRoom(below: $0) }) ?? false {
            faults.append("the name of the catalog of view '\(view.name)' is too long for its members")
        }
        for peer in peers {
            if peer.addresses.isEmpty, peer.key == nil { faults.append("peer '\(peer.name)' has neither an address nor a key: anybody would be it") }
            if !views.contains(where: { $0.name == peer.view }) { faults.append("peer '\(peer.name)': there is no view '\(peer.view)'") }
        }
        for pool in pools {
            guard let view = views.first(where: { $0.name == pool.view }) else {
                faults.append("pool '\(pool.name)': there is no view '\(pool.view)'")
                continue
            }
            if let catalog = pool.catalog, view.catalog != catalog {
                faults.append("pool '\(pool.name)': the catalog of view '\(pool.view)' is \(view.catalog.map { "\($0)" } ?? "none")")
            }
            for key in Set(pool.servers.compactMap(\.key)) where pool.keys[key] == nil {
                faults.append("pool '\(pool.name)': there is no key \(key)")
            }
        }
        return faults
    }
}
