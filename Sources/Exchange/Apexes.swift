internal import DNSWire

/// Zones, to find the one that a name is in.
struct Apexes {
    private struct Zone {
        var name: Name
        var canonical: [UInt8]
    }

    /// By how many octets their names have, then in the order of their canonical octets.
    private var zones = [[Zone]](repeating: [], count: 256)

    init(_ zones: some Sequence<Name>) {
        for name in zones { self.zones[name.wire.count].append(Zone(name: name, canonical: name.canonicalWire)) }
        for count in self.zones.indices {
            self.zones[count].sort { $0.canonical.lexicographicallyPrecedes($1.canonical) }
        }
    }

    /// The closest zone at the name or above it.
    func zone(of name: Name) -> Name? {
        name.wire.withUnsafeBufferPointer { wire in
            var at = 0
            while true {
                if let zone = zone(UnsafeBufferPointer(rebasing: wire[at...])) { return zone }
                if wire[at] == 0 { return nil }
                at += 1 + Int(wire[at])
            }
        }
    }

    private func zone(_ wire: UnsafeBufferPointer<UInt8>) -> Name? {
        let candidates = zones[wire.count]
        var range = candidates.indices
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            let order = Self.order(wire, candidates[middle].canonical)
            if order == 0 { return candidates[middle].name }
            range = order < 0 ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return nil
    }

    /// Below, at or above zero as octets, taken in lower case, come before, with or after others of the same number.
    private static func order(_ wire: UnsafeBufferPointer<UInt8>, _ canonical: [UInt8]) -> Int {
        for (octet, other) in zip(wire, canonical) {
            let lower = octet &- 0x41 < 26 ? octet | 0x20 : octet
            if lower != other { return Int(lower) - Int(other) }
        }
        return 0
    }
}
