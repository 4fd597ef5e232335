import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import LocalProxy

/// Several sites that see each other late, and one value changed by compare-and-set.
@Suite struct VIPFleetTests {
    private static let prefix = "192.0.2.53/32"

    /// A fleet in steps of one probe; leases are read as they were some steps ago.
    private struct Fleet {
        var random: Seeded
        let floor: VIPFloor
        let bound = Duration.milliseconds(3000)
        let online: Bool
        let lag: Int
        var now = Instant(milliseconds: 1_000_000)
        var machines: [VIPMachine]
        var stamps: [Instant?]
        /// What each site last showed, at each step.
        var shown: [[VIPSite]] = []
        var claims = VIPClaims()
        var version = 0
        var holds: [Bool]
        /// A claim on its way: what was read, and when it will be written.
        var pending: [(version: Int, view: VIPFloor.View, due: Int)?]

        init(seed: UInt64, count: Int, floor: VIPFloor, online: Bool) {
            random = Seeded(seed)
            self.floor = floor
            self.online = online
            lag = random.below(40)
            machines = (0..<count).map { _ in VIPMachine(.init()) }
            stamps = (0..<count).map { _ in nil }
            holds = machines.map { _ in false }
            pending = machines.map { _ in nil }
        }

        /// The other sites, each as of a moment of its own in the past.
        mutating func view() -> VIPFloor.View {
            var sites: [VIPSite] = []
            for index in machines.indices {
                let past = shown.suffix(1 + random.below(lag + 1))
                if let state = past.first?[index] { sites.append(state) }
            }
            return .init(sites: sites, claims: claims)
        }

        mutating func step(_ health: (Int) -> VIPHealth) {
            now = now.advanced(byMilliseconds: 100)
            for index in machines.indices.shuffled(using: &random) {
                let host = "p\(index)", health = health(index)
                stamps[index] = health.published
                let view = view()
                let suffice = floor.isMet(for: [VIPFleetTests.prefix], beside: host, in: view, bound: bound, now: now)
                machines[index].step(health, othersSuffice: suffice, mayWithdraw: online ? holds[index] : health.published != nil)
                if online { settleClaim(index, host) }
            }
            shown.append(machines.indices.map {
                VIPSite(host: "p\($0)", prefixes: [VIPFleetTests.prefix], state: machines[$0].state, published: stamps[$0], since: now)
            })
        }

        private mutating func settleClaim(_ index: Int, _ host: String) {
            guard machines[index].wantsClaim else {
                holds[index] = false
                pending[index] = nil
                if claims.hosts.removeValue(forKey: host) != nil { version += 1 }
                return
            }
            if holds[index] { return }
            if let claim = pending[index] {
                guard claim.due <= shown.count else { return }
                pending[index] = nil
                guard claim.version == version,
                    let claimed = claim.view.claiming(host, for: [VIPFleetTests.prefix], floor: floor, bound: bound, now: now)
                else { return }
                claims = claimed
                version += 1
                holds[index] = true
            } else {
                pending[index] = (version, view(), shown.count + random.below(8))
            }
        }

        var announcing: Int { machines.count { $0.state == .announced } }

        func health(_ published: Instant?) -> VIPHealth {
            guard let published else { return .stale(nil) }
            return now - published <= bound.milliseconds ? .fresh(published) : .stale(published)
        }
    }

