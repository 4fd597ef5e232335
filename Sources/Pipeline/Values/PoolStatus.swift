public import DNSWire

/// What a name server says of a zone.
public enum SerialAnswer: Hashable, Sendable {
    /// It serves the zone, at this serial.
    case serves(Serial)
    /// It has no such zone, and is well: it serves another one of its pool.
    case absent
    /// It says that it has no such zone (REFUSED, NOTAUTH, or with authority that there is no
    /// such name). A server that refuses everything says so too: alone it proves nothing.
    case disowns(ResponseCode)
    /// It cannot tell, or is not the one to: SERVFAIL, an answer that is not authoritative.
    /// Neither has it the zone, nor is the zone gone from it.
    case unsure(ResponseCode)
    case unanswered

    /// `nil` where there is none.
    public var serial: Serial? { if case .serves(let serial) = self { serial } else { nil } }
}

/// What a change is to come to on every server.
public enum PoolChange: Hashable, Sendable {
    /// The zone is to be served at this serial, or a later one.
    case present(Serial)
    case absent

    /// Whether a server that says so has it.
    public func isDone(_ answer: SerialAnswer) -> Bool {
        switch (self, answer) {
        case (.present(let wanted), .serves(let serial)): serial == wanted || serial.isNewer(than: wanted)
        case (.absent, .absent): true
        default: false
        }
    }
}

/// How far a change of a zone has come.
public enum PoolStatus: String, Sendable, CaseIterable {
    /// Servers are still being waited for.
    case pending = "PENDING"
    /// Enough servers have it.
    case active = "ACTIVE"
    /// Not enough have it, though all were asked as often as was wanted.
    case error = "ERROR"

    /// - Parameters:
    ///   - answers: the last of each server of the pool.
    ///   - threshold: in percent of the servers, 1 to 100; of no servers none has it.
    ///   - isOver: all were asked as often as was wanted.
    public init(of change: PoolChange, answers: some Collection<SerialAnswer>, threshold: Int, isOver: Bool) {
        let done = answers.count(where: change.isDone)
        if !answers.isEmpty, done * 100 >= min(max(threshold, 1), 100) * answers.count {
            self = .active
        } else {
            self = isOver ? .error : .pending
        }
    }
}

/// A zone as one pool has it.
public struct PoolZone: Hashable, Sendable, CustomStringConvertible {
    /// The pool's name.
    public var pool: String
    public var zone: Name

    public init(pool: String, zone: Name) {
        self.pool = pool
        self.zone = zone
    }

    public var description: String { "\(zone) in pool \(pool)" }
}
