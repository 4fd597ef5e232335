public import Logging
public import Pipeline
internal import Synchronization

/// The store over a ZooKeeper ensemble (3.5 or later).
///
/// Layout below the chroot: `/blobs/<2 hex>/<64 hex>`, `/values/<key>`,
/// `/values/<key>@` for leases, `/queues/<role>` for those who wait to lead.
///
/// Blobs, manifests and leases survive what ZooKeeper survives. While the
/// ensemble cannot be reached, calls wait for up to the session timeout and then
/// throw ``StoreError/Code/unavailable``. So does a write whose reply was lost:
/// it may have happened, read to find out. The session is replaced when it
/// expires, and given up after two thirds of its timeout without a server, since
/// others may then take what it held; its leases report themselves lost.
///
/// The connection is neither encrypted nor is the server verified: Debian's
/// client library has no TLS. Use a tunnel across networks that are not trusted.
public final class ZooKeeperStore: Store {
    let nodes: Nodes
    let connection: Connection
    let log: Logger
    /// Keys of the leases this store holds or is taking: the server cannot tell
    /// two holders within one session apart.
    let held = Mutex<Set<StoreKey>>([])

    /// Opens a store; connecting goes on in the background.
    ///
    /// - Parameters:
    ///   - url: `zookeeper://host:port,host,…/chroot`; port 2181 if left out, the
    ///     chroot is created when missing.
    ///   - credentials: `user:password` for the digest scheme. Nodes made with
    ///     them are closed to everybody else, without them open to all.
    ///   - sessionTimeout: how long a dead process may keep its leases. The server
    ///     bounds it (by default to 2…20 of its ticks of 2 s).
    /// - Throws: ``StoreError/Code/invalidLocation``.
    public init(
        _ url: String, credentials: String? = nil, sessionTimeout: Duration = .seconds(10),
        log: Logger = Logger(label: "store.zookeeper")
    ) throws(StoreError) {
        let location = try ZooKeeperLocation(url)
        if let credentials, credentials.split(separator: ":").count != 2 {
            throw StoreError(.invalidLocation, "ZooKeeper credentials are 'user:password'")
        }
        connection = Connection(location: location, credentials: credentials, timeout: sessionTimeout, log: log)
        nodes = Nodes(connection: connection, root: location.root, owned: credentials != nil)
        self.log = log
    }

    public func close() async { await connection.close() }

    // MARK: Paths

    func path(_ key: StoreKey) -> String { "/values/\(key)" }
    /// Beside the value's node: an ephemeral node cannot have children. No key
    /// contains `@`.
    func leasePath(_ key: StoreKey) -> String { "/values/\(key)@" }

    /// Creates what is missing above `path`, from the chroot down.
    func createParents(of path: String) async throws {
        try await createRoot()
        let parts = path.split(separator: "/").dropLast()
        var node = ""
        for part in parts {
            node += "/" + part
            _ = try await nodes.create(node, [], onLoss: .again)
        }
    }

    /// Creates the chroot, above which nothing is ours and everything may exist.
    private func createRoot() async throws {
        let all = Nodes(connection: connection, root: "", owned: nodes.owned)
        var node = ""
        for part in nodes.root.split(separator: "/") {
            node += "/" + part
            // Looked at first: with an ACL above, creating is not ours to try.
            if try await all.exists(node).ok { continue }
            _ = try await all.create(node, [], onLoss: .again)
        }
    }
}

/// What a node of ours holds: empty for a node that only has children or whose
/// value was removed, else one octet for the kind and then the content.
enum NodeData {
    static let whole: UInt8 = 1
    static let parts: UInt8 = 2

    static func wrap(_ value: [UInt8]) -> [UInt8] { [whole] + value }

    static func unwrap(_ data: [UInt8], at key: StoreKey) throws(StoreError) -> [UInt8]? {
        guard let kind = data.first else { return nil }
        guard kind == whole else { throw StoreError(.corrupt, "the value at \(key) has the unknown format \(kind)") }
        return Array(data.dropFirst())
    }
}
