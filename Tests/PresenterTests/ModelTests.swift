import DNSWire
import Logging
import Pipeline
import Presenter
import TestSupport
import Testing
import Validation

/// The pure core, and the stage on a store that is closed and opened again, against the model.
@Suite struct ModelTests {
    private final class Clock: @unchecked Sendable { var now = Instant(milliseconds: 1) }

    @Test(arguments: ConflictPolicy.all)
    func pureCore(_ policy: ConflictPolicy) {
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = Seeded(seed), model = Model(policy: policy), before = Shard()
            for line in 1...60 {
                model.change(&random, line: line)
                var sources = ShardSources()
                for name in model.rules.keys.shuffled(using: &random) {
                    sources.generations[name] = Shard(records: model.records(name))
                    sources.generations[name]!.sort()
                }
                sources.registrations = model.registrations.map { $0.edit(Origin.registrations) }.shuffled(using: &random)
                sources.edits = model.edits.map { $0.edit(Origin.edits) }.shuffled(using: &random)
                let reviewed = reconcile(sources, policy: policy, at: model.instant, previous: before)
                sources.emergencies = model.emergencies.map {
                    Emergency(
                        $0.edit(Origin.emergency), at: Instant(milliseconds: $0.at), fault: $0.isActive(model.now) ? nil : "over")
                }.shuffled(using: &random)
                let served = reconcile(sources, policy: policy, at: model.instant, previous: before)
                let expected = model.presented()
                guard Model.values(reviewed) == expected.reviewed, Model.values(served) == expected.served else {
                    Issue.record("seed \(seed), change \(line): \(Model.values(served)), not \(expected.served)")
                    break
                }
                #expect(served.conflicts.allSatisfy { $0.since != nil && $0.since! <= model.instant })
                (before, model.last) = (reviewed, expected.reviewed)
            }
        }
    }

    @Test(arguments: ConflictPolicy.all)
    func aStageWithAMemory(_ policy: ConflictPolicy) async throws {
        let directory = try TemporaryDirectory("model")
        try await Self.follow(3, policy, changes: 60, lives: true) { try EmbeddedStore(directory: directory.path) }
    }

    @Test(arguments: [1, 2] as [UInt64], ConflictPolicy.all)
    func stageOnTheEmbeddedStore(_ seed: UInt64, _ policy: ConflictPolicy) async throws {
        let directory = try TemporaryDirectory("model")
        try await Self.follow(seed, policy, changes: 50) { try EmbeddedStore(directory: directory.path) }
    }

    /// The stage against the model; `open` opens the same store each time. The stage lives
    /// as long as the store is open, so that it has a memory, or is made anew each time.
    static func follow(
        _ seed: UInt64, _ policy: ConflictPolicy, changes: Int, lives: Bool = false, _ open: () throws -> any Store
    ) async throws {
        let signer = SigningKey.generate(name: "eve")
        let people = PresenterStage.People(keys: [try signer.publicKey], pipeline: "p")
        let clock = Clock()
        var store = try open(), living: PresenterStage?
        var random = Seeded(seed), model = Model(policy: policy), next: Instant?, woken = 0
        for line in 1...changes {
            if let wake = next, random.chance(4) {
                // No event but the clock's: nothing changes before, and all that does is seen then.
                model.now = wake.milliseconds - 1
                #expect(model.presented().served == (try await served(store, model.instant, \.self)))
                model.now = max(model.now + 1, wake.milliseconds)
                woken += 1
            } else {
                model.change(&random, line: line)
                try await write(model, to: store, number: UInt64(line), signer)
            }
            if random.chance(5) {
                await store.close()
                (store, living) = (try open(), nil)
            }
            clock.now = model.instant
            let stage =
                living
                ?? PresenterStage(
                    store: store, policy: policy, gate: Gate(mode: .never), people: people,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                ) { clock.now }
            if lives { living = stage }
            next = try await stage.step()
            let expected = model.presented()
            #expect(try await served(store, clock.now, \.self) == expected.served, "seed \(seed), change \(line)")
            #expect(try await served(store, clock.now, \.reviewed) == expected.reviewed, "seed \(seed), change \(line)")
            model.last = expected.reviewed
            if lives { try await expectFindings(of: stage, store) }
        }
        #expect(woken > 0)
        await store.close()
    }

    /// What the stage knows to be wrong is what is wrong with all that is live.
    private static func expectFindings(of stage: PresenterStage, _ store: any Store) async throws {
        try await stage.judge()
        let manifest = try #require(try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))).value
        var records: [RecordSet] = []
        for reference in manifest.shards.values { records += try Shard(decoding: try await store.require(reference.digest)).records }
        var profile = Profile()
        profile.locations = []
        let findings = Validation(records: records, profile: profile, now: clock0).findings()
        let counts = Dictionary(findings.map { ("\($0.code) \($0.level)", 1) }, uniquingKeysWith: +)
        let judged = try #require(await stage.findings.counts)
        #expect(judged.presentation == manifest.number)
        #expect(Dictionary(judged.counts.map { ("\($0.key.fault.rawValue) \($0.key.level)", $0.value) }, uniquingKeysWith: +) == counts)
    }

    private static let clock0 = Instant(milliseconds: 0)

    private static func served(
        _ store: any Store, _ instant: Instant, _ layer: (Manifest) -> Manifest
    ) async throws -> [RecordKey: Set<UInt8>] {
        guard let manifest = try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value else { return [:] }
        var all: [RecordKey: Set<UInt8>] = [:]
        for reference in layer(manifest).shards.values {
            all.merge(Model.values(try Shard(decoding: try await store.require(reference.digest)))) { $1 }
        }
        return all
    }

    private static func write(_ model: Model, to store: any Store, number: UInt64, _ signer: SigningKey) async throws {
        let sharding = Sharding(count: 4)
        func manifest(_ source: String, _ blobs: [Int: [UInt8]]) async throws -> Manifest {
            var manifest = Manifest(source: source, number: number, sharding: sharding)
            for (index, blob) in blobs {
                let digest = try await store.put([blob])[0]
                manifest.shards[index] = ShardReference(digest: digest, size: blob.count, count: 1, basis: digest)
            }
            return manifest
        }
        var sources: [Configuration.Source] = []
        for name in model.rules.keys {
            let made = try await manifest(name, sharding.spread(records: model.records(name), map: []).mapValues(\.encoded))
            let digest = try await store.put([made.encoded])[0]
            sources.append(.init(name: name, kind: .generation, manifest: digest, basis: digest))
        }
        let edits = try await manifest(Origin.edits, sharding.spread(edits: model.edits.map { $0.edit(Origin.edits) }).mapValues(Edit.encode))
        let digest = try await store.put([edits.encoded])[0]
        sources.append(.init(name: Origin.edits, kind: .edits, manifest: digest, basis: digest))
        let registrations = try await manifest(
            Origin.registrations, sharding.spread(edits: model.registrations.map { $0.edit(Origin.registrations) }).mapValues(Edit.encode))
        let configuration = Configuration(number: number, commit: nil, trace: Trace(cause: "\(number)"), sources: sources)
        let emergencies = try model.emergencies.map {
            try EmergencyEdit(signing: $0.edit(Origin.emergency), at: Instant(milliseconds: $0.at), for: "p", with: signer)
        }
        for (key, value) in [
            (WellKnown.configuration, configuration.encoded), (WellKnown.registrations, registrations.encoded),
            (WellKnown.emergency, EmergencyEdit.encode(emergencies)),
        ] { try await store.write(value, at: key, expecting: try await store.read(key)?.version) }
    }
}
