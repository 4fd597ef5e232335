internal import CTorrent
private import Dispatch

/// The one owner of a libtorrent session.
///
/// `@unchecked Sendable`: the C side wants calls that do not overlap. They come
/// from the queue of the ``Swarm`` that holds this object, and only from there;
/// `init` and `deinit` have no rivals.
final class Session: @unchecked Sendable {
    private let handle: OpaquePointer
    /// Kept alive as long as libtorrent may call into it.
    private let wake: AsyncStream<Void>.Continuation
    private let wakeBox: Unmanaged<WakeBox>
    private var isClosed = false
    let port: UInt16

    private final class WakeBox: Sendable {
        let wake: AsyncStream<Void>.Continuation
        init(_ wake: AsyncStream<Void>.Continuation) { self.wake = wake }
    }

    /// Blocks until the session listens. `wake` gets an element when ``drain()``
    /// has something new.
    init(listen: PeerAddress, peerExchange: Bool, wake: AsyncStream<Void>.Continuation) throws(SwarmError) {
        let box = Unmanaged.passRetained(WakeBox(wake))
        var port: UInt16 = 0
        var error = ct_error()
        let handle = listen.host.withCString { host in
            var options = ct_session_options()
            options.host = host
            options.port = listen.port
            options.peer_exchange = peerExchange
            options.context = box.toOpaque()
            options.notify = { context in
                guard let context else { return }
                Unmanaged<WakeBox>.fromOpaque(context).takeUnretainedValue().wake.yield()
            }
            return ct_session_create(&options, &port, &error)
        }
        guard let handle else {
            box.release()
            throw SwarmError(error)
        }
        self.handle = handle
        self.port = port
        self.wake = wake
        wakeBox = box
    }

    /// Ends the session; waits for libtorrent's threads. No calls after it.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        wake.finish()
        ct_session_destroy(handle)
        wakeBox.release()
    }

    deinit {
        guard !isClosed else { return }
        wake.finish()
        // nonisolated(unsafe): the pointer passes to its last user, a thread
        // that may wait.
        nonisolated(unsafe) let handle = handle
        let box = wakeBox
        DispatchQueue.global().async {
            ct_session_destroy(handle)
            box.release()
        }
    }

    func allow(_ hosts: Set<String>?) throws(SwarmError) {
        let list = Array(hosts ?? [])
        try call { error in
            withCStrings(list) { ct_session_allow(handle, $0, list.count, hosts == nil, &error) }
        }
    }

    enum Mode {
        case seed(verified: Bool)
        case fetch(have: Set<String>)
    }

    /// Adds a torrent at rest and returns its ticket.
    func add(
        _ metadata: TorrentMetadata, directory: String, mode: Mode, peers: [PeerAddress]
    ) throws(SwarmError) -> UInt64 {
        var complete: [String] = []
        var options = ct_torrent_options()
        switch mode {
        case .seed(let verified):
            options.mode = CT_SEED
            options.verified = verified
        case .fetch(let have):
            options.mode = CT_FETCH
            complete = Array(have)
        }
        options.metadata_length = metadata.encoded.count
        options.complete_count = complete.count
        options.peer_count = peers.count
        var ticket: UInt64 = 0
        try call { error in
            metadata.encoded.withUnsafeBufferPointer { bytes in
                metadata.infoHash.withUnsafeBufferPointer { hash in
                    directory.withCString { directory in
                        withCStrings(complete) { complete in
                            withEndpoints(peers) { peers in
                                options.metadata = bytes.baseAddress
                                options.info_hash = hash.baseAddress
                                options.directory = directory
                                options.complete = complete
                                options.peers = peers
                                ticket = ct_torrent_add(handle, &options, &error)
                            }
                        }
                    }
                }
            }
            return ticket != 0
        }
        return ticket
    }

    func start(_ ticket: UInt64) throws(SwarmError) { try call { ct_torrent_start(handle, ticket, &$0) } }
    func pause(_ ticket: UInt64) throws(SwarmError) { try call { ct_torrent_pause(handle, ticket, &$0) } }
    func flush(_ ticket: UInt64) throws(SwarmError) { try call { ct_torrent_flush(handle, ticket, &$0) } }
    func remove(_ ticket: UInt64) throws(SwarmError) { try call { ct_torrent_remove(handle, ticket, &$0) } }

    func addPeers(_ peers: [PeerAddress], to ticket: UInt64, dial: Bool) throws(SwarmError) {
        try call { error in
            withEndpoints(peers) { ct_torrent_add_peers(handle, ticket, $0, peers.count, dial, &error) }
        }
    }

    func status(_ ticket: UInt64) throws(SwarmError) -> ct_status {
        var status = ct_status()
        try call { ct_torrent_status(handle, ticket, &status, &$0) }
        return status
    }

    /// What happened since the last call.
    func drain() -> [ct_event] {
        var events: [ct_event] = []
        let batch = 64
        while true {
            let count = withUnsafeTemporaryAllocation(of: ct_event.self, capacity: batch) { buffer in
                let count = ct_session_drain(handle, buffer.baseAddress, batch)
                events.append(contentsOf: buffer[..<count])
                return count
            }
            if count == 0 { return events }
        }
    }

    private func withEndpoints<Result>(
        _ peers: [PeerAddress], _ body: (UnsafePointer<ct_endpoint>?) -> Result
    ) -> Result {
        withCStrings(peers.map(\.host)) { hosts in
            let endpoints = peers.indices.map { ct_endpoint(host: hosts[$0], port: peers[$0].port) }
            return endpoints.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
