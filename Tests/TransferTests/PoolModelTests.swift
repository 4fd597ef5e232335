import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Transfer

/// Records, lanes and calls without name servers.
@Suite struct PoolModelTests {
    static let answers: [SerialAnswer] = [
        .serves(Serial(6)), .serves(Serial(7)), .serves(Serial(8)), .absent, .disowns(.refused), .disowns(.nameError), .unsure(.serverFailure), .unanswered,
    ]

    static func record(_ random: inout Seeded) throws -> PoolRecord {
        var servers: [PoolRecord.Server: PoolRecord.Heard] = [:]
        for i in 0..<random.below(4) {
            servers[.init(host: "192.0.2.\(i)", port: 1 + random.below(65_535))] = .init(answer: random.pick(answers), attempts: random.below(9))
        }
        return PoolRecord(
            change: random.chance(2) ? .absent : .present(Serial(UInt32(truncatingIfNeeded: random.next()))), status: random.pick(PoolStatus.allCases),
            begun: Instant(milliseconds: Int64(random.below(1 << 40)) - 5000), servers: servers,
            missing: random.chance(2) ? [try Name("ns1.test.")] : [], foreign: random.chance(2) ? [try Name("ns2.test."), .root] : [])
    }

    @Test func coding() throws {
        var random = Seeded(1)
        for _ in 0..<200 {
            var records: [PoolZone: PoolRecord] = [:]
            for i in 0..<random.below(5) { records[.init(pool: "p\(random.below(2))", zone: try Name("z\(i).test."))] = try Self.record(&random) }
            let octets = PoolRecord.encode(records)
            #expect(try PoolRecord.decode(octets) == records)
            #expect(PoolRecord.encode(try PoolRecord.decode(octets)) == octets)
            // Whatever is in the store, it is read or refused.
            _ = try? PoolRecord.decode(random.mutate(octets))
            let state = PoolState(spread: Sharding(count: 1 + random.below(64)), shards: [0: Digest(of: octets)])
            #expect(try PoolState(decoding: state.encoded) == state)
            _ = try? PoolState(decoding: random.mutate(state.encoded))
        }
    }

    /// A change is active exactly if so many servers ever had it, and given up exactly if nobody is left to ask.
    @Test func status() throws {
        var random = Seeded(2)
        for _ in 0..<3000 {
            let change: PoolChange = random.chance(3) ? .absent : .present(Serial(7))
            let rule = PoolRecord.Rule(threshold: random.pick([1, 50, 66, 67, 100]), attempts: 1 + random.below(3))
            let servers = (0..<(1 + random.below(4))).map { PoolRecord.Server(host: "192.0.2.\($0)") }
            var record = PoolRecord(change: change, begun: .now(), servers: [:])
            record.setServers(servers, by: rule)
            var had: Set<PoolRecord.Server> = [], tries: [PoolRecord.Server: Int] = [:]
            for _ in 0..<random.below(12) {
                let server = random.pick(servers + [PoolRecord.Server(host: "198.51.100.1")])
                let answer = random.pick(Self.answers)
                tries[server, default: 0] += 1
                record.hear(.init(answer: answer, attempts: tries[server]!), from: server, by: rule)
                switch (change, answer) {
                case (.present, .serves(let serial)) where serial.rawValue >= 7: had.insert(server)
                case (.absent, .absent): had.insert(server)
                default: break
                }
            }
            had.formIntersection(servers)
            let isOver = servers.allSatisfy { had.contains($0) || tries[$0, default: 0] >= rule.attempts }
            let expected: PoolStatus = had.count * 100 >= rule.threshold * servers.count ? .active : isOver ? .error : .pending
            #expect(record.status == expected && Set(record.servers.keys) == Set(servers), "\(record)")
        }
    }

