/// How the files of a release travel: what the stages need of a swarm.
///
/// Filled in by the program that wires stages to adapters, so that no stage
/// depends on the torrent library.
public struct Distribution: Sendable {
    /// A release's files as a torrent: the bencoded metadata (info dictionary and
    /// piece layers, BEP 52), and the v2 hash of the info dictionary.
    public struct Torrent: Sendable, Hashable {
        public var metadata: [UInt8]
        public var infoHash: [UInt8]

        public init(metadata: [UInt8], infoHash: [UInt8]) {
            self.metadata = metadata
            self.infoHash = infoHash
        }
    }

    /// Where peers reach this process: `address:port`.
    public var address: String
    /// Describes the files of a directory.
    public var describe: @Sendable (_ directory: String) async throws -> Torrent
    /// Serves the files of a directory, all there.
    public var seed: @Sendable (_ torrent: Torrent, _ directory: String) async throws -> Void
    /// Brings the missing files into a directory, returns the octets that moved, and goes on serving.
    public var fetch:
        @Sendable (
            _ torrent: Torrent, _ directory: String, _ have: Set<String>, _ peers: [String], _ progress: @escaping @Sendable () -> Void
        ) async throws -> UInt64
    /// Tells a running fetch of more peers.
    public var addPeers: @Sendable (_ infoHash: [UInt8], _ peers: [String]) async -> Void
    /// Stops serving.
    public var drop: @Sendable (_ infoHash: [UInt8]) async -> Void
    /// Talks to peers at these addresses (`address:port`, whatever the port) and no others.
    public var admit: @Sendable (_ addresses: Set<String>) async -> Void

    public init(
        address: String,
        describe: @escaping @Sendable (String) async throws -> Torrent,
        seed: @escaping @Sendable (Torrent, String) async throws -> Void,
        fetch:
            @escaping @Sendable (Torrent, String, Set<String>, [String], @escaping @Sendable () -> Void) async throws -> UInt64,
        addPeers: @escaping @Sendable ([UInt8], [String]) async -> Void,
        drop: @escaping @Sendable ([UInt8]) async -> Void,
        admit: @escaping @Sendable (Set<String>) async -> Void
    ) {
        self.address = address
        self.describe = describe
        self.seed = seed
        self.fetch = fetch
        self.addPeers = addPeers
        self.drop = drop
        self.admit = admit
    }
}
