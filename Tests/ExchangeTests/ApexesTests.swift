import DNSWire
import TestSupport
import Testing

@testable import Exchange

/// The zone that a name is in, beside going through all of them.
@Suite struct ApexesTests {
    @Test(arguments: 0..<4)
    func closest(_ seed: Int) {
        var random = Seeded(UInt64(seed))
        var zones: [Name] = (0..<40).map { _ in random.name() }
        for zone in zones.prefix(20) { zones.append(random.name(below: zone)) }
        if random.chance(2) { zones.append(.root) }
        let apexes = Apexes(zones)
        var found = 0
        for _ in 0..<500 {
            let name = random.chance(3) ? random.name() : random.name(below: random.pick(zones))
            let closest = zones.filter { name.isWithin($0) }.max { $0.wire.count < $1.wire.count }
            #expect(apexes.zone(of: name) == closest)
            if closest != nil { found += 1 }
        }
        #expect(found > 200)
        #expect(Apexes([]).zone(of: zones[0]) == nil)
    }

    /// Names are looked up whatever their case, and labels are not taken for others with the same letters.
    @Test func letters() throws {
        let apexes = Apexes([try Name("Example.NET"), try Name("a.example.net"), try Name("xexample.net")])
        #expect(apexes.zone(of: try Name("W.eXAMPLE.net"))?.description == "Example.NET.")
        #expect(apexes.zone(of: try Name("b.A.example.net")) == (try Name("a.example.net")))
        #expect(apexes.zone(of: try Name("net")) == nil)
        #expect(Apexes([try Name(wire: [1, 0x40, 0])]).zone(of: try Name(wire: [1, 0x60, 0])) == nil)
    }
}
