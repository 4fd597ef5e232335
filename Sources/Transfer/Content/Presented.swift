internal import DNSWire
internal import Pipeline
internal import Synchronization

/// What is transferred at one moment: contents with their serials, and what was before.
///
/// Immutable but for what it remembers of its own work.
final class Presented: Sendable {
    let snapshot: Snapshot
    let serials: [ZoneView: ZoneSerials]
    /// The newest first.
    let past: [Snapshot]
    private let found = Mutex<[Since: Difference?]>([:])

    private struct Since: Hashable {
        var zone: ZoneView
        var serial: Serial
    }

    init(_ snapshot: Snapshot, serials: [ZoneView: ZoneSerials], past: [Snapshot]) {
        self.snapshot = snapshot
        self.serials = serials
        self.past = past
    }

    /// What a zone is now; `nil` if there is none.
    func zone(_ key: ZoneView) -> (content: ZoneContent, serial: Serial)? {
        guard let content = snapshot.zone(key), let serial = serials[key]?.serial else { return nil }
        return (content, serial)
    }

    /// What came between a serial and now.
    enum Way: Sendable {
        /// Nothing that is known of: the serial is the current one or newer.
        case none
        case difference(Difference)
        /// All of the zone is shorter, or nobody remembers that serial.
        case whole
        /// It was in a presentation that is not here: one from `first` up to before `end`.
        case history(first: UInt64, end: UInt64)
    }

    func way(from serial: Serial, to key: ZoneView) -> Way {
        guard let (zone, current) = zone(key), current.isNewer(than: serial) else { return .none }
        guard let (first, end) = serials[key]?.presentations(of: serial), let end else { return .whole }
        let since = Since(zone: key, serial: serial)
        if let known = found.withLock({ $0[since] }) { return known.map(Way.difference) ?? .whole }
        guard let old = past.first(where: { (first..<end).contains($0.number) }) else { return .history(first: first, end: end) }
        let difference = old.zone(key).flatMap { Difference(from: $0, serial, to: zone, current) }
        found.withLock { found in
            if found.values.reduce(0, { $0 + ($1?.changes.size ?? 0) }) > Self.most.weight { found = [:] }
            found[since] = .some(difference)
        }
        return difference.map(Way.difference) ?? .whole
    }

    /// The same with one more presentation before.
    func remembering(_ old: Snapshot) -> Presented {
        if past.contains(where: { $0.number == old.number }) { return self }
        return Presented(snapshot, serials: serials, past: Self.kept([old] + past))
    }

    /// What comes after this.
    func followed(by snapshot: Snapshot, serials: [ZoneView: ZoneSerials]) -> Presented {
        let isNext = snapshot.number > self.snapshot.number
        return Presented(snapshot, serials: serials, past: isNext ? Self.kept([self.snapshot] + past) : [])
    }

    /// Octets that presentations before may take, and differences; and how many presentations there may be.
    private static let most = (weight: 64 << 20, count: 128)

    private static func kept(_ past: [Snapshot]) -> [Snapshot] {
        var weight = 0
        return Array(
            past.prefix(most.count).prefix { snapshot in
                weight += snapshot.weight
                return weight <= most.weight
            })
    }
}

/// A difference sequence (RFC 1995 §4): one, from what the asker has to what is now.
final class Difference: Sendable {
    let from: [UInt8]
    let changes: RecordChanges
    let to: [UInt8]

    /// `nil` if it is no shorter than the zone.
    init?(from old: ZoneContent, _ before: Serial, to new: ZoneContent, _ after: Serial) {
        guard let changes = new.changes(since: old) else { return nil }
        self.changes = changes
        from = old.startRecord(before)
        to = new.startRecord(after)
    }
}
