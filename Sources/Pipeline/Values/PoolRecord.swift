public import DNSWire

/// The last change of one zone in one pool, and what each name server said of it.
public struct PoolRecord: Hashable, Sendable {
    /// A name server's address.
    public struct Server: Hashable, Sendable, CustomStringConvertible {
        /// An IPv4 or IPv6 literal.
        public var host: String
        public var port: Int

        public init(host: String, port: Int = 53) {
            self.host = host
            self.port = port
        }

        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// What one said.
    public struct Heard: Hashable, Sendable {
        public var answer: SerialAnswer
        /// How often it was asked for this change.
        public var attempts: Int

        public init(answer: SerialAnswer = .unanswered, attempts: Int = 0) {
            self.answer = answer
            self.attempts = attempts
        }
    }

    public var change: PoolChange
    public private(set) var status: PoolStatus
    public var begun: Instant
    public private(set) var servers: [Server: Heard]
    /// Servers that the pool's NS records have and the zone's have not, and the other way round.
    public var missing: [Name]
    public var foreign: [Name]

    public init(
        change: PoolChange, status: PoolStatus = .pending, begun: Instant, servers: [Server: Heard], missing: [Name] = [], foreign: [Name] = []
    ) {
        self.change = change
        self.status = status
        self.begun = begun
        self.servers = servers
        self.missing = missing
        self.foreign = foreign
    }

    /// How a pool counts.
    public struct Rule: Hashable, Sendable {
        /// In percent of the servers.
        public var threshold: Int
        /// How often a server is asked before a change may be given up.
        public var attempts: Int

        public init(threshold: Int, attempts: Int) {
            self.threshold = threshold
            self.attempts = attempts
        }
    }

    /// Notes what a server of the pool said; of others nothing is.
    ///
    /// Who had the change once has it, whatever becomes of the server later: that is for the next change to show.
    public mutating func hear(_ heard: Heard, from server: Server, by rule: Rule) {
        guard let before = servers[server] else { return }
        let isKept = change.isDone(before.answer) && !change.isDone(heard.answer)
        servers[server] = Heard(answer: isKept ? before.answer : heard.answer, attempts: max(heard.attempts, before.attempts))
        judge(by: rule)
    }

    /// Of servers that are in the pool no longer nothing is kept; new ones are still to be asked.
    public mutating func setServers(_ now: some Sequence<Server>, by rule: Rule) {
        servers = Dictionary(now.map { ($0, servers[$0] ?? Heard()) }) { first, _ in first }
        judge(by: rule)
    }

    private mutating func judge(by rule: Rule) {
        let isOver = servers.values.allSatisfy { $0.attempts >= rule.attempts || change.isDone($0.answer) }
        status = PoolStatus(of: change, answers: servers.values.map(\.answer), threshold: rule.threshold, isOver: isOver)
    }
}

/// Where the statuses of pools are: one value, whatever number of zones there is.
public struct PoolState: Hashable, Sendable {
    /// How they are spread over blobs, by the names of their zones.
    public var spread: Sharding
    /// By index; empty ones are left out.
    public var shards: [Int: Digest]

    public init(spread: Sharding, shards: [Int: Digest] = [:]) {
        self.spread = spread
        self.shards = shards
    }
}
