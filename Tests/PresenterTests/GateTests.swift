import DNSWire
import Logging
import Pipeline
import Presenter
import Review
import TestSupport
import Testing

/// The Presenter's loop, step by step, on a real store.
@Suite struct GateTests {
    private let directory: TemporaryDirectory
    private let store: EmbeddedStore
    private let sharding = Sharding(count: 4)

    init() throws {
        directory = try TemporaryDirectory("gate")
        store = try EmbeddedStore(directory: directory.path)
    }

    private func stage(_ mode: Gate.Mode = .radius, now: Int64 = 1_000_000, policy: ConflictPolicy = .owner) -> PresenterStage {
        PresenterStage(store: store, policy: policy, gate: Gate(mode: mode), logger: Logger(label: "test")) { Instant(milliseconds: now) }
    }

    /// A configuration whose one rule makes `hosts` of one zone.
    private func configure(_ number: UInt64, hosts: [String]) async throws {
        let records = [
            set("example.test.", .soa, "a. b. 1 2 3 4 5"), set("example.test.", .ns, "a.test.", "b.test."),
        ] + hosts.map { set("\($0).example.test.", .a, "192.0.2.1") }
        var manifest = Manifest(source: "pack/A", number: number, sharding: sharding)
        for (index, shard) in sharding.spread(records: records, map: []) {
            let digest = try await store.put([shard.encoded])[0]
            manifest.shards[index] = ShardReference(digest: digest, size: 1, count: shard.count, basis: digest)
        }
        let digest = try await store.put([manifest.encoded])[0]
        let configuration = Configuration(
            number: number, commit: nil, trace: Trace(cause: "commit \(number)"),
            sources: [.init(name: "pack/A", kind: .generation, manifest: digest, basis: digest)])
        try await store.write(configuration.encoded, at: WellKnown.configuration, expecting: try await store.read(WellKnown.configuration)?.version)
    }

    private func approve(_ plan: Digest, at: Int64 = 1_000_000) async throws {
        let known = try await store.decoded(WellKnown.approvals, Approval.decode)
        let approvals = (known?.value ?? []) + [Approval(plan: plan, person: "ada", reason: "seen", at: Instant(milliseconds: at))]
        try await store.write(Approval.encode(approvals), at: WellKnown.approvals, expecting: known?.version)
    }

    private var live: Int { get async throws { try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value.count ?? 0 } }
    private var held: Held? { get async throws { try await store.decoded(WellKnown.held, Held.init(decoding:))?.value } }

    private static let ten = (0..<10).map { "h\($0)" }

    @Test func holdsAndLetsThrough() async throws {
        try await configure(1, hosts: Self.ten)
        try await stage().step()
        // The first presentation has nothing to lose.
        #expect(try await live == 12)
        #expect(try await held == nil)

        try await configure(2, hosts: Array(Self.ten.prefix(5)))
        try await stage().step()
        #expect(try await live == 12)
        let waits = try #require(try await held)
        #expect(waits.reasons == ["example.test.: 5 of 12 RRsets removed"] && waits.cause == "commit 2")

        // Another plan's approval, and one that is too old, are none.
        try await approve(Digest(of: [1]))
        try await approve(waits.plan, at: 1_000_000 - Approval.lifetime)
        try await stage().step()
        #expect(try await live == 12)

        try await approve(waits.plan)
        try await stage().step()
        #expect(try await live == 7)
        #expect(try await held == nil)
    }

