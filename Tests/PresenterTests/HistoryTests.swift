import DNSWire
import Logging
import Pipeline
import Presenter
import TestSupport
import Testing

/// What the Presenter leaves behind for those who ask later.
@Suite struct HistoryTests {
    private let directory: TemporaryDirectory
    private let store: EmbeddedStore

    init() throws {
        directory = try TemporaryDirectory("history")
        store = try EmbeddedStore(directory: directory.path)
    }

    private func set(_ value: [UInt8], at key: StoreKey) async throws {
        try await store.write(value, at: key, expecting: try await store.read(key)?.version)
    }

    /// Runs random steps; returns all that was live, the oldest first.
    private func live(_ steps: Int, seed: UInt64) async throws -> [(manifest: Manifest, at: Instant)] {
        final class Clock: @unchecked Sendable { var now = Instant(milliseconds: 1) }
        let clock = Clock()
        let stage = PresenterStage(
            store: store, policy: .owner, gate: Gate(mode: .never), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { clock.now })
        var random = Seeded(seed)
        var world = World(blobs: store)
        var all: [(manifest: Manifest, at: Instant)] = []
        for _ in 0..<steps {
            world.change(&random)
            clock.now = world.instant
            let (configuration, registrations, _) = try await world.stored()
            try await set(configuration.encoded, at: WellKnown.configuration)
            try await set(registrations.encoded, at: WellKnown.registrations)
            try await stage.step()
            let manifest = try #require(try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value)
            if all.last?.manifest.number == manifest.number { all[all.count - 1].manifest = manifest } else { all.append((manifest, clock.now)) }
        }
        return all
    }

    private func records(_ manifest: Manifest, _ owner: Name) async throws -> [RecordSet] {
        guard let reference = manifest.shards[manifest.sharding.index(of: owner)] else { return [] }
        return try Shard(decoding: try await store.require(reference.digest)).records.filter { $0.key.owner == owner }
    }

    @Test(arguments: [21, 22] as [UInt64])
    func everyPresentationCanBeReadAgain(_ seed: UInt64) async throws {
        let all = try await live(60, seed: seed)
        let (head, now) = (all[all.count - 1].manifest, all[all.count - 1].at)
        let history = try await History(of: head, at: now, in: store)
        #expect(history.entries.map(\.number) == all.reversed().map(\.manifest.number) && all.count > 40)
        // What is kept is there after a sweep, and all of it.
        try await store.sweep(keeping: try await LiveBlobs.digests(in: store, history: .init(), at: now), grace: .zero)
        for (manifest, at) in all {
            let again = try #require(history.presentation(manifest.number))
            #expect(again.shards.mapValues(\.digest) == manifest.shards.mapValues(\.digest))
            #expect(again.history == manifest.history && again.trace.cause == manifest.trace.cause)
            #expect(history.entry(at: at)?.number == manifest.number)
            for reference in again.shards.values { _ = try await store.require(reference.digest) }
            let sources = history.sources(of: manifest.number)
            #expect(sources.keys.sorted() == ["edits", "pack/A", "pack/B"])
            for digest in sources.values {
                for shard in try Manifest(decoding: try await store.require(digest)).shards.values { _ = try await store.require(shard.digest) }
            }
        }
        #expect(history.presentation(0) == nil && history.presentation(head.number + 1) == nil)
        #expect(history.entry(at: all[0].at.advanced(byMilliseconds: -1)) == nil)

        // A name's events are the differences of what was live.
        var seen = 0
        for text in ["a.", "b.", "c."] {
            let owner = try Name(text)
            var expected: [[RecordSet?]] = []
            var before: [RecordSet] = []
            for (manifest, _) in all {
                let after = try await records(manifest, owner)
                for key in Set((before + after).map(\.key)).sorted(by: { $0.type.rawValue < $1.type.rawValue }) {
                    let (old, new) = (before.first { $0.key == key }, after.first { $0.key == key })
                    if let old, let new, old.serves(sameAs: new) { continue }
                    expected.append([old, new])
                }
                before = after
            }
            let events = try await history.events(of: owner, in: store)
            #expect(Set(events.map { [$0.change.before, $0.change.after] }) == Set(expected) && events.count == expected.count)
            #expect(events.map(\.entry.number) == events.map(\.entry.number).sorted(by: >))
            let addresses = try await history.events(of: owner, type: .a, in: store)
            #expect(addresses == events.filter { $0.change.key.type == .a })
            seen += events.count
        }
        #expect(seen > 10)
    }

    @Test func retention() async throws {
        let all = try await live(30, seed: 23)
        let (head, now) = (all[all.count - 1].manifest, all[all.count - 1].at)
        let short = try await History(of: head, retention: .init(keep: 5), at: now, in: store)
        #expect(short.entries.count == 5)
        let young = try await History(of: head, retention: .init(age: 100), at: now, in: store)
        #expect(young.entries.allSatisfy { now - $0.at <= 100 } && (2...11).contains(young.entries.count))
        // However old it is, what is live has its entry.
        #expect(try await History(of: head, retention: .init(age: 1), at: now.advanced(byMilliseconds: 1 << 40), in: store).entries.count == 1)

        // Swept with less, what is left is what was kept, and no error.
        try await store.sweep(keeping: try await LiveBlobs.digests(in: store, history: .init(keep: 5), at: now), grace: .zero)
        let left = try await History(of: head, at: now, in: store)
        #expect(left.entries == short.entries)
        for entry in left.entries {
            for reference in try #require(left.presentation(entry.number)).shards.values { _ = try await store.require(reference.digest) }
        }
        let without = try await LiveBlobs.digests(in: store)
        #expect(without.isDisjoint(with: left.digests) && without.isSuperset(of: head.shards.values.map(\.digest)))
    }

    @Test func entriesOfAllKinds() throws {
        var random = Seeded(24)
        func digest() -> Digest? { random.chance(3) ? nil : Digest(of: [UInt8(random.below(256))]) }
        for _ in 0..<100 {
            var entry = HistoryEntry(
                number: UInt64(random.below(1 << 20)), at: Instant(milliseconds: Int64(random.below(9)) - 4), cause: random.pick(["", "ab"]),
                commit: random.chance(2) ? Commit(id: "x", author: "ada", subject: "s") : nil, previous: digest())
            for _ in 0..<random.below(4) { entry.changes[random.below(4096)] = .init(before: digest(), after: digest()) }
            if random.chance(2) { entry.sources["pack/A"] = Digest(of: [1]) }
            #expect(try HistoryEntry(decoding: entry.encoded) == entry)
        }
    }
}
