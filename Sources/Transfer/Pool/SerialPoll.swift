public import DNSClient
public import DNSWire

/// Asks name servers for a zone's serial until they have a change, or time is up.
public struct SerialPoll: Sendable {
    /// How often, and how long for.
    public struct Patience: Sendable {
        /// Before the first question.
        public var delay: Duration
        /// For an answer.
        public var timeout: Duration
        /// From a question to the next.
        public var interval: Duration
        /// Questions after the first.
        public var retries: Int

        public init(delay: Duration = .zero, timeout: Duration = .seconds(3), interval: Duration = .seconds(5), retries: Int = 10) {
            self.delay = delay
            self.timeout = timeout
            self.interval = interval
            self.retries = retries
        }
    }

    public var zone: Name
    public var change: PoolChange
    public var servers: [DNSClient.Server]
    /// Signs the questions; `nil`: unsigned.
    public var key: TSIGKey?
    public var patience: Patience

    public init(zone: Name, change: PoolChange, servers: [DNSClient.Server], key: TSIGKey? = nil, patience: Patience = Patience()) {
        self.zone = zone
        self.change = change
        self.servers = servers
        self.key = key
        self.patience = patience
    }

    /// The last answer of each server; who has the change is not asked again.
    ///
    /// - Parameter progress: is told each answer as it comes.
    /// - Throws: `CancellationError`.
    public func run(
        _ client: DNSClient = DNSClient(), progress: @escaping @Sendable (DNSClient.Server, SerialAnswer) async -> Void = { _, _ in }
    ) async throws -> [DNSClient.Server: SerialAnswer] {
        if patience.delay > .zero { try await Task.sleep(for: patience.delay) }
        return try await withThrowingTaskGroup(of: (DNSClient.Server, SerialAnswer).self) { group in
            for server in Set(servers) { group.addTask { (server, try await ask(server, client, progress)) } }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func ask(
        _ server: DNSClient.Server, _ client: DNSClient, _ progress: @Sendable (DNSClient.Server, SerialAnswer) async -> Void
    ) async throws -> SerialAnswer {
        var options = DNSClient.Options()
        (options.timeout, options.tries, options.key) = (patience.timeout, 1, key)
        var last = SerialAnswer.unanswered
        for attempt in 0...max(0, patience.retries) {
            if attempt > 0 { try await Task.sleep(for: patience.interval) }
            do {
                let answer = try await client.ask(.query(zone, .soa, id: 0, recursionDesired: false), at: [server], options)
                last = SerialAnswer(answer, of: zone)
            } catch is DNSClientError {
                last = .unanswered
            }
            await progress(server, last)
            if change.isDone(last) { break }
        }
        return last
    }
}
