public import DNSWire
internal import Pipeline

/// How much one change may do without being acknowledged for itself.
///
/// Shares count by zone and over all: small zones too, from a few records on. What
/// cuts a zone off from its clients is always named.
public struct BlastRadius: Hashable, Sendable {
    /// The share of a zone's RRsets that may be removed, 0 to 1.
    public var removals: Double
    /// The share of a zone's RRsets that may be changed, 0 to 1.
    public var updates: Double
    /// Fewer removals or updates than this are never too many.
    public var least: Int
    /// Clients' addresses that may move to another location.
    public var addresses: Int

    public init(removals: Double = 0.3, updates: Double = 0.3, least: Int = 2, addresses: Int = 1 << 28) {
        self.removals = removals
        self.updates = updates
        self.least = least
        self.addresses = addresses
    }

    /// Why these changes need an acknowledgement, in the order of the zones.
    public func breaches(of zones: [Plan.ZoneChanges], addressesMoved moved: Int) -> [Breach] {
        var breaches: [Breach] = []
        var total = (existing: 0, removed: 0, updated: 0)
        for zone in zones {
            let removed = zone.changes.count { $0.kind == .remove }, updated = zone.changes.count { $0.kind == .change }
            total = (total.existing + zone.existing, total.removed + removed, total.updated + updated)
            // A zone that was not there has nothing to lose.
            if zone.existing > 0 {
                if exceeds(removed, zone.existing, removals) {
                    breaches.append(Breach(.removals, zone.zone, "\(removed) of \(zone.existing) RRsets removed"))
                }
                if exceeds(updated, zone.existing, updates) {
                    breaches.append(Breach(.updates, zone.zone, "\(updated) of \(zone.existing) RRsets changed"))
                }
            }
            breaches += zone.changes.compactMap { named($0, in: zone.zone) }
        }
        if moved > addresses {
            breaches.append(Breach(.map, nil, "\(moved) addresses move to another location, over \(addresses)"))
        }
        return breaches
    }

    private func exceeds(_ count: Int, _ existing: Int, _ share: Double) -> Bool {
        count >= least && Double(count) > share * Double(existing)
    }

    /// Removing or changing these hurts more than the record it is.
    private func named(_ change: RecordDiff.Change, in zone: Name?) -> Breach? {
        guard change.kind != .add, let zone else { return nil }
        let isApex = change.key.owner == zone
        switch change.key.type {
        case .soa where change.kind == .remove: return Breach(.zoneRemoved, zone, "the zone is removed")
        case .ns where change.before?.rdata == change.after?.rdata: return nil
        case .ns where isApex: return Breach(.apexNS, zone, "\(change.key): the zone's name servers change")
        case .ns, .ds: return Breach(.delegation, zone, "\(change.key): a delegation changes")
        default: return nil
        }
    }
}

/// One reason why a plan needs an acknowledgement.
public struct Breach: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable { case removals, updates, apexNS, delegation, zoneRemoved, map, conflict }

    public let kind: Kind
    /// `nil`: no zone of its own.
    public let zone: Name?
    public let message: String

    public init(_ kind: Kind, _ zone: Name?, _ message: String) {
        self.kind = kind
        self.zone = zone
        self.message = message
    }

    public var description: String { zone.map { "\($0): \(message)" } ?? message }
}
