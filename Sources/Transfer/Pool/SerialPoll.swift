public import DNSClient
public import DNSWire
public import Pipeline

/// Asks name servers for a zone's serial until they have a change, or time is up.
public struct SerialPoll: Sendable {
    /// How often, and how long for.
    public struct Patience: Hashable, Sendable {
        /// Before the first question.
        public var delay: Duration
        /// For an answer.
        public var timeout: Duration
        /// From an answer to the next question.
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
    /// Signs the questions to a server; without one they are not signed.
    public var keys: [DNSClient.Server: TSIGKey]
    /// Zones that the servers should have: who says that the zone is gone has to serve one of them.
    public var others: [Name]
    public var patience: Patience

    public init(
        zone: Name, change: PoolChange, servers: [DNSClient.Server], keys: [DNSClient.Server: TSIGKey] = [:], others: [Name] = [],
        patience: Patience = Patience()
    ) {
        self.zone = zone
        self.change = change
        self.servers = servers
        self.keys = keys
        self.others = others
        self.patience = patience
    }

    /// The last answer of each server, and how often it was asked; who has the change is not asked again.
    ///
    /// - Parameter progress: is told each answer as it comes.
    /// - Throws: `CancellationError`.
    public func run(
        _ client: DNSClient = DNSClient(),
        progress: @escaping @Sendable (DNSClient.Server, PoolRecord.Heard) async -> Void = { _, _ in }
    ) async throws -> [DNSClient.Server: PoolRecord.Heard] {
        if patience.delay > .zero { try await Task.sleep(for: patience.delay) }
        return try await withThrowingTaskGroup(of: (DNSClient.Server, PoolRecord.Heard).self) { group in
            for server in Set(servers) { group.addTask { (server, try await ask(server, client, progress)) } }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func ask(
        _ server: DNSClient.Server, _ client: DNSClient, _ progress: @Sendable (DNSClient.Server, PoolRecord.Heard) async -> Void
    ) async throws -> PoolRecord.Heard {
        let question = SerialQuestion(
            zone: zone, change: change, server: server, key: keys[server], others: others, timeout: patience.timeout)
        var heard = PoolRecord.Heard()
        for attempt in 0...max(0, patience.retries) {
            if attempt > 0 { try await Task.sleep(for: patience.interval) }
            heard = .init(answer: try await question.ask(client), attempts: attempt + 1)
            await progress(server, heard)
            if change.isDone(heard.answer) { break }
        }
        return heard
    }
}
