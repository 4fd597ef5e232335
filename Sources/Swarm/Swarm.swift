private import CTorrent
private import Dispatch
public import Logging

/// A BitTorrent peer among peers that it was told of: seeds and fetches
/// releases.
///
/// No DHT, no local discovery, no port mapping, no uTP, no tracker; whom to
/// dial comes from the caller. Every torrent bears the name `release`, but its
/// files lie directly in the directory that the caller names, so directories
/// may be called and moved as the caller likes.
///
/// All work happens on a queue of the swarm's own. Libtorrent wakes it; nothing
/// is polled.
public actor Swarm {
    private let executor: QueueExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Where this peer listens, with the actual port.
    public nonisolated let address: PeerAddress
    let log: Logger
    private(set) var session: Session?
    private(set) var byTicket: [UInt64: Torrent] = [:]
    private var byHash: [[UInt8]: Torrent] = [:]

    /// Opens the peer and waits until it listens.
    ///
    /// Give each peer a port of its own: when two with equal ports dial each
    /// other at the same time, both connections may be lost. With port 0 the
    /// system chooses one. Peers may tell each other of further peers only if
    /// `peerExchange`.
    /// Throws ``SwarmError/Code/listen`` if the port is taken.
    public init(listen: PeerAddress, peerExchange: Bool = false, logger: Logger) async throws {
        let executor = QueueExecutor(label: "swarm \(listen)")
        // One waiting element says all: look at the events.
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let session = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Session, any Error>) in
            executor.queue.async {
                done.resume(with: Result { try Session(listen: listen, peerExchange: peerExchange, wake: wake) })
            }
        }
        self.executor = executor
        self.session = session
        log = logger
        address = try PeerAddress(host: listen.host, port: session.port)
        // Weak: a swarm that nobody holds ends by itself.
        Task { [weak self] in
            for await _ in wakes { await self?.drain() }
        }
        wake.yield()
    }

    // MARK: Torrents

    /// Offers the files in `directory` to whoever asks; returns once it does.
    ///
    /// Each piece is checked when it is first asked for, unless `verified` says
    /// that the caller has just done so. A file found damaged ends the seeding;
    /// nothing is ever written here.
    /// Throws ``SwarmError/Code/disk`` if a file is missing or of another size,
    /// ``SwarmError/Code/duplicate``, ``SwarmError/Code/closed``.
    public func seed(_ metadata: TorrentMetadata, directory: String, verified: Bool = false) async throws {
        let torrent = try add(metadata, directory, .seed(verified: verified), peers: [], progress: nil)
        try await untilReady(torrent, stallLimit: nil)
    }

    /// Fetches a release into `directory`, which is made if need be; returns
    /// when every file is whole, checked and closed. Then seeds it until ``drop(_:)``.
    ///
    /// `have` names files that are in place and *have been checked by the
    /// caller*: they are neither read nor written, so they may be hard links
    /// into other releases. A file not in `have` that has further names is
    /// unlinked first, for libtorrent writes in place. With an empty `have`,
    /// what lies in `directory` is checked and made use of.
    ///
    /// Not every peer need know of every other. Ten peers that all dialled the
    /// seeder had 4 to 5 copies from it; with the seeder named to two of them and
    /// three neighbours to each, it sent 1.9 copies in no more time.
    ///
    /// `stallLimit`: throws ``SwarmError/Code/stalled`` after so long without a
    /// new piece; `nil` waits for ever. Data is in the page cache on return, not
    /// necessarily on the medium. `progress` is called on the swarm's queue.
    /// Cancelling the task, like any failure, drops the torrent and leaves what
    /// was fetched.
    public func fetch(
        _ metadata: TorrentMetadata, into directory: String, have: Set<String> = [], peers: [PeerAddress],
        stallLimit: Duration? = nil, progress: (@Sendable (FetchProgress) -> Void)? = nil
    ) async throws {
        if Task.isCancelled { throw SwarmError(.cancelled, "cancelled before it began") }
        guard byHash[metadata.infoHash] == nil else { throw SwarmError(.duplicate, "this torrent is in use already") }
        try Placement.prepare(directory, for: metadata, have: have)
        let torrent = try add(metadata, directory, .fetch(have: have), peers: peers, progress: progress)
        try await untilReady(torrent, stallLimit: stallLimit)
    }

    /// Tells a running torrent of peers and dials them at once.
    public func addPeers(_ peers: [PeerAddress], to infoHash: [UInt8]) throws {
        let torrent = try self.torrent(infoHash)
        // Paused and resumed while it is checked it would start too early; all
        // peers are dialled when it starts.
        try open().addPeers(peers, to: torrent.ticket, dial: torrent.phase != .checking)
    }

    /// Stops a torrent; returns when its files are written and closed. The files
    /// stay. A fetch under way throws ``SwarmError/Code/cancelled``. Harmless if
    /// there is no such torrent.
    public func drop(_ infoHash: [UInt8]) async {
        guard let torrent = byHash[infoHash] else { return }
        torrent.settle(.failure(SwarmError(.cancelled, "the torrent was dropped")))
        await remove(torrent)
    }

    /// What moved for a torrent since it was added.
    public func statistics(of infoHash: [UInt8]) throws -> TorrentStatistics {
        let status = try open().status(torrent(infoHash).ticket)
        return TorrentStatistics(
            uploaded: status.uploaded, downloaded: status.downloaded, wasted: status.wasted,
            peers: Int(status.peers))
    }

    /// Talks to peers at these addresses only, and drops the others; `nil` lifts
    /// the restriction. Throws ``SwarmError/Code/badAddress``.
    public func allow(only hosts: Set<String>?) throws { try open().allow(hosts) }

    /// Stops everything. Fetches under way throw ``SwarmError/Code/closed``, as
    /// do later calls. Idempotent.
    public func close() async {
        guard let session else { return }
        self.session = nil
        for torrent in byTicket.values {
            torrent.settle(.failure(SwarmError(.closed, "the swarm was closed")))
            torrent.gone.forEach { $0.resume() }
            torrent.gone = []
        }
        byTicket = [:]
        byHash = [:]
        // This actor's own queue may wait.
        session.close()
    }

    // MARK: Inside

    func open() throws(SwarmError) -> Session {
        guard let session else { throw SwarmError(.closed, "the swarm is closed") }
        return session
    }

    private func torrent(_ infoHash: [UInt8]) throws(SwarmError) -> Torrent {
        guard let torrent = byHash[infoHash] else { throw SwarmError(.unknownTorrent, "no such torrent") }
        return torrent
    }

    private func add(
        _ metadata: TorrentMetadata, _ directory: String, _ mode: Session.Mode, peers: [PeerAddress],
        progress: (@Sendable (FetchProgress) -> Void)?
    ) throws(SwarmError) -> Torrent {
        let ticket = try open().add(metadata, directory: Placement.absolute(directory), mode: mode, peers: peers)
        let isSeed = if case .seed = mode { true } else { false }
        let torrent = Torrent(metadata: metadata, ticket: ticket, isSeed: isSeed, progress: progress)
        byTicket[ticket] = torrent
        byHash[metadata.infoHash] = torrent
        return torrent
    }

    private func untilReady(_ torrent: Torrent, stallLimit: Duration?) async throws {
        let ticket = torrent.ticket
        let watch = stallLimit.map { limit in Task { await self.watchStall(of: ticket, limit: limit) } }
        defer { watch?.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { (ready: CheckedContinuation<Void, any Error>) in
                    if let outcome = torrent.outcome {
                        ready.resume(with: outcome.mapError { $0 })
                    } else {
                        torrent.ready = ready
                    }
                }
            } onCancel: {
                Task { await self.settle(ticket, SwarmError(.cancelled, "the task was cancelled")) }
            }
        } catch {
            await remove(torrent)
            throw error
        }
    }

    private func settle(_ ticket: UInt64, _ error: SwarmError) { byTicket[ticket]?.settle(.failure(error)) }

    // Sleeps until the moment at which it would be too late, as known now.
    private func watchStall(of ticket: UInt64, limit: Duration) async {
        while let torrent = byTicket[ticket], torrent.outcome == nil {
            let deadline = torrent.lastProgress + limit
            if ContinuousClock.now >= deadline {
                return torrent.settle(.failure(SwarmError(.stalled, "nothing new from any peer for \(limit)")))
            }
            do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
        }
    }

    // The order matters: without peers nothing new is written, the flush comes
    // after all writes, and only then may the caller touch the files.
    func remove(_ torrent: Torrent) async {
        guard let session, byTicket[torrent.ticket] === torrent else { return }
        if torrent.phase != .removing {
            torrent.phase = .removing
            do throws(SwarmError) {
                try session.pause(torrent.ticket)
                try session.flush(torrent.ticket)
            } catch {
                return finishRemoval(torrent)
            }
        }
        await withCheckedContinuation { torrent.gone.append($0) }
    }

    func finishRemoval(_ torrent: Torrent) {
        try? session?.remove(torrent.ticket)
        byTicket[torrent.ticket] = nil
        byHash[torrent.metadata.infoHash] = nil
        torrent.gone.forEach { $0.resume() }
        torrent.gone = []
    }
}
