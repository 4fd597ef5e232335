import DNSWire
import Pipeline
import RuleTesting
import TestSupport
import Testing

@testable import Rules

@Suite struct ReverseZoneTests {
    private func pointers(@RecordBuilder _ records: () -> Records) -> [String] {
        let evaluation = evaluate(records)
        #expect(evaluation.messages == [])
        return evaluation.records.filter { $0.key.type == .ptr }.map { "\($0.key.owner)" }
    }

    @Test func withoutAnyEveryAddress() {
        #expect(pointers { Host("h.", "192.0.2.1", "2001:db8::1") }.count == 2)
        // Zones of other data say nothing about reverse zones.
        #expect(pointers { Zone("z.") { SOA(primary: "n", mailbox: "m"); Host("h", "192.0.2.1") } } == ["1.2.0.192.in-addr.arpa."])
    }

    @Test func withSomeOnlyTheirs() {
        let found = pointers {
            Host("h.", "192.0.2.1", "192.0.3.1", "2001:db8::1")
            Host("h.", "192.0.2.9", ptr: false)
            ReverseZones("2.0.192.in-addr.arpa.", "7.ip6.arpa.")
        }
        #expect(found == ["1.2.0.192.in-addr.arpa."])
        let own = pointers {
            Host("h.", "192.0.2.1", "192.0.3.1", "203.0.113.5", "203.0.113.133")
            Zone("3.0.192.in-addr.arpa.") { SOA(primary: "n.", mailbox: "m.") }
            TTL(60) { Zone("113.0.203.in-addr.arpa.") { Zone("128/25") { SOA(primary: "n.", mailbox: "m.") } } }
        }
        #expect(own == ["1.3.0.192.in-addr.arpa.", "133.128/25.113.0.203.in-addr.arpa."])
    }

