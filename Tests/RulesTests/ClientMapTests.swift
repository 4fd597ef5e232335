import Pipeline
import RuleTesting
import TestSupport
import Testing

@testable import Rules

@Suite struct ClientMapTests {
    static let places = ["aa", "bb", "cc"].map { Location($0)! }
    static let otherwise = Location("zz")!

    /// Networks that nest and touch, most of them in one /22.
    static func networks(_ random: inout Seeded, _ most: Int = 12) -> [IPv4Prefix: Location] {
        var sites: [IPv4Prefix: Location] = [:]
        for _ in 0..<random.below(most) {
            let address: UInt32 = random.chance(8) ? UInt32(truncatingIfNeeded: random.next()) : 0x0A00_0000 | UInt32(random.below(1024))
            let length = random.chance(4) ? random.below(33) : 20 + random.below(13)
            sites[IPv4Prefix(holding: address, length: length)] = random.pick(places)
        }
        return sites
    }

    /// What the map says, by looking at every network.
    static func wanted(_ map: ClientMap, _ address: UInt32) -> (prefix: IPv4Prefix?, site: Location) {
        let holding = map.sites.filter { $0.key.first <= address && address <= $0.key.last }
        guard let longest = holding.max(by: { $0.key.length < $1.key.length }) else { return (nil, map.otherwise) }
        return (longest.key, longest.value)
    }

    static func served(_ table: [[UInt8]: Location], _ address: UInt32) -> Location? {
        let octets = (0..<4).map { UInt8(truncatingIfNeeded: address >> UInt32(24 - 8 * $0)) }
        return (0...4).reversed().lazy.compactMap { table[Array(octets[..<$0])] }.first
    }