    @Test func confirmation() {
        let others: [SerialAnswer] = [.absent, .disowns(.refused), .unsure(.serverFailure), .unanswered]
        for answer in Self.answers {
            #expect(answer.confirmed(by: others) == answer)
            let confirmed = answer.confirmed(by: others + [.serves(Serial(1))])
            if case .disowns = answer { #expect(confirmed == .absent) } else { #expect(confirmed == answer) }
        }
    }

    /// Beside a list of what is to be asked when.
    @Test func lanes() throws {
        struct Waiting {
            var change: PoolChange
            var attempts: Int
            var due: PollLane.Instant?
        }
        let start = ContinuousClock.now
        let patience = SerialPoll.Patience(delay: .seconds(2), timeout: .seconds(1), interval: .seconds(3), retries: 2), recovery = Duration.seconds(10)
        let zones = try (0..<6).map { try Name("z\($0).test.") }
        for seed in 0..<200 {
            var random = Seeded(UInt64(seed)), now = start
            var lane = PollLane(patience: patience, recovery: recovery, limit: 3)
            var model: [Name: Waiting] = [:], turns: [(turn: PollLane.Turn, isStale: Bool)] = []
            func settle(_ zone: Name) { for i in turns.indices where turns[i].turn.zone == zone { turns[i].isStale = true } }
            for _ in 0..<120 {
                let zone = random.pick(zones)
                switch random.below(5) {
                case 0:
                    let change: PoolChange = random.chance(4) ? .absent : .present(Serial(UInt32(random.below(2)))), attempts = random.below(3)
                    lane.add(zone, change, attempts: attempts, at: now)
                    if model[zone]?.change != change {
                        settle(zone)
                        model[zone] = Waiting(change: change, attempts: attempts, due: now + patience.delay)
                    }
                case 1 where random.chance(3):
                    lane.remove(zone)
                    settle(zone)
                    model[zone] = nil
                case 2 where !turns.isEmpty:
                    let (turn, isStale) = turns.remove(at: random.below(turns.count)), isDone = random.chance(2)
                    #expect(lane.answered(turn, isDone: isDone, at: now) == !isStale)
                    if isStale { break }
                    if isDone { model[turn.zone] = nil } else {
                        model[turn.zone]!.attempts += 1
                        model[turn.zone]!.due = now + (model[turn.zone]!.attempts > 2 ? recovery : patience.interval)
                    }
                default: now += .milliseconds(random.below(3000))
                }
                while let turn = lane.next(at: now) {
                    let expected = try #require(model[turn.zone])
                    let wanted = try #require(expected.due)
                    #expect(expected.change == turn.change && expected.attempts == turn.attempts && wanted <= now)
                    #expect(expected.due == model.values.compactMap(\.due).min())
                    model[turn.zone]!.due = nil
                    turns.append((turn, false))
                }
                #expect(lane.count == model.count && lane.asked == turns.count && turns.count <= 3)
                // Nobody is forgotten.
                let due = model.values.compactMap(\.due).filter { $0 <= now }
                #expect(due.isEmpty || turns.count == 3)
                if let next = model.values.compactMap(\.due).min(), turns.count < 3 { #expect(lane.due.map { $0 <= next } ?? false) }
            }
        }
    }

    /// Several writers at once lose nothing; zones that are gone do not pile up.
    @Test func ledger() async throws {
        let directory = try TemporaryDirectory("ledger")
        let store = try EmbeddedStore(directory: directory.path)
        let rule = PoolRecord.Rule(threshold: 100, attempts: 1)
        let servers = (0..<4).map { PoolRecord.Server(host: "192.0.2.\($0)") }
        let zone = PoolZone(pool: "p", zone: try Name("example.test."))
        try await PoolLedger(store: store).update([zone: { _ in
            var record = PoolRecord(change: .present(Serial(7)), begun: Instant(milliseconds: 1), servers: [:])
            record.setServers(servers, by: rule)
            return record
        }])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers {
                group.addTask {
                    try await PoolLedger(store: store).update([zone: { known in
                        var record = known
                        record?.hear(.init(answer: .serves(Serial(7)), attempts: 1), from: server, by: rule)
                        return record
                    }])
                }
            }
            try await group.waitForAll()
        }
        let ledger = PoolLedger(store: store)
        #expect(try await ledger.records(of: zone.zone)[zone]?.status == .active)
        var changes: [PoolZone: PoolLedger.Change] = [:]
        for i in 0..<3000 {
            let status: PoolStatus = i % 10 == 0 ? .error : .active
            changes[.init(pool: "p", zone: try Name("gone\(i).test."))] = { _ in
                PoolRecord(change: .absent, status: status, begun: Instant(milliseconds: Int64(i)), servers: [:])
            }
        }
        try await ledger.update(changes)
        let records = try await PoolLedger(store: store).read().records
        #expect(records.values.count { $0.status == .error } == 300)
        #expect(records.values.count { $0.status == .active } <= 64 * PoolLedger.mostGone + 1)
        // What it refers to is not swept.
        let live = try await LiveBlobs.digests(in: store)
        let state = try #require(try await store.decoded(WellKnown.pools, PoolState.init(decoding:))?.value)
        #expect(!state.shards.isEmpty && live.isSuperset(of: state.shards.values))
    }
}
