import DNSWire
import Logging
import Pipeline
import Presenter
import TestSupport
import Testing

/// A Presenter that remembers makes what one makes that reads all anew.
@Suite struct MemoryTests {
    /// One pipeline, seen by one Presenter for all steps, or by a new one for each.
    private struct Side {
        let directory: TemporaryDirectory
        let store: EmbeddedStore

        init() throws {
            directory = try TemporaryDirectory("memory")
            store = try EmbeddedStore(directory: directory.path)
        }

        func set(_ value: [UInt8], at key: StoreKey) async throws {
            try await store.write(value, at: key, expecting: try await store.read(key)?.version)
        }

        func take(_ world: World) async throws {
            var world = world
            world.blobs = store
            let (configuration, registrations, _) = try await world.stored()
            try await set(configuration.encoded, at: WellKnown.configuration)
            if world.registrations.isEmpty {
                if let known = try await store.read(WellKnown.registrations) { try await store.remove(WellKnown.registrations, expecting: known.version) }
            } else {
                try await set(registrations.encoded, at: WellKnown.registrations)
            }
        }

        var presentation: Manifest? { get async throws { try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value } }
        var held: Held? { get async throws { try await store.decoded(WellKnown.held, Held.init(decoding:))?.value } }
    }

    private func stage(_ side: Side, _ policy: ConflictPolicy, _ key: SigningKey, _ clock: Clock, remembers: Bool) -> PresenterStage {
        PresenterStage(
            store: side.store, policy: policy, gate: Gate(), people: .init(keys: [try! key.publicKey], pipeline: "test"), remembers: remembers,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { clock.now })
    }

    private final class Clock: @unchecked Sendable { var now = Instant(milliseconds: 1) }

    @Test(arguments: [11, 12, 13] as [UInt64], ConflictPolicy.all)
    func sameAsWithout(_ seed: UInt64, _ policy: ConflictPolicy) async throws {
        let (ours, theirs) = (try Side(), try Side())
        let key = SigningKey.generate(name: "ada")
        let clock = Clock()
        let with = stage(ours, policy, key, clock, remembers: true), without = stage(theirs, policy, key, clock, remembers: false)
        var random = Seeded(seed)
        var world = World(blobs: ours.store)
        var emergencies: [EmergencyEdit] = []
        var holds = 0, expiries = 0, handOvers = 0
        for _ in 0..<40 {
            for _ in 0..<1 + random.below(3) { world.change(&random) }
            clock.now = world.instant
            switch random.below(12) {
            case 0:
                world.edits.append(
                    wish(.external, random.pick(["*.", "a."]), Edit.everyType, line: 9, starts: clock.now.milliseconds + Int64(random.below(60)) - 30))
            case 1:
                let edit = wish(
                    .set, random.pick(["a.", "g."]), .a, "192.0.2.200", source: Origin.emergency, expires: clock.now.milliseconds + Int64(random.below(60)))
                emergencies.append(try EmergencyEdit(signing: edit, at: clock.now, for: "test", with: key))
            case 2: emergencies = []
            // Somebody else's hand, or a clock that goes back.
            case 3:
                for side in [ours, theirs] {
                    guard var manifest = try await side.presentation else { continue }
                    manifest.shards[manifest.shards.keys.sorted().first ?? 0] = nil
                    try await side.set(manifest.encoded, at: WellKnown.presentation)
                }
            case 4: clock.now = clock.now.advanced(byMilliseconds: -15)
            case 5: world.edits.removeAll { $0.action == .external }
            case 6:
                for side in [ours, theirs] {
                    if let held = try await side.held {
                        let approval = Approval(plan: held.plan, person: "ada", reason: "", at: clock.now)
                        try await side.set(Approval.encode([approval]), at: WellKnown.approvals)
                    }
                }
            default: break
            }
            for side in [ours, theirs] {
                try await side.take(world)
                try await side.set(EmergencyEdit.encode(emergencies), at: WellKnown.emergency)
            }
            for _ in 0..<2 {
                let next = (try await with.step(), try await without.step())
                #expect(next.0 == next.1)
                let (a, b) = (try await ours.presentation, try await theirs.presentation)
                #expect(a == b)
                #expect(try await ours.held?.plan == theirs.held?.plan)
                for reference in a?.shards.values.map(\.digest) ?? [] { _ = try await ours.store.require(reference) }
                if try await ours.held != nil { holds += 1 }
                if next.0 != nil { expiries += 1 }
            }
            if world.edits.contains(where: { $0.subtree != nil }) { handOvers += 1 }
        }
        #expect(holds > 0 && expiries > 0 && handOvers > 0, "the steps tried something")
    }
}
