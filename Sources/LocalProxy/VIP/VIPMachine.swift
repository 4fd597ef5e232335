public import Pipeline

/// When a site announces, and when it does not: a pure function of what was probed.
///
/// - It is announced after `good` fresh probes in a row; also after `good` that were merely
///   answered, if the others are not enough (stale beats dark).
/// - It is withdrawn after `bad` probes in a row without any answer, always (dark is dark).
/// - It is withdrawn after `bad` that were not fresh if the others are enough, it has
///   claimed the right to, and it was announced for at least `good` probes.
///
/// So between two announcements there are `good` probes at least, whatever happens.
public struct VIPMachine: Sendable, Hashable {
    /// What becomes of a site that is stale.
    public enum WhenStale: String, Sendable, CaseIterable { case withdraw, med }

    public struct Rules: Sendable, Hashable {
        public var bad: Int
        public var good: Int
        public var whenStale: WhenStale

        public init(bad: Int = 2, good: Int = 10, whenStale: WhenStale = .withdraw) {
            self.bad = bad
            self.good = good
            self.whenStale = whenStale
        }
    }

    public let rules: Rules
    public private(set) var state = VIPSite.State.unknown
    /// Whether the site wants the right to be withdrawn for staleness, or to keep it.
    public private(set) var wantsClaim = false
    /// Whether it is withdrawn because it does not answer.
    public private(set) var isDark = false

    /// Probes in a row, up to now.
    private var fresh = 0, unfresh = 0, answered = 0, dark = 0
    /// Probes in a row at which the others were not enough.
    private var lonely = 0
    /// Probes since the state was taken.
    private var age = 0

    public init(_ rules: Rules) { self.rules = rules }

    /// Takes in one probe.
    ///
    /// - Parameters:
    ///   - othersSuffice: whether the other sites can do without this one now.
    ///   - mayWithdraw: whether nobody else of the last ones may be withdrawn for staleness
    ///     at this moment; asked for by ``wantsClaim``.
    public mutating func step(_ health: VIPHealth, othersSuffice: Bool, mayWithdraw: Bool) {
        count(health, othersSuffice)
        if dark >= rules.bad {
            isDark = true
            wantsClaim = false
            return take(.withdrawn)
        }
        switch state {
        case .announced: stepAnnounced(othersSuffice, mayWithdraw)
        case .raised:
            if fresh >= rules.good { take(.announced) }
        case .unknown, .withdrawn: stepAway(othersSuffice, mayWithdraw)
        }
    }

    private mutating func stepAnnounced(_ othersSuffice: Bool, _ mayWithdraw: Bool) {
        let isStale = unfresh >= rules.bad
        guard rules.whenStale == .withdraw else {
            if isStale { take(.raised) }
            return
        }
        wantsClaim = isStale && age >= rules.good && othersSuffice
        if wantsClaim, mayWithdraw { take(.withdrawn) }
    }

    private mutating func stepAway(_ othersSuffice: Bool, _ mayWithdraw: Bool) {
        if fresh >= rules.good { return take(.announced) }
        if answered >= rules.bad { isDark = false }
        if rules.whenStale == .med {
            // It is on the way up if the last ones were fresh.
            if answered >= rules.good, unfresh >= rules.bad { take(.raised) }
            return
        }
        let isStale = unfresh >= rules.bad && answered >= rules.bad
        // Who has it keeps it until it is announced, or needed.
        wantsClaim = othersSuffice && (wantsClaim || isStale)
        if state == .unknown, isStale, wantsClaim, mayWithdraw { return take(.withdrawn) }
        if lonely >= rules.bad, answered >= rules.good { take(.announced) }
    }

    private mutating func count(_ health: VIPHealth, _ othersSuffice: Bool) {
        func run(_ counter: inout Int, _ goesOn: Bool) { counter = goesOn ? min(counter + 1, 1_000_000) : 0 }
        var isFresh = false
        if case .fresh = health { isFresh = true }
        run(&fresh, isFresh)
        run(&unfresh, !isFresh)
        run(&answered, health != .dark)
        run(&dark, health == .dark)
        run(&lonely, !othersSuffice)
        age = min(age + 1, 1_000_000)
    }

    private mutating func take(_ next: VIPSite.State) {
        if next == .announced || next == .raised {
            wantsClaim = false
            isDark = false
        }
        guard next != state else { return }
        state = next
        age = 0
    }
}