    /// What was approved is that change: one host more or less is another.
    @Test func approvesWhatWasReviewed() async throws {
        try await configure(1, hosts: Self.ten)
        try await stage().step()
        try await configure(2, hosts: Array(Self.ten.prefix(5)))
        try await stage().step()
        try await approve(try #require(try await held).plan)
        try await configure(3, hosts: Array(Self.ten.prefix(4)))
        try await stage().step()
        #expect(try await live == 12)
        #expect(try #require(try await held).cause == "commit 3")
        // Back to what was reviewed.
        try await configure(4, hosts: Array(Self.ten.prefix(5)))
        try await stage().step()
        #expect(try await live == 7)
    }

    @Test func takenBack() async throws {
        try await configure(1, hosts: Self.ten)
        try await stage().step()
        try await configure(2, hosts: [])
        try await stage().step()
        #expect(try await held != nil)
        try await configure(3, hosts: Self.ten)
        try await stage().step()
        #expect(try await held == nil)
        #expect(try await live == 12)
    }

    @Test func modes() async throws {
        try await configure(1, hosts: Self.ten)
        try await stage(.always).step()
        try await configure(2, hosts: Self.ten + ["new"])
        try await stage(.always).step()
        #expect(try await live == 12)
        #expect(try #require(try await held).reasons == ["every change by a commit needs an approval here"])
        try await stage(.radius).step()
        #expect(try await live == 13)
        try await configure(3, hosts: [])
        try await stage(.never).step()
        #expect(try await live == 2)
    }

    /// Where the policy says so, a new conflict holds what brings it, even if nothing else would.
    @Test func conflictsBlock() async throws {
        let blocking = ConflictPolicy(exceptions: [.init(.name(try Name("h1.example.test.")), blocks: true)])
        try await configure(1, hosts: Self.ten)
        try await stage(.never, policy: blocking).step()
        try await register([registered(.set, "h0.example.test.", .a, "192.0.2.7")])
        try await stage(.never, policy: blocking).step()
        #expect(try await held == nil, "another name's conflict passes")
        try await register([registered(.set, "h1.example.test.", .a, "192.0.2.7"), registered(.set, "web.example.test.", .a, "192.0.2.7")])
        try await stage(.never, policy: blocking).step()
        let waits = try #require(try await held)
        #expect(waits.reasons.count == 1 && waits.reasons[0].contains("a conflict at h1.example.test. A"), "\(waits.reasons)")
        #expect(try await live == 12)
        try await approve(waits.plan)
        try await stage(.never, policy: blocking).step()
        #expect(try await held == nil)
        #expect(try await live == 13)
        // It is known now.
        try await configure(2, hosts: Self.ten + ["new"])
        try await stage(.never, policy: blocking).step()
        #expect(try await live == 14)
    }

    /// While something is held, an emergency edit goes live over what was there before.
    @Test func emergenciesPass() async throws {
        let key = SigningKey.generate(name: "eve")
        let edit = Edit(
            action: .set, key: TestKey.h1, ttl: 20, rdata: [.a((192, 0, 2, 99))], origin: Origin(source: Origin.emergency, reason: "fire"),
            expires: Instant(milliseconds: 1_000_500))
        let people = PresenterStage.People(keys: [try key.publicKey], pipeline: "p")
        func step(_ now: Int64) async throws -> Instant? {
            try await PresenterStage(store: store, policy: .owner, people: people, logger: Logger(label: "test")) { Instant(milliseconds: now) }.step()
        }
        func h1() async throws -> RData? {
            let manifest = try #require(try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value)
            let shard = try #require(manifest.shards[manifest.sharding.index(of: TestKey.h1.owner)])
            return try Shard(decoding: try await store.require(shard.digest)).records.first { $0.key == TestKey.h1 }?.rdata[0]
        }
        try await configure(1, hosts: Self.ten)
        _ = try await step(1_000_000)
        try await configure(2, hosts: [])
        _ = try await step(1_000_000)
        #expect(try await held != nil)
        let signed = try EmergencyEdit(signing: edit, at: Instant(milliseconds: 1_000_000), for: "p", with: key)
        try await store.write(EmergencyEdit.encode([signed]), at: WellKnown.emergency, expecting: nil)
        #expect(try await step(1_000_001) == Instant(milliseconds: 1_000_500))
        #expect(try await h1() == .a((192, 0, 2, 99)))
        #expect(try await live == 12)
        #expect(try await held != nil)
        let metrics = try await PresentationMetrics.metrics(from: store).text
        #expect(metrics.contains("freshet_presenter_conflicts{policy=\"emergency\"} 1\n") && metrics.contains("freshet_presenter_held 1\n"))
        #expect(metrics.contains("freshet_presenter_emergency_since_timestamp_seconds 1000.001\n"))
        #expect(metrics.contains("freshet_presenter_held_since_timestamp_seconds 1000\n"))
        // Nothing it needs is swept.
        let manifest = try #require(try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value)
        #expect(try await LiveBlobs.digests(in: store).isSuperset(of: manifest.reviewed.shards.values.map(\.digest)))
        _ = try await step(1_000_500)
        #expect(try await h1() == .a((192, 0, 2, 1)))
    }

    private enum TestKey { static let h1 = key("h1.example.test.", .a) }

    /// What servers register needs no commit, and no approval.
    @Test func registrationsPass() async throws {
        try await configure(1, hosts: Self.ten)
        try await stage(.always).step()
        try await register([registered(.set, "web.example.test.", .a, "192.0.2.7")])
        try await stage(.always).step()
        #expect(try await live == 13)
    }

    private func register(_ edits: [Edit]) async throws {
        let known = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))
        var manifest = Manifest(source: Origin.registrations, number: (known?.value.number ?? 0) + 1, sharding: sharding)
        for (index, shard) in sharding.spread(edits: edits) {
            let digest = try await store.put([Edit.encode(shard)])[0]
            manifest.shards[index] = ShardReference(digest: digest, size: 1, count: shard.count, basis: digest)
        }
        try await store.write(manifest.encoded, at: WellKnown.registrations, expecting: known?.version)
    }
}
