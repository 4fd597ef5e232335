/// Why the swarm could not do what it was asked.
public struct SwarmError: Error, CustomStringConvertible, Sendable {
    public enum Code: String, Sendable, CaseIterable {
        /// The metadata is not what ``TorrentMetadata`` allows.
        case badMetadata
        /// Metadata or a release over a limit.
        case tooLarge
        /// Not an IP address and a port.
        case badAddress
        /// The address or port cannot be listened on.
        case listen
        /// A file is missing, unreadable, not writable, or the disk is full.
        case disk
        /// Nothing new came from any peer for as long as the caller allowed.
        case stalled
        /// The torrent was dropped, or the task cancelled.
        case cancelled
        case closed
        /// The torrent is in use already.
        case duplicate
        /// No torrent of that info-hash is in use.
        case unknownTorrent
        /// libtorrent failed in a way that has no name here.
        case `internal`
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same call may succeed later, unchanged.
    public var isRetriable: Bool {
        switch code {
        case .listen, .disk, .stalled, .internal: true
        case .badMetadata, .tooLarge, .badAddress, .cancelled, .closed, .duplicate, .unknownTorrent: false
        }
    }

    public var description: String { "\(message) (\(code.rawValue))" }
}
