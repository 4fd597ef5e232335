internal import DNSWire

/// Zones, to find the one that a name is in.
struct Apexes {
    /// By canonical octets.
    private var zones: [[UInt8]: Name] = [:]
    /// Which lengths these octets have: other parts of a name are not looked up.
    private var lengths = [Bool](repeating: false, count: 256)

    init(_ zones: some Sequence<Name>) {
        for zone in zones {
            self.zones[zone.canonicalWire] = zone
            lengths[zone.wire.count] = true
        }
    }

    /// The closest zone at the name or above it.
    func zone(of name: Name) -> Name? {
        if zones.isEmpty { return nil }
        let wire = name.canonicalWire
        var at = 0
        while true {
            if lengths[wire.count - at], let zone = zones[Array(wire[at...])] { return zone }
            if wire[at] == 0 { return nil }
            at += 1 + Int(wire[at])
        }
    }
}