    /// All serve what is published; then some or all stop following, at the same instant or not.
    @Test(arguments: 0..<300)
    func stalenessNeverWithdrawsTheLast(_ seed: Int) {
        var random = Seeded(UInt64(seed) &+ 7_000)
        let count = 2 + random.below(5), least = 1 + random.below(2)
        let floor = VIPFloor(count: least, share: random.pick([0, 50]))
        var fleet = Fleet(seed: UInt64(seed), count: count, floor: floor, online: random.chance(2))
        var served: [Instant?] = (0..<count).map { _ in fleet.now }
        // When each one stops following; many at the same step.
        let together = 60 + random.below(20)
        let stops = (0..<count).map { _ in random.pick([together, together, together + random.below(40), 10_000]) }
        // With the store a stamp may also go away; without, order is by stamps.
        let loses = fleet.online && random.chance(2)
        var wasComplete = false
        for step in 0..<250 {
            for index in 0..<count {
                if step < stops[index] {
                    if step % 10 == 0 { served[index] = fleet.now }
                } else if loses {
                    served[index] = nil
                }
            }
            let stamps = served
            let copy = fleet
            fleet.step { copy.health(stamps[$0]) }
            if fleet.announcing == count { wasComplete = true }
            if wasComplete { #expect(fleet.announcing >= min(least, count), "step \(step)") }
            if !fleet.online, step > 0 {
                // The freshest one stays.
                let newest = stamps.compactMap { $0 }.max()
                if wasComplete, let newest { #expect((0..<count).contains { stamps[$0] == newest && fleet.machines[$0].state == .announced }) }
            }
        }
        #expect(wasComplete)
        // In the end all that stopped are stale: if nobody follows, nobody is withdrawn.
        if stops.allSatisfy({ $0 < 200 }) { #expect(fleet.announcing == count) }
    }

    @Test func oneThatIsStaleAloneGoesAndComesBack() {
        var fleet = Fleet(seed: 1, count: 3, floor: .init(), online: true)
        var served: [Instant?] = [fleet.now, fleet.now, fleet.now]
        var states: [VIPSite.State] = []
        for step in 0..<300 {
            for index in 0..<3 where index > 0 || step < 60 || step >= 200 { served[index] = fleet.now }
            let stamps = served, copy = fleet
            fleet.step { copy.health(stamps[$0]) }
            if states.last != fleet.machines[0].state { states.append(fleet.machines[0].state) }
            #expect(step < 20 || fleet.machines[1].state == .announced && fleet.machines[2].state == .announced)
        }
        #expect(states == [.unknown, .announced, .withdrawn, .announced])
    }

    @Test func theFloorCountsWhatIsGoodNow() {
        let now = Instant(milliseconds: 1_000_000)
        func site(_ host: String, _ state: VIPSite.State = .announced, age: Int64? = 0, _ prefixes: [String] = [Self.prefix]) -> VIPSite {
            VIPSite(host: host, prefixes: prefixes, state: state, published: age.map { now.advanced(byMilliseconds: -$0) }, since: now)
        }
        func met(_ sites: [VIPSite], _ floor: VIPFloor = .init(), claims: VIPClaims = .init(), for prefixes: [String] = [Self.prefix]) -> Bool {
            floor.isMet(for: prefixes, beside: "a", in: .init(sites: sites, claims: claims), bound: .seconds(10), now: now)
        }
        #expect(!met([]))
        #expect(!met([site("a")]), "it is not its own neighbour")
        #expect(met([site("a"), site("b")]))
        #expect(met([site("b", age: 10_000)]) && !met([site("b", age: 10_001)]))
        #expect(!met([site("b", age: -2001)]), "a clock is wrong")
        #expect(!met([site("b", age: nil)]) && !met([site("b", .withdrawn)]) && !met([site("b", .raised)]) && !met([site("b", .unknown)]))
        #expect(!met([site("b")], claims: VIPClaims(["b": now])))
        #expect(!met([site("b", age: Int64.max / 2), site("c", age: -Int64.max / 2)]))
        #expect(!met([site("b", .announced, ["198.51.100.1/32"])]))
        #expect(!met([site("b")], for: [Self.prefix, "198.51.100.1/32"]), "each prefix needs somebody")
        // One of three is too few by the share, and enough without it.
        let third = [site("a", age: 20_000), site("b", age: 20_000), site("c")]
        #expect(!met(third) && met(third, .init(count: 1, share: 0)) && !met(third, .init(count: 2, share: 0)))
    }

    @Test func healthIsThatOfTheWorst() throws {
        let reading = try #require(Stamp.Reading(Stamp(pipeline: "p", release: 1, published: Instant(milliseconds: 5), content: Digest(of: [])).description))
        var older = reading
        older.published = Instant(milliseconds: 3)
        let fresh = StampCheck.fresh(reading, age: 1), stale = StampCheck.stale(older, age: 9)
        #expect(VIPHealth([fresh]) == .fresh(reading.published))
        #expect(VIPHealth([fresh, .fresh(older, age: 3)]) == .fresh(older.published))
        #expect(VIPHealth([fresh, stale]) == .stale(older.published))
        #expect(VIPHealth([stale, .missing(.nameError)]) == .stale(nil) && VIPHealth([.missing(.refused), fresh]) == .stale(nil))
        #expect(VIPHealth([.future(reading, ahead: 1)]) == .stale(nil) && VIPHealth([.invalid("")]) == .stale(nil))
        #expect(VIPHealth([fresh, .unreachable("")]) == .dark && VIPHealth([.unreachable(""), fresh], answersElse: [false, true]) == .dark)
        #expect(VIPHealth([.unreachable(""), fresh], answersElse: [true, false]) == .stale(nil))
        #expect(VIPHealth([]) == .stale(nil))
    }

    @Test func valuesSurviveTheirEncoding() throws {
        let site = VIPSite(
            host: "p0", prefixes: [Self.prefix, "2001:db8::53/128"], state: .raised, reason: "stale", published: Instant(milliseconds: 4),
            since: Instant(milliseconds: 9), address: "127.0.0.53")
        #expect(try VIPSite(decoding: site.encoded) == site)
        let claims = VIPClaims(["a": Instant(milliseconds: 1), "b": Instant(milliseconds: 2)])
        #expect(try VIPClaims(decoding: claims.encoded) == claims)
        var random = Seeded(9)
        for _ in 0..<500 { _ = try? VIPSite(decoding: random.mutate(site.encoded)) }
    }
}
