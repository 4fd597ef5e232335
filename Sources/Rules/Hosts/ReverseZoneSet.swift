internal import DNSWire

/// The managed reverse zones, and where in them an address has its PTR.
struct ReverseZoneSet {
    /// Zones at whole octets or nibbles.
    private var zones: Set<Name> = []
    /// Zones of RFC 2317, by the /24 they are cut from.
    private var classless: [Name: [Classless]] = [:]

    private struct Classless {
        var zone: Name
        var range: ClosedRange<UInt8>
    }

    /// A declared zone that is none.
    struct Fault: Error {
        var message: String
    }

    var isEmpty: Bool { zones.isEmpty && classless.isEmpty }

    /// Takes a zone below `in-addr.arpa.` or `ip6.arpa.`, or one of those.
    mutating func insert(_ zone: Name) throws(Fault) {
        let labels = zone.labels.map { String(decoding: $0, as: UTF8.self).lowercased() }
        if zone.isWithin(ReverseName.ipv6) {
            let nibbles = labels.dropLast(2)
            guard nibbles.count <= 32, nibbles.allSatisfy({ $0.utf8.count == 1 && UInt8($0, radix: 16) != nil }) else {
                throw Fault(message: "\(zone) is no reverse zone: a label is not one hexadecimal digit")
            }
            zones.insert(zone)
            return
        }
        guard zone.isWithin(ReverseName.ipv4) else {
            throw Fault(message: "\(zone) is no reverse zone: it is not below in-addr.arpa. or ip6.arpa.")
        }
        let parts = labels.dropLast(2)
        let octets = parts.compactMap(Self.octet)
        if octets.count == parts.count, octets.count <= 4 {
            zones.insert(zone)
            return
        }
        guard parts.count == 4, octets.count == 3, Self.octet(parts[0]) == nil, let parent = zone.parent else {
            throw Fault(message: "\(zone) is no reverse zone: a label is not a number of 0 to 255")
        }
        guard let range = Self.range(parts[0]) else {
            throw Fault(message: "\(zone) is no reverse zone: '\(parts[0])' is neither START/LENGTH nor FIRST-LAST")
        }
        var list = classless[parent] ?? []
        if !list.contains(where: { $0.zone == zone }) { list.append(Classless(zone: zone, range: range)) }
        classless[parent] = list
    }

    /// Where the PTR of an address (4 or 16 octets) stands; `nil` if no zone here has it.
    func owner(of address: [UInt8]) -> Name? {
        guard let name = ReverseName.of(address: address) else { return nil }
        if zones.contains(name) { return name }
        var zone = name.parent
        if address.count == 4, let network = zone, let owner = classlessOwner(address[3], in: network) { return owner }
        while let candidate = zone {
            if zones.contains(candidate) { return name }
            zone = candidate.parent
        }
        return nil
    }

    private func classlessOwner(_ octet: UInt8, in network: Name) -> Name? {
        let fitting = (classless[network] ?? []).filter { $0.range.contains(octet) }
        let smallest = fitting.min { ($0.range.count, $0.zone.description) < ($1.range.count, $1.zone.description) }
        return smallest.flatMap { try? Name("\(octet)", relativeTo: $0.zone) }
    }

    /// The addresses of a zone of RFC 2317; `nil` for any other name.
    static func classlessRange(of zone: Name) -> ClosedRange<UInt8>? {
        let labels = zone.labels.map { String(decoding: $0, as: UTF8.self).lowercased() }
        guard zone.isWithin(ReverseName.ipv4), labels.count == 6, labels[1...3].allSatisfy({ octet($0) != nil }) else { return nil }
        return range(labels[0])
    }

    private static func octet(_ label: String) -> UInt8? {
        guard (1...3).contains(label.utf8.count), label.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return label.utf8.count > 1 && label.hasPrefix("0") ? nil : UInt8(label)
    }

    /// `128/26` or `128-191`.
    private static func range(_ label: String) -> ClosedRange<UInt8>? {
        guard let separator = label.first(where: { $0 == "/" || $0 == "-" }) else { return nil }
        let parts = label.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == 2, let first = octet(String(parts[0])), let second = octet(String(parts[1])) else {
            return nil
        }
        if separator == "-" { return first <= second ? first...second : nil }
        guard (25...32).contains(second) else { return nil }
        let rest = UInt8((1 << (32 - Int(second))) - 1)
        return first & rest == 0 ? first...(first | rest) : nil
    }
}
