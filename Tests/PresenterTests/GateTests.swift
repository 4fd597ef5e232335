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

    private func stage(_ mode: Gate.Mode = .radius, now: Int64 = 1_000_000) -> PresenterStage {
        PresenterStage(store: store, policy: .owner, gate: Gate(mode: mode), logger: Logger(label: "test")) { Instant(milliseconds: now) }
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

    /// What servers register needs no commit, and no approval.
    @Test func registrationsPass() async throws {
        try await configure(1, hosts: Self.ten)
        try await stage(.always).step()
        let edits = [registered(.set, "web.example.test.", .a, "192.0.2.7")]
        var manifest = Manifest(source: Origin.registrations, number: 1, sharding: sharding)
        for (index, shard) in sharding.spread(edits: edits) {
            let digest = try await store.put([Edit.encode(shard)])[0]
            manifest.shards[index] = ShardReference(digest: digest, size: 1, count: shard.count, basis: digest)
        }
        try await store.write(manifest.encoded, at: WellKnown.registrations, expecting: nil)
        try await stage(.always).step()
        #expect(try await live == 13)
    }
}
