internal import DNSClient
public import DNSWire
public import Pipeline

/// Name servers that are to have the same zones.
public struct Pool: Sendable {
    public struct NameServer: Hashable, Sendable {
        public var address: PoolRecord.Server
        /// Name of the key that signs what it is asked and told; `nil`: unsigned.
        public var key: Name?

        public init(_ address: PoolRecord.Server, key: Name? = nil) {
            self.address = address
            self.key = key
        }
    }

    public var name: String
    /// What its servers see.
    public var view: String
    /// Which zones they have; none: all of the view.
    public var zones: [ZonePattern]
    /// The zone that lists the others (RFC 9432).
    public var catalog: Name?
    /// What the NS records of its zones should be; none: anything.
    public var nsRecords: [Name]
    /// Who is asked whether a change has come.
    public var nameservers: [NameServer]
    /// Who takes zones from here, and is told of changes.
    public var targets: [NameServer]
    /// Who is told besides, and takes nothing from here.
    public var alsoNotifies: [NameServer]
    /// So many of the name servers, in percent, make a change ``PoolStatus/active``.
    public var threshold: Int
    public var poll: SerialPoll.Patience
    /// A server that has not a change after all retries is asked again so often.
    public var recovery: Duration
    /// The keys of its servers, by name.
    public var keys: [Name: TSIGKey]

    /// - Parameter targets: the name servers by default.
    public init(
        name: String, view: String = View.everyone, zones: [ZonePattern] = [], catalog: Name? = nil, nsRecords: [Name] = [],
        nameservers: [NameServer], targets: [NameServer]? = nil, alsoNotifies: [NameServer] = [], threshold: Int = 100,
        poll: SerialPoll.Patience = .init(delay: .milliseconds(500)), recovery: Duration = .seconds(120), keys: [Name: TSIGKey] = [:]
    ) {
        self.name = name
        self.view = view
        self.zones = zones
        self.catalog = catalog
        self.nsRecords = nsRecords
        self.nameservers = nameservers
        self.targets = targets ?? nameservers
        self.alsoNotifies = alsoNotifies
        self.threshold = threshold
        self.poll = poll
        self.recovery = recovery
        self.keys = keys
    }

    /// Whether it has a zone of its view.
    public func takes(_ zone: Name) -> Bool { zone == catalog || zones.isEmpty || zones.contains { $0.matches(zone) } }

    func key(of server: NameServer) -> TSIGKey? { server.key.flatMap { keys[$0] } }

    public var rule: PoolRecord.Rule { .init(threshold: threshold, attempts: poll.retries + 1) }

    /// Its targets, each as one that may take the pool's zones and is told of changes.
    var peers: [Peer] {
        targets.map { target in
            Peer(
                name: "\(name)/\(target.address)", addresses: [AddressPrefix(target.address.host)].compactMap(\.self), key: key(of: target),
                view: view, zones: zones, notify: [DNSClient.Server(target.address)])
        }
    }

    /// Who is told of changes, each once.
    var told: [NameServer] {
        var seen: Set<PoolRecord.Server> = []
        return (targets + alsoNotifies).filter { seen.insert($0.address).inserted }
    }

    /// Every server of it, each once.
    var servers: [NameServer] {
        var seen: Set<PoolRecord.Server> = []
        return (nameservers + targets + alsoNotifies).filter { seen.insert($0.address).inserted }
    }
}

extension DNSClient.Server {
    init(_ server: PoolRecord.Server) { self.init(host: server.host, port: server.port) }
}
