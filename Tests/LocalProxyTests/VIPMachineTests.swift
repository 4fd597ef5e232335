import Pipeline
import TestSupport
import Testing

@testable import LocalProxy

/// When one site announces, whatever it is told of itself and of the others.
@Suite struct VIPMachineTests {
    private let stamp = Instant(milliseconds: 1)

    private func announced(_ rules: VIPMachine.Rules = .init()) -> VIPMachine {
        var machine = VIPMachine(rules)
        for _ in 0..<2 * rules.good { machine.step(.fresh(stamp), othersSuffice: true, mayWithdraw: false) }
        #expect(machine.state == .announced)
        return machine
    }

    @Test func goodProbesAnnounceAndBadOnesWithdraw() {
        var machine = VIPMachine(.init())
        for _ in 1..<10 { machine.step(.fresh(stamp), othersSuffice: false, mayWithdraw: false) }
        #expect(machine.state == .unknown)
        machine.step(.fresh(stamp), othersSuffice: false, mayWithdraw: false)
        #expect(machine.state == .announced)
        machine.step(.dark, othersSuffice: false, mayWithdraw: false)
        #expect(machine.state == .announced)
        machine.step(.dark, othersSuffice: false, mayWithdraw: false)
        #expect(machine.state == .withdrawn && machine.isDark)
        for _ in 1..<10 { machine.step(.fresh(stamp), othersSuffice: true, mayWithdraw: false) }
        #expect(machine.state == .withdrawn)
        machine.step(.fresh(stamp), othersSuffice: true, mayWithdraw: false)
        #expect(machine.state == .announced)
    }

    @Test func stalenessAloneNeedsTheOthersAndTheClaim() {
        var machine = announced()
        for _ in 0..<50 { machine.step(.stale(stamp), othersSuffice: false, mayWithdraw: true) }
        #expect(machine.state == .announced && !machine.wantsClaim)
        for _ in 0..<50 { machine.step(.stale(stamp), othersSuffice: true, mayWithdraw: false) }
        #expect(machine.state == .announced && machine.wantsClaim)
        machine.step(.stale(stamp), othersSuffice: true, mayWithdraw: true)
        #expect(machine.state == .withdrawn && machine.wantsClaim && !machine.isDark)
        // The others are lost: stale beats dark.
        machine.step(.stale(stamp), othersSuffice: false, mayWithdraw: true)
        #expect(machine.state == .withdrawn)
        machine.step(.stale(stamp), othersSuffice: false, mayWithdraw: true)
        #expect(machine.state == .announced && !machine.wantsClaim)
    }

    @Test func aRaisedSiteIsStillThere() {
        var machine = announced(.init(whenStale: .med))
        for _ in 0..<2 { machine.step(.stale(nil), othersSuffice: false, mayWithdraw: false) }
        #expect(machine.state == .raised)
        for _ in 0..<2 { machine.step(.dark, othersSuffice: false, mayWithdraw: false) }
        #expect(machine.state == .withdrawn)
        for _ in 0..<9 { machine.step(.stale(stamp), othersSuffice: true, mayWithdraw: false) }
        #expect(machine.state == .withdrawn)
        machine.step(.stale(stamp), othersSuffice: true, mayWithdraw: false)
        #expect(machine.state == .raised)
        for _ in 0..<10 { machine.step(.fresh(stamp), othersSuffice: true, mayWithdraw: false) }
        #expect(machine.state == .announced)
    }

    /// Over any sequence of probes and of what the others are.
    @Test(arguments: 0..<200)
    func noSequenceBreaksTheRules(_ seed: Int) {
        var random = Seeded(UInt64(seed))
        let rules = VIPMachine.Rules(bad: 1 + random.below(4), good: 1 + random.below(12), whenStale: random.chance(3) ? .med : .withdraw)
        var machine = VIPMachine(rules)
        var history: [(health: VIPHealth, suffice: Bool, may: Bool)] = []
        var lastAnnouncement: Int?
        var health = VIPHealth.dark, suffice = false
        for tick in 0..<3000 {
            if random.chance(4) { health = random.pick([.fresh(stamp), .fresh(stamp), .stale(stamp), .stale(nil), .dark]) }
            if random.chance(10) { suffice.toggle() }
            let may = random.chance(3)
            history.append((health, suffice, may))
            let before = machine
            machine.step(health, othersSuffice: suffice, mayWithdraw: may)
            func last(_ count: Int, _ all: (VIPHealth) -> Bool) -> Bool { history.count >= count && history.suffix(count).allSatisfy { all($0.health) } }
            func isFresh(_ health: VIPHealth) -> Bool { if case .fresh = health { true } else { false } }

            // Dark is dark, and fresh is fresh, whatever else is said.
            if last(rules.bad, { $0 == .dark }) { #expect(machine.state == .withdrawn) }
            if last(rules.good, isFresh) { #expect(machine.state == .announced) }
            if machine.wantsClaim { #expect(suffice && rules.whenStale == .withdraw) }
            guard machine.state != before.state else { continue }
            switch machine.state {
            case .unknown: Issue.record("it forgot its state")
            case .announced, .raised:
                if before.state == .withdrawn || before.state == .unknown {
                    #expect(last(rules.good) { $0 != .dark })
                    if let lastAnnouncement { #expect(tick - lastAnnouncement >= rules.good, "flapping") }
                    lastAnnouncement = tick
                }
                if machine.state == .announced, !last(rules.good, isFresh) {
                    #expect(rules.whenStale == .withdraw && history.suffix(rules.bad).allSatisfy { !$0.suffice }, "stale, and not needed")
                }
                if machine.state == .raised { #expect(last(rules.bad) { !isFresh($0) }) }
            case .withdrawn:
                if last(rules.bad, { $0 == .dark }) { break }
                // For staleness.
                #expect(rules.whenStale == .withdraw && suffice && may && last(rules.bad) { !isFresh($0) })
                if let lastAnnouncement, before.state == .announced { #expect(tick - lastAnnouncement >= rules.good, "flapping") }
            }
        }
    }
}
