import Pipeline
import TestSupport
import Testing

@testable import Rules

@Suite struct OctetPrefixTests {
    private static let places = ["aa", "bb", "cc"].map { Location($0)! }
    private static let otherwise = Location("zz")!

    private static func octets(_ address: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: address >> (24 - 8 * UInt32($0))) } }

    /// What tinydns would find: the longest prefix among the lines.
    private static func lookup(_ lines: [[UInt8]: Location], _ address: UInt32) -> Location? {
        let octets = octets(address)
        return (0...4).reversed().lazy.compactMap { lines[Array(octets[..<$0])] }.first
    }

    /// What the ranges say: the last that holds the address.
    private static func wanted(_ ranges: [OctetPrefixes.Range], _ address: UInt32) -> Location {
        ranges.last { $0.first <= address && address <= $0.last }?.location ?? otherwise
    }

    /// Ranges whose ends are near each other and near the bounds of networks.
    private static func ranges(_ random: inout Seeded) -> [OctetPrefixes.Range] {
        (0..<random.below(10)).map { _ in
            func address() -> UInt32 {
                switch random.below(4) {
                case 0: UInt32(random.below(3)) << 24 | UInt32(random.below(3)) << 16
                case 1: 0x0A00_0000 | UInt32(random.below(1 << 16))
                case 2: random.pick([0, .max, 0x0100_0000, 0x00FF_FFFF, 0x0A00_00FF, 0x0A00_0100, 0xFFFF_FFFE])
                default: UInt32(truncatingIfNeeded: random.next())
                }
            }
            let a = address(), b = address()
            return OctetPrefixes.Range(first: min(a, b), last: max(a, b), location: random.pick(places))
        }
    }

    private static func table(_ cover: OctetPrefixes.Cover) -> [[UInt8]: Location] {
        Dictionary(cover.lines.map { ($0.prefix, $0.location) }) { _, _ in preconditionFailure("a prefix comes twice") }
    }

    /// Where the answer can change: the ends of ranges and of networks around them, and anywhere.
    private static func samples(_ ranges: [OctetPrefixes.Range], _ random: inout Seeded) -> [UInt32] {
        var samples: [UInt32] = [0, .max]
        for end in ranges.flatMap({ [$0.first, $0.last] }) {
            samples += [end, end &- 1, end &+ 1, end & 0xFFFF_FF00, end | 0xFF, end & 0xFFFF_0000, end | 0xFFFF, end | 0xFF_FFFF]
        }
        for _ in 0..<200 { samples.append(UInt32(truncatingIfNeeded: random.next())) }
        return samples
    }

    @Test func exactWithFourOctets() {
        var random = Seeded(1)
        for _ in 0..<60 {
            let ranges = Self.ranges(&random)
            let cover = OctetPrefixes.cover(ranges, otherwise: Self.otherwise, longest: 4)
            let table = Self.table(cover)
            #expect(cover.misplaced == 0)
            for address in Self.samples(ranges, &random) where Self.lookup(table, address) != Self.wanted(ranges, address) {
                Issue.record("\(Self.octets(address)) of \(ranges)")
            }
        }
    }

    /// Three octets within 10.0.0.0/16, every address counted one by one.
    @Test func misplacedIsExact() {
        var random = Seeded(2)
        var some = false
        for _ in 0..<8 {
            let ranges = (0..<3).map { _ in
                let a = UInt32(random.below(1 << 14)), b = UInt32(random.below(1 << 14))
                return OctetPrefixes.Range(first: 0x0A00_0000 | min(a, b), last: 0x0A00_0000 | max(a, b), location: random.pick(Self.places))
            }
            let cover = OctetPrefixes.cover(ranges, otherwise: Self.otherwise, longest: 3)
            let table = Self.table(cover)
            #expect(cover.lines.allSatisfy { $0.prefix.count <= 3 })
            var wrong = 0
            for address in 0x0A00_0000...UInt32(0x0A00_FFFF) where Self.lookup(table, address) != Self.wanted(ranges, address) { wrong += 1 }
            #expect(cover.misplaced == wrong)
            some = some || wrong > 0
        }
        #expect(some)
    }

    /// A network with several locations goes to the one that has most of it.
    @Test func majority() {
        let ranges = [
            OctetPrefixes.Range(first: 0x0A00_0000, last: 0x0A00_0063, location: Self.places[0]),  // 100
            OctetPrefixes.Range(first: 0x0A00_0064, last: 0x0A00_00FF, location: Self.places[1]),  // 156
        ]
        let cover = OctetPrefixes.cover(ranges, otherwise: Self.otherwise, longest: 3)
        #expect(Self.table(cover) == [[]: Self.otherwise, [10, 0, 0]: Self.places[1]])
        #expect(cover.misplaced == 100)
    }

    /// Among all sets of lines that use the prefixes of a tiny tree, none is smaller.
    @Test func fewestLines() {
        var random = Seeded(3)
        let nets: [UInt32] = [0x0100_0000, 0x0101_0000, 0x0102_0000, 0x0200_0000]
        let prefixes: [[UInt8]] = [[1], [2], [1, 0], [1, 1], [1, 2]]
        let all = Self.places[..<2] + [Self.otherwise]
        for _ in 0..<25 {
            // Whole networks of one or two octets, so that other prefixes are of no use.
            let ranges = (0..<4).map { _ in
                let net = random.pick(nets + [0x0100_0000])
                let wide = net & 0x00FF_0000 == 0 && random.chance(2)
                return OctetPrefixes.Range(first: net, last: net | (wide ? 0x00FF_FFFF : 0xFFFF), location: random.pick(all))
            }.filter { $0.first != 0x0200_0000 || $0.last == 0x02FF_FFFF }
            let cover = OctetPrefixes.cover(ranges, otherwise: Self.otherwise, longest: 2)
            // Each prefix: no line, or one of three locations; the root always has a line.
            let probes: [UInt32] = nets + [0x0103_0000, 0x0300_0000, 0x01FF_0000, 0x0280_0000]
            var fewest = Int.max
            for root in all {
                for code in 0..<1024 {
                    var table: [[UInt8]: Location] = [[]: root]
                    for (at, prefix) in prefixes.enumerated() where code >> (2 * at) & 3 > 0 { table[prefix] = all[(code >> (2 * at) & 3) - 1] }
                    if table.count < fewest, probes.allSatisfy({ Self.lookup(table, $0) == Self.wanted(ranges, $0) }) { fewest = table.count }
                }
            }
            #expect(cover.lines.count <= fewest, "\(ranges)")
            let table = Self.table(cover)
            #expect(probes.allSatisfy { Self.lookup(table, $0) == Self.wanted(ranges, $0) })
        }
    }

    /// A line for the common location and one for the exception, not 256.
    @Test func exceptions() {
        var ranges = [OctetPrefixes.Range(first: 0x0A00_0000, last: 0x0AFF_FFFF, location: Self.places[0])]
        ranges.append(OctetPrefixes.Range(first: 0x0A07_0000, last: 0x0A07_FFFF, location: Self.places[1]))
        let cover = OctetPrefixes.cover(ranges, otherwise: Self.otherwise)
        #expect(Self.table(cover) == [[]: Self.otherwise, [10]: Self.places[0], [10, 7]: Self.places[1]])
        // 200 of 256 networks elsewhere: cheaper to turn the line above around.
        let many = [OctetPrefixes.Range(first: 0x0A00_0000, last: 0x0AC7_FFFF, location: Self.places[0])]
        #expect(OctetPrefixes.cover(many, otherwise: Self.otherwise).lines.count == 2 + 56)
    }

    @Test func nothing() {
        #expect(OctetPrefixes.cover([], otherwise: Self.otherwise).lines == [MapLine(prefix: [], location: Self.otherwise)])
        let backwards = [OctetPrefixes.Range(first: 5, last: 4, location: Self.places[0])]
        #expect(OctetPrefixes.cover(backwards, otherwise: Self.otherwise).lines.count == 1)
        let all = [OctetPrefixes.Range(first: 0, last: .max, location: Self.places[0])]
        #expect(OctetPrefixes.cover(all, otherwise: Self.otherwise).lines == [MapLine(prefix: [], location: Self.places[0])])
    }
}
