internal import DNSWire
internal import Pipeline

/// What one name server of a pool is to be asked, and when: bounded by the zones there are,
/// whatever number of them waits.
///
/// Who waits for the same thing waits equally long, so that queues need no sorting.
struct PollLane {
    typealias Instant = ContinuousClock.Instant

    struct Turn: Hashable {
        var zone: Name
        var change: PoolChange
        /// How often it was asked before.
        var attempts: Int
        fileprivate var ticket: UInt64
    }

    private struct Waiting {
        var change: PoolChange
        var attempts: Int
        var ticket: UInt64
    }

    private struct Queue {
        private var entries: [(due: Instant, zone: Name, ticket: UInt64)] = []
        private var head = 0
        var first: (due: Instant, zone: Name, ticket: UInt64)? { head < entries.count ? entries[head] : nil }

        mutating func append(_ zone: Name, _ ticket: UInt64, due: Instant) { entries.append((due, zone, ticket)) }

        mutating func removeFirst() {
            head += 1
            if head > 64, head * 2 > entries.count {
                entries.removeFirst(head)
                head = 0
            }
        }
    }

    private let patience: SerialPoll.Patience
    private let recovery: Duration
    private let limit: Int
    private var waiting: [Name: Waiting] = [:]
    /// Never asked; asked and not given up; given up.
    private var queues = [Queue(), Queue(), Queue()]
    private var lastTicket: UInt64 = 0
    private(set) var asked = 0

    /// - Parameter limit: questions under way at a time.
    init(patience: SerialPoll.Patience, recovery: Duration, limit: Int) {
        self.patience = patience
        self.recovery = recovery
        self.limit = limit
    }

    var count: Int { waiting.count }
    var zones: some Collection<Name> { waiting.keys }

    /// Is to be asked whether it has a change, after the delay; nothing new if it is already.
    mutating func add(_ zone: Name, _ change: PoolChange, attempts: Int, at now: Instant) {
        guard waiting[zone]?.change != change else { return }
        lastTicket += 1
        waiting[zone] = Waiting(change: change, attempts: attempts, ticket: lastTicket)
        queues[0].append(zone, lastTicket, due: now + patience.delay)
    }

    mutating func remove(_ zone: Name) { waiting[zone] = nil }

    /// When there is something to ask; `nil`: not before an answer or something new.
    var due: Instant? {
        guard asked < limit else { return nil }
        return queues.compactMap { $0.first?.due }.min()
    }

    /// What is to be asked now; ``answered(_:isDone:at:)`` ends it.
    mutating func next(at now: Instant) -> Turn? {
        while let due, due <= now {
            guard let place = queues.indices.first(where: { queues[$0].first?.due == due }), let entry = queues[place].first else { return nil }
            queues[place].removeFirst()
            guard let waiting = waiting[entry.zone], waiting.ticket == entry.ticket else { continue }
            asked += 1
            return Turn(zone: entry.zone, change: waiting.change, attempts: waiting.attempts, ticket: entry.ticket)
        }
        return nil
    }

    /// - Returns: whether the answer is to what is still asked.
    @discardableResult
    mutating func answered(_ turn: Turn, isDone: Bool, at now: Instant) -> Bool {
        asked -= 1
        guard waiting[turn.zone]?.ticket == turn.ticket else { return false }
        if isDone {
            waiting[turn.zone] = nil
            return true
        }
        let attempts = turn.attempts + 1
        waiting[turn.zone]?.attempts = attempts
        let isOver = attempts > patience.retries
        queues[isOver ? 2 : 1].append(turn.zone, turn.ticket, due: now + (isOver ? recovery : patience.interval))
        return true
    }
}
