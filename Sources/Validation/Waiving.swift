internal import DNSWire
internal import Pipeline

/// Waivers at a time, and which of them are used.
struct Waiving: Sendable {
    private let waivers: [Waiver]
    private let now: Instant
    private let inForce: [Code: [Int]]
    private var uses: [Int]
    /// Each combination of waivers that covers a finding; the first is of none.
    private var combinations: [[Int]] = [[]]
    private var numbers: [[Int]: UInt16] = [[]: 0]

    init(_ waivers: [Waiver], at now: Instant) {
        self.waivers = waivers.sorted { $0.precedes($1) }
        self.now = now
        uses = Array(repeating: 0, count: waivers.count)
        var inForce: [Code: [Int]] = [:]
        for (i, waiver) in self.waivers.enumerated() where waiver.defect == nil && !waiver.hasExpired(at: now) {
            inForce[waiver.code, default: []].append(i)
        }
        self.inForce = inForce
    }

    var isEmpty: Bool { waivers.isEmpty }
    subscript(place: Int) -> Waiver { waivers[place] }

    /// The waivers in force that cover a finding, in a fixed order.
    ///
    /// - Parameter zone: the zone that the finding's name is in.
    func covering(_ code: Code, _ key: RecordKey, zone: () -> Name?) -> [Int] {
        (inForce[code] ?? []).filter {
            switch waivers[$0].scope {
            case .records(let owner, let type): key.type == type && key.owner == owner
            case .zone(let name): key.owner.isWithin(name) && zone() == name
            case .subtree(let name): key.owner.isWithin(name)
            }
        }
    }

    mutating func use(_ covering: [Int]) {
        for place in covering { uses[place] += 1 }
    }

    /// A number for these waivers together.
    mutating func number(_ covering: [Int]) -> UInt16 {
        if let number = numbers[covering] { return number }
        // More combinations than this are not told apart from the last.
        guard combinations.count < Int(UInt16.max) else { return UInt16.max - 1 }
        numbers[covering] = UInt16(combinations.count)
        combinations.append(covering)
        return UInt16(combinations.count - 1)
    }

    mutating func count(_ number: UInt16, _ change: Int) {
        for place in combinations[Int(number)] { uses[place] += change }
    }

    /// What is wrong with the waivers themselves.
    func findings(_ profile: Profile, _ isJudged: (Waiver) -> Bool) -> [Finding] {
        var report = Report(profile)
        for (i, waiver) in waivers.enumerated() where isJudged(waiver) {
            if let defect = waiver.defect {
                report.add(.waiverInvalid, at: waiver.key, origin: waiver.origin, defect)
            } else if waiver.hasExpired(at: now) {
                report.add(
                    .waiverExpired, at: waiver.key, origin: waiver.origin,
                    "the waiver of \(waiver.code) expired at \(waiver.expires.map(\.description) ?? "")")
            } else if uses[i] == 0 {
                report.add(
                    .waiverUnused, at: waiver.key, origin: waiver.origin, "nothing here is at fault with \(waiver.code)")
            }
        }
        return report.findings
    }
}
