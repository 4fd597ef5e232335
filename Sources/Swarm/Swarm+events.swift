private import CTorrent
private import Logging

/// What libtorrent reports, and what follows from it.
extension Swarm {
    func drain() {
        guard let session else { return }
        for event in session.drain() {
            if event.kind == CT_EVENT_LOST {
                log.warning("libtorrent dropped events; asking again")
                for torrent in byTicket.values { attempt(torrent) { try self.catchUp(torrent, session) } }
            } else if let torrent = byTicket[event.torrent] {
                attempt(torrent) { try self.handle(event, of: torrent, session) }
            }
        }
    }

    private func attempt(_ torrent: Torrent, _ body: () throws -> Void) {
        do { try body() } catch {
            fail(torrent, error as? SwarmError ?? SwarmError(.internal, "\(error)"))
        }
    }

    private func handle(_ event: ct_event, of torrent: Torrent, _ session: Session) throws {
        switch (event.kind, torrent.phase) {
        case (CT_EVENT_FLUSHED, .removing):
            finishRemoval(torrent)
        case (_, .removing):
            break
        case (CT_EVENT_CHECKED, .checking):
            try session.start(torrent.ticket)
            torrent.phase = torrent.isSeed ? .seeding : .fetching
            if torrent.isSeed { torrent.settle(.success(())) }
            // With nothing to fetch, it finished before it was checked.
            else if try session.status(torrent.ticket).finished { try flush(torrent, session) }
        case (CT_EVENT_CHECKING, .checking) where !torrent.isSeed:
            // At rest it would never get round to reading the files.
            try session.start(torrent.ticket)
        case (CT_EVENT_CHECKING, _):
            fail(torrent, SwarmError(.disk, "files are missing or damaged"))
        case (CT_EVENT_REJECTED, _), (CT_EVENT_FAILED, _):
            fail(torrent, SwarmError(.disk, text(of: event.message)))
        case (CT_EVENT_PROGRESS, _):
            torrent.lastProgress = .now
            torrent.completed = min(torrent.completed + event.amount, torrent.metadata.totalSize)
            report(torrent)
        case (CT_EVENT_FINISHED, .fetching):
            try flush(torrent, session)
        case (CT_EVENT_FLUSHED, .flushing):
            torrent.phase = .seeding
            torrent.completed = torrent.metadata.totalSize
            report(torrent)
            torrent.settle(.success(()))
        case (CT_EVENT_BAD_PIECE, _):
            log.warning("a piece failed its hash", metadata: ["torrent": "\(torrent.metadata.shortHash)"])
        default:
            break
        }
    }

    private func flush(_ torrent: Torrent, _ session: Session) throws(SwarmError) {
        torrent.phase = .flushing
        try session.flush(torrent.ticket)
    }

    private func report(_ torrent: Torrent) {
        torrent.progress?(FetchProgress(completed: torrent.completed, total: torrent.metadata.totalSize))
    }

    private func catchUp(_ torrent: Torrent, _ session: Session) throws {
        let status = try session.status(torrent.ticket)
        torrent.completed = status.done
        switch torrent.phase {
        case .checking:
            if status.checked {
                var event = ct_event()
                event.kind = CT_EVENT_CHECKED
                try handle(event, of: torrent, session)
            } else {
                try session.start(torrent.ticket)
            }
        case .fetching: if status.finished { try flush(torrent, session) }
        case .flushing, .removing: try session.flush(torrent.ticket)
        case .seeding: break
        }
    }

    // Whoever waits removes it; a torrent that nobody waits for any more is
    // removed here.
    private func fail(_ torrent: Torrent, _ error: SwarmError) {
        let unattended = torrent.outcome != nil
        torrent.settle(.failure(error))
        guard unattended, torrent.phase != .removing else { return }
        log.error("stops seeding", metadata: ["torrent": "\(torrent.metadata.shortHash)", "why": "\(error)"])
        let ticket = torrent.ticket
        Task { await self.remove(ticket: ticket) }
    }

    private func remove(ticket: UInt64) async {
        if let torrent = byTicket[ticket] { await remove(torrent) }
    }
}
