internal import DNSWire
internal import Pipeline

/// Names of hosts: owners of addresses and mail exchanges, targets of NS, MX and SRV.
struct HostNames: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach([.a, .aaaa, .mx], in: zone) { name, id in
            let flags = index.entries[name.index].flags.intersection([.underscore, .notHost])
            guard !flags.isEmpty else { return }
            add(flags, index[id], "the owner of \(index[id].key.type), \(index[id].key.owner),", &report)
        }
        index.forEach([.ns, .mx, .srv], in: zone) { _, id in
            let type = index[id].key.type
            guard let at = ZoneIndex.targetOffset(type) else { return }
            for rdata in index[id].rdata {
                let flags = HostLabel.flagsOfName(rdata.wire, at)
                guard !flags.isEmpty else { continue }
                add(flags, index[id], "the target of \(type), \(ZoneIndex.name(rdata.wire, at)),", &report)
            }
        }
    }

    private func add(_ flags: NameEntry.Flags, _ set: RecordSet, _ subject: String, _ report: inout Report) {
        if flags.contains(.underscore) { report.add(.hostUnderscore, set, "\(subject) has an underscore") }
        if flags.contains(.notHost) {
            report.add(.hostCharacters, set, "\(subject) is not of letters, digits and inner hyphens alone")
        }
    }
}

/// Addresses that no client of a public zone can reach.
struct Addresses: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach(.addresses, in: zone) { _, id in
            for rdata in index[id].rdata {
                guard let kind = AddressKind(rdata.wire) else { continue }
                let set = index[id]
                let text = { "\(rdata.text(type: set.key.type)) is \(kind.rawValue)" }
                switch kind {
                case .private where zone.isPrivate, .loopback where zone.isPrivate: break
                case .private: report.add(.privateAddress, set, text())
                case .loopback: report.add(.loopbackAddress, set, text())
                case .linkLocal: report.add(.linkLocalAddress, set, text())
                case .documentation:
                    report.add(.documentationAddress, set, level: zone.isExample ? .advice : nil, text())
                case .bogon: report.add(.bogonAddress, set, text())
                }
            }
        }
    }
}

/// Addresses that are not globally reachable (RFC 6890 and the IANA registries
/// "Special-Purpose Address" for IPv4 and IPv6).
enum AddressKind: String {
    case `private` = "a private address"
    case loopback = "a loopback address"
    case linkLocal = "a link-local address"
    case documentation = "reserved for documentation"
    case bogon = "not an address of a host on the Internet"

    private struct Block {
        var octets: [UInt8]
        var bits: Int
        var kind: AddressKind

        init?(_ text: String, _ bits: Int, _ kind: AddressKind) {
            guard let octets = IPv4Text.parse(text) ?? IPv6Text.parse(text) else { return nil }
            (self.octets, self.bits, self.kind) = (octets, bits, kind)
        }

        func contains(_ address: [UInt8]) -> Bool {
            let whole = bits / 8
            for i in 0..<whole where address[i] != octets[i] { return false }
            return bits % 8 == 0 || (address[whole] ^ octets[whole]) >> UInt8(8 - bits % 8) == 0
        }
    }

    private static let ipv4 = [
        Block("10.0.0.0", 8, .private), Block("172.16.0.0", 12, .private), Block("192.168.0.0", 16, .private),
        Block("100.64.0.0", 10, .private), Block("127.0.0.0", 8, .loopback), Block("169.254.0.0", 16, .linkLocal),
        Block("192.0.2.0", 24, .documentation), Block("198.51.100.0", 24, .documentation),
        Block("203.0.113.0", 24, .documentation), Block("0.0.0.0", 8, .bogon), Block("192.0.0.0", 24, .bogon),
        Block("192.88.99.0", 24, .bogon), Block("198.18.0.0", 15, .bogon), Block("224.0.0.0", 3, .bogon),
    ].compactMap { $0 }

    private static let ipv6 = [
        Block("fc00::", 7, .private), Block("::1", 128, .loopback), Block("fe80::", 10, .linkLocal),
        Block("2001:db8::", 32, .documentation), Block("3fff::", 20, .documentation),
        // In the unicast space (2000::/3): Teredo, benchmarking, ORCHID, 6to4.
        Block("2001::", 32, .bogon), Block("2001:2::", 48, .bogon), Block("2001:10::", 28, .bogon),
        Block("2001:20::", 28, .bogon), Block("2002::", 16, .bogon),
    ].compactMap { $0 }

    /// IPv4 addresses behind a translator (RFC 6052), the one prefix outside 2000::/3 that is routed.
    private static let translated = Block("64:ff9b::", 96, .bogon)

    /// `nil` for a globally reachable address, or octets that are none.
    init?(_ octets: [UInt8]) {
        switch octets.count {
        case 4:
            guard let block = Self.ipv4.first(where: { $0.contains(octets) }) else { return nil }
            self = block.kind
        case 16:
            if let block = Self.ipv6.first(where: { $0.contains(octets) }) {
                self = block.kind
            } else if octets[0] >> 5 != 1, Self.translated?.contains(octets) != true {
                self = .bogon
            } else {
                return nil
            }
        default: return nil
        }
    }
}
