import Pipeline
import RuleTesting
import TestSupport
import Testing

@testable import Rules

@Suite struct PlacementTests {
    private static let sites = ["aa", "bb", "cc", "dd"].map { Location($0)! }
    private static let otherwise = Location("zz")!

    private static func row(_ prefix: String, _ site: String, _ time: Double, _ demand: Double, samples: Int = 10) -> SiteDistance {
        SiteDistance(prefix: IPv4Prefix(prefix)!, site: Location(site)!, roundTrip: time, samples: samples, demand: demand)
    }

    private static func rows(_ random: inout Seeded) -> [SiteDistance] {
        var rows: [SiteDistance] = []
        for _ in 0..<random.below(20) {
            let prefix = IPv4Prefix(holding: 0x0A00_0000 | UInt32(random.below(1 << 16)), length: 16 + random.below(10))
            let demand = random.chance(10) ? -1 : Double(random.below(50)) / 4
            for site in sites + [otherwise] where !random.chance(3) {
                let time = random.chance(15) ? random.pick([-1, .nan, .infinity]) : Double(random.below(40))
                rows.append(SiteDistance(prefix: prefix, site: site, roundTrip: time, samples: random.below(6), demand: demand))
            }
        }
        return rows
    }

    /// Whatever the rows: no site has more than it can take, every network is somewhere, sums
    /// agree, and who is not at its closest site could not have been there.
    @Test func properties() throws {
        var random = Seeded(1)
        var overflows = 0, unplaced = 0
        for _ in 0..<300 {
            let rows = Self.rows(&random)
            var capacities: [Location: Double] = [:]
            for site in Self.sites.dropLast() { capacities[site] = Double(random.below(60)) }
            let minimum = random.below(4)
            func place(_ rows: [SiteDistance]) -> Placement {
                ClientMap.placing(rows, capacities: capacities, otherwise: Self.otherwise, minimumSamples: minimum)
            }
            let placement = place(rows)
            #expect(Set(placement.map.sites.keys) == Set(rows.map(\.prefix)))
            var load: [Location: Double] = [:]
            for (prefix, site) in placement.map.sites { load[site, default: 0] += placement.demand[prefix] ?? .nan }
            for site in placement.sites {
                #expect(site.demand == load[site.site] ?? 0)  // quarters add up exactly
                #expect(site.capacity == capacities[site.site])
                if site.site != Self.otherwise { #expect(site.demand <= site.capacity ?? -1) }
            }
            #expect(Set(load.keys).isSubset(of: placement.sites.map(\.site)))
            for prefix in placement.map.sites.keys {
                let usable = rows.filter { row in
                    row.prefix == prefix && row.samples >= minimum && row.demand >= 0 && row.roundTrip >= 0
                        && row.roundTrip.isFinite && capacities[row.site] != nil
                }
                let site = placement.map.sites[prefix]!, demand = placement.demand[prefix]!
                let own = usable.filter { $0.site == site }.max { ($0.samples, -$0.roundTrip) < ($1.samples, -$1.roundTrip) }
                if own == nil { #expect(site == Self.otherwise && placement.unplaced.contains(prefix)) }
                for other in Set(usable.map(\.site)) where other != site {
                    let best = usable.filter { $0.site == other }.max { ($0.samples, -$0.roundTrip) < ($1.samples, -$1.roundTrip) }!
                    guard best.roundTrip < own?.roundTrip ?? .infinity else { continue }
                    // A closer one is full of networks with as much demand or more.
                    let before = placement.map.sites.filter { $0.value == other }
                        .filter { (placement.demand[$0.key]!, prefix) > (demand, $0.key) }.reduce(0) { $0 + placement.demand[$1.key]! }
                    #expect(before + demand > capacities[other]!)
                    #expect(placement.overflowed.contains { $0.prefix == prefix })
                }
            }
            #expect(placement.ignored.count <= rows.count)
            overflows += placement.overflowed.count
            unplaced += placement.unplaced.count
            // The order of rows does not count.
            let again = place(rows.shuffled(using: &random))
            #expect(again.map.sites == placement.map.sites)
            #expect(again.overflowed == placement.overflowed && again.sites == placement.sites)
        }
        #expect(overflows > 100 && unplaced > 100)
    }

    @Test func largestFirstAndOverflow() {
        let rows = [
            Self.row("10.0.0.0/24", "aa", 10, 4), Self.row("10.0.0.0/24", "bb", 20, 4),
            Self.row("10.0.1.0/24", "aa", 10, 8), Self.row("10.0.1.0/24", "bb", 11, 8),
            Self.row("10.0.2.0/24", "aa", 10, 3), Self.row("10.0.3.0/24", "aa", 1, 9),
        ]
        let placement = ClientMap.placing(rows, capacities: [Self.sites[0]: 12, Self.sites[1]: 8], otherwise: Self.otherwise)
        #expect(placement.map.sites.sorted { $0.key < $1.key }.map(\.value.description) == ["zz", "bb", "aa", "aa"])
        #expect(placement.overflowed.map(\.prefix.description) == ["10.0.0.0/24", "10.0.1.0/24"])
        #expect(placement.overflowed.map { "\($0.from)>\($0.to) \($0.demand)" } == ["aa>zz 4.0", "aa>bb 8.0"])
        #expect(placement.unplaced.map(\.description) == ["10.0.0.0/24"])
        #expect(placement.sites.map { "\($0.site) \($0.demand) \($0.capacity ?? -1) \($0.addresses)" } == ["aa 12.0 12.0 512", "bb 8.0 8.0 256", "zz 4.0 -1.0 256"])
        #expect(placement.meanRoundTrip == nil)
    }

    /// A network stays unless another site is closer by more than the margin.
    @Test func hysteresis() throws {
        let rows = [Self.row("10.0.0.0/24", "aa", 10, 1), Self.row("10.0.0.0/24", "bb", 15, 1), Self.row("10.0.1.0/24", "aa", 10, 3), Self.row("10.0.1.0/24", "bb", 16, 3)]
        let former = ClientMap(["10.0.0.0/8": "bb"], otherwise: "zz")
        func place(_ margin: Double) -> Placement {
            ClientMap.placing(rows, capacities: [Self.sites[0]: 9, Self.sites[1]: 9], otherwise: Self.otherwise, former: former, hysteresis: margin)
        }
        #expect(place(0).moved.map(\.prefix.description) == ["10.0.0.0/24", "10.0.1.0/24"])
        #expect(place(5).moved.map { "\($0.prefix) \($0.from) \($0.to) \($0.demand)" } == ["10.0.1.0/24 bb aa 3.0"])
        #expect(place(6).moved.isEmpty)
        #expect(place(-7).moved.count == 2)
        let mean = try #require(place(5).meanRoundTrip)
        #expect(mean.before == (15.0 + 3 * 16) / 4)
        #expect(mean.after == (15.0 + 3 * 10) / 4)
    }

    @Test func ignoredRows() {
        let rows = [
            Self.row("10.0.0.0/24", "aa", 10, 1), Self.row("10.0.0.0/24", "aa", 9, 1), Self.row("10.0.0.0/24", "aa", 1, 1, samples: 9),
            Self.row("10.0.0.0/24", "dd", 1, 1), Self.row("10.0.0.0/24", "bb", 1, 2, samples: 2), Self.row("10.0.0.0/24", "bb", .nan, 1),
            Self.row("10.0.0.0/24", "bb", 1, -1), Self.row("10.0.0.0/24", "bb", 1, 1, samples: -1),
        ]
        let placement = ClientMap.placing(rows, capacities: [Self.sites[0]: 9, Self.sites[1]: 9], otherwise: Self.otherwise, minimumSamples: 3)
        #expect(placement.ignored.map(\.reason) == [.repeated, .repeated, .unknownSite, .fewSamples, .notANumber, .notANumber, .notANumber])
        #expect(placement.ignored.prefix(2).map(\.row.roundTrip) == [10, 1])
        #expect(placement.map.sites.values.map(\.description) == ["aa"])
        #expect(placement.demand.values.first == 2)
    }

    struct Computed: Rule {
        @Input("rows", SiteDistance.rows) var rows: [SiteDistance]
        var records: Records {
            LocationMap(ClientMap.placing(rows, capacities: [Location("aa")!: 1], otherwise: Location("zz")!).map)
        }
    }

    /// A network without room is at the default site also inside one that has it.
    @Test func tables() throws {
        let text = "prefix,site,ms,samples,demand\n# mine\n10.0.0.0/8,aa,1,1,1\n 10.1.0.0/16 , aa , 1.5, 1 ,0.5\r\n\n"
        let result = try RuleTest(Computed(), inputs: ["rows": .text(text)])
        #expect(result.faults.isEmpty)
        #expect(result.location(of: "10.0.0.1") == "aa")
        #expect(result.location(of: "10.1.0.1") == "zz")
        for line in ["10.0.0.0/8,aa,1,1", "10.0.0.0/8,aa,x,1,1", "10.0.0.1/8,aa,1,1,1", "10.0.0.0/8,site,1,1,1", "10.0.0.0/8,aa,1,1.5,1", "10.0.0.0/8,aa,1,1,1,1"] {
            let bad = try RuleTest(Computed(), inputs: ["rows": .text("#\n" + line)])
            #expect(bad.faults.map(\.source) == [SourceLine(file: "rows", line: 2)], "\(line)")
        }
    }
}
