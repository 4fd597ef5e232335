public import DNSClient
public import DNSWire
internal import Pipeline

/// A name server that takes zones from here.
public struct Peer: Sendable {
    public var name: String
    /// Where it asks from; none: anywhere, which needs a ``key``.
    public var addresses: [AddressPrefix]
    /// Signs what it asks and what it is told; `nil`: unsigned.
    public var key: TSIGKey?
    /// What it sees.
    public var view: String
    /// Which zones it may have; none: all of the view.
    public var zones: [ZonePattern]
    /// Where it is told of changes (RFC 1996).
    public var notify: [DNSClient.Server]

    public init(
        name: String, addresses: [AddressPrefix], key: TSIGKey? = nil, view: String = View.everyone, zones: [ZonePattern] = [],
        notify: [DNSClient.Server] = []
    ) {
        self.name = name
        self.addresses = addresses
        self.key = key
        self.view = view
        self.zones = zones
        self.notify = notify
    }

    /// Whether it may have a zone.
    func takes(_ zone: Name) -> Bool { zones.isEmpty || zones.contains { $0.matches(zone) } }
}

/// `example.net`: that zone; `.example.net`: that zone and all below it.
public struct ZonePattern: Hashable, Sendable {
    public var name: Name
    public var isSubtree: Bool

    public init(_ text: String) throws(NameError) {
        isSubtree = text.hasPrefix(".") && text != "."
        name = try Name(isSubtree ? String(text.dropFirst()) : text)
    }

    func matches(_ zone: Name) -> Bool { isSubtree ? zone.isWithin(name) : zone == name }
}

/// Who may ask for what.
struct Access: Sendable {
    let peers: [Peer]
    private let keys: [Name: TSIGKey]

    init(peers: [Peer]) {
        self.peers = peers
        keys = Dictionary(peers.compactMap { peer in peer.key.map { ($0.name, $0) } }) { first, _ in first }
    }

    func key(_ name: Name) -> TSIGKey? { keys[name] }

    /// The peers that an asker is: by its key if it has one, else by its address alone.
    func peers(at address: [UInt8], key: Name?) -> [Peer] {
        peers.filter { peer in
            guard peer.key?.name == key else { return false }
            if peer.addresses.isEmpty { return peer.key != nil }
            return peer.addresses.contains { $0.contains(address) }
        }
    }
}
