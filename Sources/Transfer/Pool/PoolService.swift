internal import DNSClient
public import DNSWire
public import Pipeline

/// What may be asked of pools: to tell servers of a zone, to look how far they are, to note it.
public struct PoolService: Sendable {
    /// Why there is no answer.
    public enum Refusal: Error, Hashable, CustomStringConvertible {
        case unknownPool(String)
        /// No pool has it, or nothing is known of it yet.
        case unknownZone(Name)
        case severalPools([String])
        /// Only servers of the pool are asked and told anything.
        case unknownServer(PoolRecord.Server)
        case tooPatient

        public var description: String {
            switch self {
            case .unknownPool(let name): "there is no pool '\(name)'"
            case .unknownZone(let zone): "no pool has \(zone)"
            case .severalPools(let names): "several pools have it: say which, of \(names.joined(separator: ", "))"
            case .unknownServer(let server): "\(server) is no such server of the pool"
            case .tooPatient: "that may take more than \(PoolService.longest)"
            }
        }
    }

    public struct Notified: Sendable {
        public var server: PoolRecord.Server
        /// `nil`: it did not answer.
        public var response: ResponseCode?
        /// Messages after the first.
        public var retries: Int
    }

    public struct Polled: Sendable {
        public var pool: String
        public var change: PoolChange
        /// Of the change in the pool, with this noted.
        public var status: PoolStatus
        public var servers: [PoolRecord.Server: PoolRecord.Heard]
    }

    /// No call takes longer.
    public static let longest = Duration.seconds(600)

    public let pools: [Pool]
    public let ledger: PoolLedger
    private let client = DNSClient()

    public init(pools: [Pool], store: any Store) {
        self.pools = pools
        ledger = PoolLedger(store: store)
    }

    /// The pool that is meant.
    ///
    /// - Throws: ``Refusal``.
    public func pool(_ name: String?, having zone: Name) async throws -> Pool {
        if let name, !pools.contains(where: { $0.name == name }) { throw Refusal.unknownPool(name) }
        let known = try await ledger.records(of: zone)
        let having = pools.filter { (name ?? $0.name) == $0.name && known[PoolZone(pool: $0.name, zone: zone)] != nil }
        guard let pool = having.first else { throw Refusal.unknownZone(zone) }
        guard having.count == 1 else { throw Refusal.severalPools(having.map(\.name)) }
        return pool
    }

    /// Tells servers that a zone changed (RFC 1996), until each has answered whatever it be.
    ///
    /// - Parameter server: one of the pool's targets, name servers or others that are told; `nil`: all that are told.
    /// - Throws: ``Refusal``, `CancellationError`, ``StoreError``.
    public func notifyZoneChanged(_ zone: Name, pool: Pool, server: PoolRecord.Server?, patience: SerialPoll.Patience) async throws -> [Notified] {
        try Self.check(patience)
        let servers = server.map { wanted in pool.servers.filter { $0.address == wanted } } ?? pool.told
        if let server, servers.isEmpty { throw Refusal.unknownServer(server) }
        if patience.delay > .zero { try await Task.sleep(for: patience.delay) }
        return try await concurrentMap(servers, limit: 16) { server in
            var message = Message(id: 0, opcode: .notify, flags: .authoritative)
            message.questions = [Question(name: zone, type: .soa)]
            var options = DNSClient.Options()
            (options.timeout, options.tries, options.key) = (patience.timeout, 1, pool.key(of: server))
            for attempt in 0...max(0, patience.retries) {
                if attempt > 0 { try await Task.sleep(for: patience.interval) }
                do {
                    let answer = try await client.ask(message, at: [.init(server.address)], options)
                    return Notified(server: server.address, response: answer.responseCode, retries: attempt)
                } catch is DNSClientError {}
            }
            return Notified(server: server.address, response: nil, retries: max(0, patience.retries))
        }
    }

    /// Asks name servers until they have a zone's last change, and notes how far they are.
    ///
    /// - Parameters:
    ///   - server: one of the pool's name servers; `nil`: all of them.
    ///   - serial: what is waited for, if it is not the last change.
    /// - Throws: ``Refusal``, `CancellationError`, ``StoreError``.
    public func pollForSerialNumber(
        _ zone: Name, pool: Pool, server: PoolRecord.Server?, serial: Serial? = nil, patience: SerialPoll.Patience
    ) async throws -> Polled {
        try Self.check(patience)
        let place = PoolZone(pool: pool.name, zone: zone)
        let known = try await ledger.read().records
        guard let record = known[place] else { throw Refusal.unknownZone(zone) }
        let servers = pool.nameservers.filter { server == nil || $0.address == server }
        if let server, servers.isEmpty { throw Refusal.unknownServer(server) }
        let change = serial.map { .present($0) } ?? record.change
        let others = known.filter { $0.key.pool == pool.name && $0.value.change != .absent && $0.key.zone != zone }
            .sorted { $0.value.status == .active && $1.value.status != .active }.prefix(2).map(\.key.zone)
        let keys = servers.compactMap { server in pool.key(of: server).map { (DNSClient.Server(server.address), $0) } }
        let poll = SerialPoll(
            zone: zone, change: change, servers: servers.map { .init($0.address) }, keys: Dictionary(keys) { first, _ in first },
            others: [pool.catalog].compactMap(\.self) + others, patience: patience)
        let heard = try await poll.run(client)
        var result = Polled(pool: pool.name, change: change, status: record.status, servers: [:])
        for server in servers { result.servers[server.address] = heard[.init(server.address)] }
        result.status = try await note(result.servers, of: place, change, rule: pool.rule)?.status ?? result.status
        return result
    }

    /// Notes what a name server was heard to say of a zone's last change.
    ///
    /// - Returns: what is known now; a change is not active for being called a success, but for the serial.
    /// - Throws: ``Refusal``, ``StoreError``.
    public func updateStatus(_ zone: Name, pool: Pool, server: PoolRecord.Server, answer: SerialAnswer) async throws -> PoolRecord {
        guard pool.nameservers.contains(where: { $0.address == server }) else { throw Refusal.unknownServer(server) }
        let place = PoolZone(pool: pool.name, zone: zone)
        guard let record = try await ledger.records(of: zone)[place] else { throw Refusal.unknownZone(zone) }
        return try await note([server: .init(answer: answer)], of: place, record.change, rule: pool.rule) ?? record
    }

    /// Who said this will not be asked again by whoever heard it.
    private func note(
        _ heard: [PoolRecord.Server: PoolRecord.Heard], of place: PoolZone, _ change: PoolChange, rule: PoolRecord.Rule
    ) async throws -> PoolRecord? {
        try await ledger.update([
            place: { known in
                guard var record = known, record.change == change else { return known }
                for (server, heard) in heard { record.hear(.init(answer: heard.answer, attempts: rule.attempts), from: server, by: rule) }
                return record
            }
        ])
        return try await ledger.records(of: place.zone)[place]
    }

    private static func check(_ patience: SerialPoll.Patience) throws {
        let tries = max(0, patience.retries) + 1
        guard patience.timeout > .zero, patience.interval >= .zero, patience.delay >= .zero, tries <= 1001, patience.timeout <= longest,
            patience.interval <= longest, patience.delay + patience.timeout * tries + patience.interval * (tries - 1) <= longest
        else { throw Refusal.tooPatient }
    }
}
