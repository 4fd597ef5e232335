internal import DNSWire
internal import Pipeline

/// Which serial each zone gets: a pure function of what was and what is.
enum Numbering {
    /// - Parameters:
    ///   - known: the serials so far.
    ///   - old: what they belong to.
    ///   - isRenewed: views are made in another way than before: every zone counts as changed.
    ///   - floor: the highest serials that this machine saw, should the store have been put back
    ///     from a copy, or be lost.
    static func serials(
        after known: [ZoneView: ZoneSerials], from old: Snapshot, to new: Snapshot, isRenewed: Bool, floor: [ZoneView: Serial]
    ) -> [ZoneView: ZoneSerials] {
        var serials = known
        for (view, part) in new.zones {
            for (apex, zone) in part.zones {
                let key = ZoneView(zone: apex, view: view)
                let least = floor[key]?.next
                guard var known = known[key] else {
                    serials[key] = ZoneSerials(steps: [.init(serial: least ?? first(zone), presentation: new.number)])
                    continue
                }
                let before = old.zone(key)
                let isBehind = floor[key]?.isNewer(than: known.serial) ?? false
                guard isRenewed || isBehind || known.isGone || before?.differs(from: zone) ?? true else { continue }
                // Who gives a zone another serial means something by it; who leaves it alone does not.
                let wish = before?.start.serial == zone.start.serial ? nil : zone.start.serial
                known.step(to: new.number, atLeast: isBehind ? least : wish)
                serials[key] = known
            }
        }
        for (key, zone) in known where !zone.isGone && new.zone(key) == nil { serials[key]?.isGone = true }
        return serials
    }

    private static func first(_ zone: ZoneContent) -> Serial { zone.start.serial.rawValue == 0 ? Serial(1) : zone.start.serial }
}
