/// How far a fetch has come.
public struct FetchProgress: Sendable, Equatable {
    /// Octets in place and checked, those that were there before included.
    public var completed: UInt64
    /// Octets of the release.
    public var total: UInt64
}

/// What moved for one torrent since it was added, in octets of content.
public struct TorrentStatistics: Sendable, Equatable {
    public var uploaded: UInt64
    public var downloaded: UInt64
    /// Of `downloaded`: came twice, or failed its hash.
    public var wasted: UInt64
    /// Peers connected now.
    public var peers: Int
}

/// A torrent's place in the life that ``Swarm`` leads it through. Not Sendable:
/// belongs to that actor.
final class Torrent {
    enum Phase {
        /// libtorrent looks at the disk.
        case checking
        /// Fetching from peers.
        case fetching
        /// All there; waiting until it is written.
        case flushing
        case seeding
        case removing
    }

    let metadata: TorrentMetadata
    let ticket: UInt64
    let isSeed: Bool
    let progress: (@Sendable (FetchProgress) -> Void)?
    var phase = Phase.checking
    var completed: UInt64 = 0
    var lastProgress = ContinuousClock.now
    /// Who waits until the torrent seeds.
    var ready: CheckedContinuation<Void, any Error>?
    /// What happened before anyone waited.
    var outcome: Result<Void, SwarmError>?
    /// Who waits until it is gone.
    var gone: [CheckedContinuation<Void, Never>] = []

    init(
        metadata: TorrentMetadata, ticket: UInt64, isSeed: Bool, progress: (@Sendable (FetchProgress) -> Void)?
    ) {
        self.metadata = metadata
        self.ticket = ticket
        self.isSeed = isSeed
        self.progress = progress
    }

    /// Decides the outcome; the first decision counts.
    func settle(_ result: Result<Void, SwarmError>) {
        guard outcome == nil else { return }
        outcome = result
        ready?.resume(with: result.mapError { $0 })
        ready = nil
    }
}
