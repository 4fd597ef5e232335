public import DNSWire

/// What a name server says of a zone.
public enum SerialAnswer: Hashable, Sendable {
    /// It serves the zone, at this serial.
    case serves(Serial)
    /// It says for sure that there is no such zone.
    case absent
    /// It cannot tell, or is not the one to: SERVFAIL, REFUSED, an answer that is not
    /// authoritative. Neither has it the zone, nor is the zone gone from it.
    case unsure(ResponseCode)
    case unanswered

    /// Judges an answer to a query for the SOA of a zone.
    public init(_ answer: Message, of zone: Name) {
        let soa = answer.answers.first { $0.type == .soa && $0.owner == zone }.flatMap { try? SOA($0.rdata) }
        let isAuthoritative = answer.flags.contains(.authoritative)
        switch answer.responseCode {
        case .noError where isAuthoritative && soa != nil: self = .serves(soa?.serial ?? Serial(0))
        // Of the zone above, or with other data at the name: the zone is not there.
        case .noError where isAuthoritative && answer.answers.isEmpty, .nameError where isAuthoritative: self = .absent
        case .notAuthoritative: self = .absent
        default: self = .unsure(answer.responseCode)
        }
    }

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
public enum PoolStatus: String, Sendable {
    /// Servers are still being waited for.
    case pending = "PENDING"
    /// Enough servers have it.
    case active = "ACTIVE"
    /// Not enough have it, and nobody asks any more.
    case error = "ERROR"

    /// - Parameters:
    ///   - answers: the last of each server of the pool.
    ///   - threshold: in percent of the servers, 1 to 100; of no servers none has it.
    ///   - isOver: they will not be asked again.
    public init(of change: PoolChange, answers: some Collection<SerialAnswer>, threshold: Int, isOver: Bool) {
        let done = answers.count(where: change.isDone)
        if !answers.isEmpty, done * 100 >= min(max(threshold, 1), 100) * answers.count {
            self = .active
        } else {
            self = isOver ? .error : .pending
        }
    }
}