    @Test func smallestWins() {
        let found = pointers {
            ReverseZones("in-addr.arpa.", "0/25.2.0.192.in-addr.arpa.", "2.0.192.in-addr.arpa.", "32-47.2.0.192.in-addr.arpa.", "40.2.0.192.in-addr.arpa.")
            Host("h.", "192.0.2.31", "192.0.2.32", "192.0.2.47", "192.0.2.48", "192.0.2.40", "192.0.2.128", "8.8.8.8")
        }
        #expect(found == [
            "31.0/25.2.0.192.in-addr.arpa.", "32.32-47.2.0.192.in-addr.arpa.", "47.32-47.2.0.192.in-addr.arpa.",
            "48.0/25.2.0.192.in-addr.arpa.", "40.2.0.192.in-addr.arpa.", "128.2.0.192.in-addr.arpa.", "8.8.8.8.in-addr.arpa.",
        ])
    }

    @Test func zonesThatAreNone() {
        let start = #line
        let evaluation = evaluate {
            ReverseZones("example.net.")
            ReverseZones("256.0.192.in-addr.arpa.")
            ReverseZones("1.2.3.4.5.in-addr.arpa.")
            ReverseZones("10.ip6.arpa.")
            ReverseZones("g.ip6.arpa.")
            ReverseZones("64/25.2.0.192.in-addr.arpa.")
            ReverseZones("0/24.2.0.192.in-addr.arpa.")
            ReverseZones("0/33.2.0.192.in-addr.arpa.")
            ReverseZones("9-8.2.0.192.in-addr.arpa.")
            ReverseZones("0-256.2.0.192.in-addr.arpa.")
            ReverseZones("0/25.0.192.in-addr.arpa.")
            ReverseZones("01.0.192.in-addr.arpa.")
            ReverseZones("a..b")
            ReverseZones((0...32).map { _ in "0." }.joined() + "ip6.arpa.")
        }
        #expect(evaluation.faults.map { $0.source.line - start } == Array(2...15))
    }

    /// Against numbers alone: an address is in the zone that has most of its bits.
    @Test func anyZones() throws {
        var random = Seeded(5)
        for _ in 0..<300 {
            var set = ReverseZoneSet()
            var zones: [(name: String, first: UInt64, last: UInt64)] = []
            for _ in 0..<random.below(8) {
                let base = UInt64(random.below(2)) << 24 | UInt64(random.below(2)) << 16 | UInt64(random.below(2)) << 8
                func octet(_ i: Int) -> UInt64 { base >> UInt64(24 - 8 * i) & 0xFF }
                switch random.below(3) {
                case 0:
                    let count = 1 + random.below(3)
                    let name = (0..<count).reversed().map { "\(octet($0))." }.joined() + "in-addr.arpa."
                    let size: UInt64 = 1 << UInt64(32 - 8 * count)
                    zones.append((name, base / size * size, base / size * size + size - 1))
                case 1:
                    let length = UInt64(25 + random.below(8)), size: UInt64 = 1 << (32 - length)
                    let first = UInt64(random.below(256)) / size * size
                    zones.append(("\(first)/\(length).\(octet(2)).\(octet(1)).\(octet(0)).in-addr.arpa.", base + first, base + first + size - 1))
                default:
                    let a = UInt64(random.below(256)), b = UInt64(random.below(256))
                    zones.append(("\(min(a, b))-\(max(a, b)).\(octet(2)).\(octet(1)).\(octet(0)).in-addr.arpa.", base + min(a, b), base + max(a, b)))
                }
                try set.insert(try Name(zones.last!.name))
            }
            for _ in 0..<60 {
                let address = UInt64(random.below(2)) << 24 | UInt64(random.below(2)) << 16 | UInt64(random.below(2)) << 8 | UInt64(random.below(256))
                let octets = (0..<4).map { UInt8(truncatingIfNeeded: address >> UInt64(24 - 8 * $0)) }
                let holding = zones.filter { $0.first <= address && address <= $0.last }
                let smallest = holding.map { $0.last - $0.first }.min()
                let owner = set.owner(of: octets)
                #expect((owner == nil) == holding.isEmpty)
                guard let owner else { continue }
                // A zone of 256 addresses may be one cut by RFC 2317 or a whole /24.
                #expect(holding.contains { $0.last - $0.first == smallest && (try! owner.isWithin(Name($0.name))) }, "\(owner) \(holding)")
                let isPlain = owner == ReverseName.of(address: octets)
                #expect(owner.labels[0].elementsEqual("\(octets[3])".utf8) && owner.labels.count == (isPlain ? 6 : 7))
            }
        }
    }

    /// `ip6.arpa.` is cut at any nibble.
    @Test func nibbles() throws {
        var random = Seeded(6)
        let address = random.octets(16)
        let whole = try #require(ReverseName.of(address: address))
        var zone: Name? = whole
        while let candidate = zone, candidate.labels.count >= 2 {
            var set = ReverseZoneSet()
            try set.insert(candidate)
            #expect(set.owner(of: address) == whole)
            // Another nibble just below the cut, if there is one.
            let depth = candidate.labels.count - 2
            if depth > 0 {
                var other = address
                other[(depth - 1) / 2] ^= (depth - 1) % 2 == 0 ? 0x10 : 0x01
                #expect(set.owner(of: other) == nil)
            }
            zone = candidate.parent
        }
    }
}

@Suite struct ClasslessDelegationTests {
    @Test func aliasesLeadIntoTheZone() throws {
        struct Parent: Rule {
            var records: Records {
                Zone("113.0.203.in-addr.arpa.", ttl: 60) {
                    ClasslessDelegation("64/26.113.0.203.in-addr.arpa.", servers: ["ns1.customer.example."])
                    ClasslessDelegation("0-3.113.0.203.in-addr.arpa.", servers: ["ns1.customer.example."])
                }
            }
        }
        let result = try RuleTest(Parent(), zone: "113.0.203.in-addr.arpa.")
        #expect(result.faults.isEmpty)
        #expect(result.records("64/26", .ns) == ["ns1.customer.example."])
        for address in 0...255 {
            let zone = (64...127).contains(address) ? "64/26" : address < 4 ? "0-3" : nil
            #expect(result.records("\(address)", .cname) == (zone.map { ["\(address).\($0).113.0.203.in-addr.arpa."] } ?? []))
        }
    }

    @Test func otherZones() throws {
        struct Bad: Rule {
            var records: Records {
                for zone in ["113.0.203.in-addr.arpa.", "65/26.113.0.203.in-addr.arpa.", "64/26.113.0.203.in-addr.arpa", "a.b."] {
                    ClasslessDelegation(zone, servers: ["ns.example."])
                }
            }
        }
        #expect(try RuleTest(Bad()).faults.count == 4)
    }
}
