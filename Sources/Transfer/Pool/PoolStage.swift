internal import DNSClient
internal import DNSWire
internal import Logging
internal import Pipeline

/// Follows changes to the name servers of pools, and keeps how far they have come.
///
/// Several instances may run, and one asks. What it heard is in the store shortly after, so
/// that another goes on where it ends.
actor PoolStage {
    private struct LaneKey: Hashable {
        var pool: String
        var server: PoolRecord.Server
    }

    private struct Heard {
        var change: PoolChange
        var heard: PoolRecord.Heard
    }

    nonisolated let vitals = StageVitals()
    nonisolated let ledger: PoolLedger
    private let pools: [String: Pool]
    private let store: any Store
    private let presented: @Sendable () async throws -> Presented?
    private let logger: Logger
    private let client = DNSClient()
    private var shown: Presented?
    private var seen: StoreVersion?
    private var witnesses: [String: [Name]] = [:]
    private var lanes: [LaneKey: PollLane] = [:]
    /// A zone that a server was seen to serve.
    private var served: [LaneKey: Name] = [:]
    private var alarms: [LaneKey: Task<Void, Never>] = [:]
    private var questions: [UInt64: Task<Void, Never>] = [:]
    private var lastQuestion: UInt64 = 0
    /// What is not in the store yet.
    private var unwritten: [PoolZone: [PoolRecord.Server: Heard]] = [:]
    private var writing: Task<Void, Never>?
    private var isStopped = false
    private(set) var counts: [PollOutcome: Int] = [:]
    private var fault: String?

    enum PollOutcome: String, CaseIterable { case done, behind, refused, unsure, unanswered }

    /// Questions under way to one server.
    private static let mostQuestions = 64
    /// From one write to the next, so that a bulk of answers is not one of writes.
    private static let pause = Duration.milliseconds(200)

    /// - Parameter presented: what is transferred, as new as it can be had.
    init(pools: [Pool], store: any Store, logger: Logger, presented: @escaping @Sendable () async throws -> Presented?) {
        self.pools = Dictionary(pools.map { ($0.name, $0) }) { first, _ in first }
        self.store = store
        self.presented = presented
        self.logger = logger
        ledger = PoolLedger(store: store)
    }

    func run(instance: String) async throws {
        let loop = try StageLoop(role: "pools", store: store, instance: instance, vitals: vitals, logger: logger)
        defer { stop() }
        try await loop.run(watching: [WellKnown.transfer, WellKnown.pools]) {
            try await self.step()
            return nil
        }
    }

    private func stop() {
        isStopped = true
        writing?.cancel()
        drop()
    }

    /// Who leads no longer asks nobody.
    private func drop() {
        for task in questions.values { task.cancel() }
        for task in alarms.values { task.cancel() }
        (questions, alarms, lanes, shown, seen) = ([:], [:], [:], nil, nil)
    }

    // MARK: Steps

    private func step() async throws {
        guard let shown = try await presented() else { return }
        var (records, version) = try await ledger.read()
        if shown === self.shown, version == seen, version != nil { return }
        let plan = PoolPlan(Array(pools.values), shown: shown, records: records, at: .now())
        if !plan.changes.isEmpty {
            try await ledger.update(plan.changes)
            (records, version) = try await ledger.read()
        }
        (self.shown, seen, witnesses) = (shown, version, plan.witnesses)
        follow(records)
    }

    /// Asks for what is not there yet, and for nothing else.
    private func follow(_ records: [PoolZone: PoolRecord]) {
        let now = ContinuousClock.now
        for (place, record) in records {
            guard let pool = pools[place.pool] else { continue }
            for (server, heard) in record.servers {
                let key = LaneKey(pool: place.pool, server: server)
                if record.change.isDone(heard.answer) {
                    lanes[key]?.remove(place.zone)
                } else {
                    lanes[key, default: PollLane(patience: pool.poll, recovery: pool.recovery, limit: Self.mostQuestions)]
                        .add(place.zone, record.change, attempts: heard.attempts, at: now)
                }
            }
        }
        for (key, lane) in lanes {
            for zone in Array(lane.zones) where records[PoolZone(pool: key.pool, zone: zone)]?.servers[key.server] == nil { lanes[key]?.remove(zone) }
            pump(key)
        }
    }

    // MARK: Asking

    private func pump(_ key: LaneKey) {
        alarms.removeValue(forKey: key)?.cancel()
        guard !isStopped, let pool = pools[key.pool] else { return }
        guard vitals.isLeading else { return drop() }
        let now = ContinuousClock.now
        while let turn = lanes[key]?.next(at: now) {
            let server = pool.nameservers.first { $0.address == key.server }
            let question = SerialQuestion(
                zone: turn.zone, change: turn.change, server: .init(key.server), key: server.flatMap(pool.key(of:)),
                others: turn.change == .absent ? others(key) : [], timeout: pool.poll.timeout)
            lastQuestion += 1
            questions[lastQuestion] = ask(question, turn, key, lastQuestion)
        }
        guard let due = lanes[key]?.due else { return }
        alarms[key] = Task {
            try? await Task.sleep(until: due, clock: .continuous)
            if !Task.isCancelled { self.pump(key) }
        }
    }

    private func ask(_ question: SerialQuestion, _ turn: PollLane.Turn, _ key: LaneKey, _ id: UInt64) -> Task<Void, Never> {
        Task {
            guard let answer = try? await question.ask(client), !Task.isCancelled else { return }
            questions[id] = nil
            hear(answer, turn, key)
        }
    }

    /// Zones that a server should have.
    private func others(_ key: LaneKey) -> [Name] {
        guard let pool = pools[key.pool], let shown else { return [] }
        var others: [Name] = []
        for zone in [pool.catalog, served[key]].compactMap(\.self) + (witnesses[key.pool] ?? [])
        where !others.contains(zone) && shown.zone(ZoneView(zone: zone, view: pool.view)) != nil { others.append(zone) }
        return Array(others.prefix(3))
    }

    private func hear(_ answer: SerialAnswer, _ turn: PollLane.Turn, _ key: LaneKey) {
        let isDone = turn.change.isDone(answer)
        counts[Self.outcome(answer, isDone), default: 0] += 1
        if lanes[key]?.answered(turn, isDone: isDone, at: .now) ?? false {
            if answer.serial != nil, turn.change != .absent { served[key] = turn.zone }
            let heard = Heard(change: turn.change, heard: .init(answer: answer, attempts: turn.attempts + 1))
            unwritten[PoolZone(pool: key.pool, zone: turn.zone), default: [:]][key.server] = heard
            write()
        }
        pump(key)
    }

    private static func outcome(_ answer: SerialAnswer, _ isDone: Bool) -> PollOutcome {
        if isDone { return .done }
        return switch answer {
        case .serves, .absent: .behind
        case .disowns: .refused
        case .unsure: .unsure
        case .unanswered: .unanswered
        }
    }

    // MARK: Writing

    private func write() {
        if writing != nil || unwritten.isEmpty || isStopped { return }
        writing = Task {
            while !Task.isCancelled, !unwritten.isEmpty {
                await writeOnce()
                try? await Task.sleep(for: fault == nil ? Self.pause : .seconds(1))
            }
            writing = nil
            // What came while the last one was written.
            write()
        }
    }

    private func writeOnce() async {
        let batch = unwritten
        unwritten = [:]
        let rules = pools.mapValues(\.rule), before = seen
        do {
            let version = try await ledger.update(Self.changes(batch, rules))
            // What nobody else wrote needs no second look.
            if seen == before { seen = version }
            fault = nil
        } catch {
            // What is newer stays.
            for (place, heard) in batch { unwritten[place, default: [:]].merge(heard) { newer, _ in newer } }
            fault = "statuses of pools cannot be written: \(error)"
            logger.warning("statuses of pools cannot be written", metadata: ["error": "\(error)"])
        }
    }

    private static func changes(_ batch: [PoolZone: [PoolRecord.Server: Heard]], _ rules: [String: PoolRecord.Rule]) -> [PoolZone: PoolLedger.Change] {
        var changes: [PoolZone: PoolLedger.Change] = [:]
        for (place, servers) in batch {
            guard let rule = rules[place.pool] else { continue }
            changes[place] = { known in
                guard var record = known else { return nil }
                for (server, heard) in servers where heard.change == record.change { record.hear(heard.heard, from: server, by: rule) }
                return record
            }
        }
        return changes
    }

    // MARK: Health

    func write(into text: inout MetricsText) async -> [String] {
        let statuses = await ledger.counts
        text.gauge(
            "zones", "Zones of pools by how far their last change has come.",
            pools.keys.sorted().flatMap { pool in
                PoolStatus.allCases.map { .init(["pool": pool, "status": $0.rawValue], statuses[pool]?[$0] ?? 0) }
            })
        text.gauge("misplaced_zones", "Zones whose NS records are not those of their pool.", .init(await ledger.misplaced))
        text.gauge("waiting", "Zones that a server is still to be asked for.", .init(lanes.values.reduce(0) { $0 + $1.count }))
        text.counter(
            "answers_total", "Answers of name servers to polls, by what they were.",
            PollOutcome.allCases.map { .init(["result": $0.rawValue], counts[$0] ?? 0) })
        vitals.write(into: &text)
        return vitals.faults + (fault.map { [$0] } ?? [])
    }
}
