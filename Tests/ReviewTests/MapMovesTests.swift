import Pipeline
import Review
import TestSupport
import Testing

@Suite struct MapMovesTests {
    static func entry(_ prefix: [UInt8], _ location: String, demand: Double = 0) -> MapEntry {
        MapEntry(prefix: prefix, location: Location(location)!, demand: demand, origin: Origin(source: "x"))
    }

    /// A line for a network counts only for clients that no longer line takes from it.
    @Test func longestCounts() {
        let old = [Self.entry([10], "aa"), Self.entry([10, 1], "bb")]
        let new = [Self.entry([10], "cc", demand: 256), Self.entry([10, 1], "bb", demand: 8)]
        let moves = MapMoves(from: old, to: new)
        #expect(moves.moves.count == 1)
        #expect(moves.addresses == (1 << 24) - (1 << 16))
        #expect(abs(moves.demand - 256) < 1e-6)
        // Of a line that is split, the part that goes elsewhere.
        let split = MapMoves(from: [Self.entry([10], "aa")], to: [Self.entry([10], "aa"), Self.entry([10, 1], "bb", demand: 3)])
        #expect(split.addresses == 1 << 16 && abs(split.demand - 3) < 1e-6)
        #expect(MapMoves(from: new, to: new).moves.isEmpty)
        // Nobody's line any more: all go to what everyone sees.
        let gone = MapMoves(from: [Self.entry([], "aa", demand: 5)], to: [])
        #expect(gone.addresses == 1 << 32 && gone.moves.first?.to == nil && abs(gone.demand - 5) < 1e-6)
    }

    /// Random maps, compared with asking for one address of every /16 what it sees.
    @Test func likeAskingForEach() {
        func location(of address: UInt32, in map: [MapEntry]) -> Location? {
            map.filter { $0.addresses.contains(address) }.max { $0.prefix.count < $1.prefix.count }?.location
        }
        for seed in 0..<40 as Range<UInt64> {
            var random = Seeded(seed)
            func map() -> [MapEntry] {
                var entries: [[UInt8]: MapEntry] = [:]
                for _ in 0..<Int.random(in: 0...6, using: &random) {
                    let prefix = (0..<Int.random(in: 0...2, using: &random)).map { _ in UInt8.random(in: 0...3, using: &random) }
                    entries[prefix] = Self.entry(prefix, ["aa", "bb", "cc"].randomElement(using: &random)!)
                }
                return Array(entries.values)
            }
            let old = map(), new = map()
            var expected: [String: Int] = [:]
            for block in 0..<UInt32(1 << 16) {
                // Outside the first four /8 and /16 nothing differs from its parent: 4 and 5 stand for those.
                if block >> 8 > 4 || block & 255 > 4 { continue }
                let address = block << 16
                let pair = (location(of: address, in: old), location(of: address, in: new))
                guard pair.0 != pair.1 else { continue }
                let count = (block >> 8 == 4 ? 252 : 1) * (block & 255 == 4 ? 252 : 1) * 65_536
                expected["\(pair.0.map { "\($0)" } ?? "–")→\(pair.1.map { "\($0)" } ?? "–")", default: 0] += count
            }
            let found = MapMoves(from: old, to: new).moves.map {
                ("\($0.from.map { "\($0)" } ?? "–")→\($0.to.map { "\($0)" } ?? "–")", $0.addresses)
            }
            #expect(Dictionary(uniqueKeysWithValues: found) == expected, "seed \(seed)")
        }
    }
}
