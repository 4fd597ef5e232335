import DNSWire
import Pipeline
import Presenter
import TestSupport
import Testing

/// What holds whatever the sources want.
@Suite(.serialized) struct PropertyTests {
    private static let now = Instant(milliseconds: 50)

    private func each(_ seed: UInt64, _ body: (inout Seeded, ShardSources, ConflictPolicy) -> Void) {
        var random = Seeded(seed)
        for _ in 0..<250 {
            let sources = random.sources()
            for policy in ConflictPolicy.all { body(&random, sources, policy) }
        }
    }

    @Test func orderDoesNotMatter() {
        each(1) { random, sources, policy in
            var other = sources
            other.edits.shuffle(using: &random)
            other.registrations.shuffle(using: &random)
            other.emergencies.shuffle(using: &random)
            other.generations = [:]
            for name in sources.generations.keys.shuffled(using: &random) { other.generations[name] = sources.generations[name] }
            #expect(reconcile(other, policy: policy, at: Self.now).encoded == reconcile(sources, policy: policy, at: Self.now).encoded)
        }
    }

    @Test func nothingWithoutASource() {
        each(2) { _, sources, policy in
            var wanted: [RecordKey: Set<RData>] = [:]
            for record in sources.generations.values.flatMap(\.records) { wanted[record.key, default: []].formUnion(record.rdata) }
            for edit in sources.registrations + sources.edits + sources.emergencies.map(\.edit) where edit.action != .remove {
                wanted[edit.key, default: []].formUnion(edit.rdata)
            }
            for record in reconcile(sources, policy: policy, at: Self.now).records {
                #expect(!record.rdata.isEmpty)
                #expect(wanted[record.key, default: []].isSuperset(of: record.rdata), "\(record)")
            }
        }
    }

    @Test func nothingGoesSilently() {
        each(3) { _, sources, policy in
            let shard = reconcile(sources, policy: policy, at: Self.now)
            let served = Dictionary(uniqueKeysWithValues: shard.records.map { ($0.key, $0.rdata) })
            func isAccountedFor(_ key: RecordKey, _ rdata: RData) -> Bool {
                served[key]?.contains(rdata) ?? false
                    || shard.conflicts.contains { $0.key.owner == key.owner && $0.parties.contains { $0.rdata.contains(rdata) } }
                    || sources.edits.contains { $0.key == key && ($0.action == .remove || $0.action == .set && $0.overrides != nil) }
            }
            let wishes = sources.generations.values.flatMap(\.records).map { ($0.key, $0.rdata) }
                + (sources.registrations + sources.edits + sources.emergencies.map(\.edit)).filter { $0.action.makesValues }.map { ($0.key, $0.rdata) }
            for (key, rdata) in wishes {
                for data in rdata where !isAccountedFor(key, data) {
                    Issue.record("\(key) \(data.text(type: key.type)) is neither served nor reported: \(sources)")
                }
            }
        }
    }

    /// What was settled needs no settling: presented again, it is the same, without conflicts.
    @Test func idempotent() {
        each(4) { _, sources, policy in
            let once = reconcile(sources, policy: policy, at: Self.now)
            let again = reconcile(
                ShardSources(generations: ["pack/A": Shard(records: once.records, map: once.map)]), policy: policy, at: Self.now)
            #expect(again.records == once.records)
            #expect(again.map == once.map)
            #expect(again.conflicts.isEmpty, "\(again.conflicts)")
        }
    }

    /// When an edit is over, all is as if it had never been.
    @Test func expiryRestores() {
        each(5) { _, sources, policy in
            guard let expires = sources.edits.compactMap(\.expires).min() else { return }
            var without = sources
            without.edits.removeAll { $0.expires == expires }
            let just = expires.advanced(byMilliseconds: -1)
            #expect(reconcile(sources, policy: policy, at: expires) == reconcile(without, policy: policy, at: expires))
            #expect(reconcile(sources, policy: policy, at: just).undated == reconcile(sources, policy: policy, at: Self.now).undated)
        }
    }

    @Test func anAliasStandsAlone() {
        each(6) { _, sources, policy in
            let records = reconcile(sources, policy: policy, at: Self.now).records
            for alias in records where alias.key.type == .cname {
                #expect(alias.rdata.count == 1)
                for other in records where other.key.owner == alias.key.owner && other.key.type != .cname {
                    #expect(other.key.location != nil && alias.key.location != nil && other.key.location != alias.key.location)
                }
            }
        }
    }

    @Test func winnersAreServed() {
        each(7) { _, sources, policy in
            for conflict in reconcile(sources, policy: policy, at: Self.now).conflicts {
                #expect(!conflict.explanation.isEmpty)
                #expect(conflict.winner.map { conflict.parties.indices.contains($0) } ?? true)
            }
        }
    }
}