    @Test func prefixes() {
        var random = Seeded(1)
        for _ in 0..<500 {
            let address = UInt32(truncatingIfNeeded: random.next()), length = random.below(33)
            let prefix = IPv4Prefix(holding: address, length: length)
            #expect(prefix.contains(address))
            #expect(IPv4Prefix(prefix.description) == prefix)
            #expect(prefix.count == Int(prefix.last) - Int(prefix.first) + 1)
            #expect(UInt64(prefix.count) == 1 << UInt64(32 - length))
            if prefix.first != address { #expect(IPv4Prefix(first: address, length: length) == nil) }
        }
        #expect(IPv4Prefix("192.0.2.1") == IPv4Prefix(first: 0xC000_0201, length: 32))
        #expect(IPv4Prefix("0.0.0.0/0")?.last == .max)
        for text in ["", "/", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "10.0.0.0/+8", "10.0.0.0/08", "10/8", "10.0.0.1/8", "10.0.0.0/8/8", "::/0"] {
            #expect(IPv4Prefix(text) == nil, "\(text)")
        }
    }

    /// Each address is at the site of its longest network, unless the report names it;
    /// and the report names no other.
    @Test func everyAddressOrReported() {
        var random = Seeded(2)
        var some = 0
        for round in 0..<60 {
            let map = ClientMap(Self.networks(&random), otherwise: Self.otherwise)
            let longest = round % 5 == 0 ? 4 : 3
            let expansion = map.expanded(longest: longest)
            let table = Dictionary(uniqueKeysWithValues: expansion.lines.map { ($0.prefix, $0.location) })
            var probes = Array(0x0A00_0000...UInt32(0x0A00_07FF))
            for prefix in map.sites.keys { probes += [prefix.first, prefix.last, prefix.first &- 1, prefix.last &+ 1] }
            for part in expansion.misplaced { probes += [part.first, part.last, part.first &- 1, part.last &+ 1] }
            for _ in 0..<100 { probes.append(UInt32(truncatingIfNeeded: random.next())) }
            for address in probes {
                let wanted = Self.wanted(map, address)
                #expect(map.site(of: address) == wanted.site)
                let served = Self.served(table, address)
                let reported = expansion.misplaced.filter { $0.first <= address && address <= $0.last }
                guard served != wanted.site else {
                    if !reported.isEmpty { Issue.record("\(IPv4Prefix.text(address)) is reported and right") }
                    continue
                }
                some += 1
                let isRight = reported.count == 1 && reported[0].prefix == wanted.prefix
                    && reported[0].wanted == wanted.site && reported[0].served == served
                if !isRight { Issue.record("\(IPv4Prefix.text(address)): \(reported) \(wanted)") }
            }
            if longest == 4 { #expect(expansion.misplaced.isEmpty) }
        }
        #expect(some > 1000)
    }

    /// Demand is shared evenly among the addresses that no longer network has.
    @Test func misplacedDemand() throws {
        let map = ClientMap(["10.0.0.0/24": "aa", "10.0.0.0/26": "bb", "10.0.0.8/29": "cc"], otherwise: "zz")
        let half = try #require(IPv4Prefix("10.0.0.0/26")), inner = try #require(IPv4Prefix("10.0.0.8/29"))
        let expansion = map.expanded(demand: [half: 56, inner: 3])
        #expect(expansion.misplacedAddresses == 64)
        #expect(expansion.misplacedDemand == 59)
        #expect(expansion.misplaced.map(\.prefix) == [half, inner, half])
        #expect(expansion.misplaced.map(\.demand) == [8, 3, 48])
        #expect(expansion.misplaced.allSatisfy { $0.served == Self.places[0] })
    }

    /// All demand comes to some line, and to each line that of the addresses that are its own.
    @Test func demandOfLines() throws {
        var random = Seeded(7)
        for _ in 0..<30 {
            let map = ClientMap(Self.networks(&random), otherwise: Self.otherwise)
            let demand = Dictionary(uniqueKeysWithValues: map.sites.keys.map { ($0, Double.random(in: 0...9, using: &random)) })
            let lines = map.expanded(demand: demand).lines
            // A network whose addresses are all in longer ones has none of its own to ask from.
            let own = map.sites.keys.filter { prefix in
                let inner = map.sites.keys.filter { $0 != prefix && $0.first >= prefix.first && $0.last <= prefix.last }
                let outermost = inner.filter { one in !inner.contains { $0 != one && $0.first <= one.first && $0.last >= one.last } }
                return outermost.reduce(0) { $0 + $1.count } < prefix.count
            }
            let asked = own.reduce(0) { $0 + demand[$1]! }
            #expect(abs(lines.reduce(0) { $0 + $1.demand } - asked) < 1e-6 * max(1, asked))
        }
        let half = try #require(IPv4Prefix("10.0.0.0/23"))
        let split = ClientMap(["10.0.0.0/23": "aa", "10.0.1.0/24": "bb"], otherwise: "zz").expanded(demand: [half: 6])
        #expect(split.lines.filter { $0.demand > 0 }.map(\.prefix) == [[10, 0, 0]])
    }

    @Test func faultsOfText() {
        let start = #line
        let map = ClientMap(
            [
                "10.0.0.0/8": "aa", "10.0.0.1/8": "aa", "2001:db8::/32": "bb", "11.0.0.0/8": "long", "10.0.0.0/8": "bb",
            ], otherwise: "")
        let evaluation = evaluate { LocationMap(map) }
        #expect(evaluation.faults.map { $0.source.line - start } == [1, 1, 1, 1, 1])
        #expect(evaluation.map.isEmpty)
        for (message, word) in zip(evaluation.messages, ["first address", "IPv4 alone", "'long'", "10.0.0.0/8 is at bb", "''"]) {
            #expect(message.contains(word), "\(message)")
        }
        #expect(evaluate { LocationMap(ClientMap([:], otherwise: "zz"), longest: 5) }.faults.count == 1)
    }

    struct FromFile: Rule {
        @Input("map", { try ClientMap($0, otherwise: "zz") }) var map: ClientMap
        var records: Records { LocationMap(map) }
    }

    @Test func file() throws {
        let good = try RuleTest(FromFile(), inputs: ["map": "# clients\n10.0.0.0/8, aa\n\n 10.1.0.0/16\tbb # ours\r\n"])
        #expect(good.faults.isEmpty)
        #expect(good.location(of: "10.1.2.3") == "bb")
        #expect(good.location(of: "10.2.2.3") == "aa")
        #expect(good.location(of: "9.2.2.3") == "zz")
        for text in ["10.0.0.0/8", "10.0.0.0/8 aa bb", "10.0.0.0/8 toolong", "10.0.0.1/8 aa", "10.0.0.0/8 aa\n10.0.0.0/8 aa"] {
            let result = try RuleTest(FromFile(), inputs: ["map": .text("11.0.0.0/8 aa\n" + text)])
            #expect(result.faults.count == 1)
            #expect(result.faults.first?.source == SourceLine(file: "map", line: text.contains("\n") ? 3 : 2), "\(text)")
        }
    }
}
