internal import DNSWire
internal import Pipeline

/// PTR and address, each against the other.
struct Reverse: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        if zone.isReverse {
            judgePointers(zone, index, &report)
        } else if !index.profile.off.contains(.fault(.ptrMissing)) {
            judgeAddresses(zone, index, &report)
        }
    }

    private func judgePointers(_ zone: ZoneIndex.Zone, _ index: ZoneIndex, _ report: inout Report) {
        index.forEach(.ptr, in: zone) { _, id in
            let set = index[id]
            guard let address = ReverseName.address(set.key.owner.wire) else { return }
            let type = address.count == 4 ? RRType.a : .aaaa
            for rdata in set.rdata {
                guard case .found(let host) = index.reach(rdata.wire, 0, for: set.key.location),
                    // An alias is judged as a target.
                    !index.has(.cname, at: host, for: set.key.location)
                else { continue }
                let known = index.sets(type, at: host, for: set.key.location).contains {
                    index[$0].rdata.contains { $0.wire == address }
                }
                if known { continue }
                let text = RData(opaque: address).text(type: type)
                report.add(.ptrMismatch, set, "PTR to \(rdata.text(type: .ptr)), which has no \(type) \(text)")
            }
        }
    }

    private func judgeAddresses(_ zone: ZoneIndex.Zone, _ index: ZoneIndex, _ report: inout Report) {
        index.forEach(.addresses, in: zone) { _, id in
            let set = index[id]
            for rdata in set.rdata {
                let name = ReverseName.wire(rdata.wire)
                let there =
                    switch index.reach(name, 0, for: set.key.location) {
                    case .elsewhere: true
                    case .missing: false
                    case .found(let pointer): index.has([.ptr, .cname], at: pointer, for: set.key.location)
                    }
                if !there {
                    report.add(
                        .ptrMissing, set, "\(rdata.text(type: set.key.type)) has no PTR at \(ZoneIndex.name(name, 0))")
                }
            }
        }
    }
}

/// Names below `in-addr.arpa.` (RFC 1035 §3.5) and `ip6.arpa.` (RFC 3596 §2.5).
enum ReverseName {
    private static let ipv4 = Array("\u{7}in-addr\u{4}arpa\u{0}".utf8)
    private static let ipv6 = Array("\u{3}ip6\u{4}arpa\u{0}".utf8)

    static func wire(_ address: [UInt8]) -> [UInt8] {
        var wire: [UInt8] = []
        for octet in address.reversed() {
            if address.count == 4 {
                let digits = Array(String(octet).utf8)
                wire += [UInt8(digits.count)] + digits
            } else {
                wire += [1, digit(octet & 15), 1, digit(octet >> 4)]
            }
        }
        return wire + (address.count == 4 ? ipv4 : ipv6)
    }

    /// The address of a whole reverse name; `nil` for others, those of RFC 2317 too.
    static func address(_ wire: [UInt8]) -> [UInt8]? {
        if wire.count == 64 + ipv6.count, ends(wire, in: ipv6) {
            var address: [UInt8] = []
            for i in stride(from: 60, through: 0, by: -4) {
                guard wire[i] == 1, wire[i + 2] == 1, let low = value(wire[i + 1]), let high = value(wire[i + 3]) else {
                    return nil
                }
                address.append(high << 4 | low)
            }
            return address
        }
        guard ends(wire, in: ipv4) else { return nil }
        let quad = TargetNames.leadingQuad(wire, 0)
        guard quad.labels == 4, wire.count - quad.end == ipv4.count else { return nil }
        var address: [UInt8] = []
        var at = 0
        while at < quad.end {
            let label = wire[at + 1...at + Int(wire[at])]
            guard label.count == 1 || label.first != 0x30 else { return nil }
            address.insert(UInt8(truncatingIfNeeded: label.reduce(0) { $0 * 10 + Int($1) - 0x30 }), at: 0)
            at += 1 + Int(wire[at])
        }
        return address
    }

    private static func ends(_ wire: [UInt8], in suffix: [UInt8]) -> Bool {
        wire.count >= suffix.count && zip(wire.suffix(suffix.count), suffix).allSatisfy { lower($0) == $1 }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
    private static func value(_ c: UInt8) -> UInt8? {
        switch lower(c) {
        case 0x30...0x39: c - 0x30
        case 0x61...0x66: lower(c) - 0x57
        default: nil
        }
    }
}
