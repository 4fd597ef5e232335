public import Pipeline

/// How many clients, and how much of their demand, go from where to where when a location map changes.
public struct MapMoves: Hashable, Sendable {
    public struct Move: Hashable, Sendable {
        /// `nil`: no line held these clients: they saw what everyone sees.
        public var from: Location?
        public var to: Location?
        /// IPv4 addresses.
        public var addresses: Int
        /// In the unit of the site's measurements; 0 if unknown.
        public var demand: Double
    }

    /// By locations, those of no line first.
    public let moves: [Move]

    public var addresses: Int { moves.reduce(0) { $0 + $1.addresses } }
    public var demand: Double { moves.reduce(0) { $0 + $1.demand } }

    /// Compares two whole maps: for each address the line with the longest prefix counts.
    ///
    /// A line's demand is taken to be even over the addresses that are its own. Of lines in
    /// both maps the later one's counts.
    public init(from old: [MapEntry], to new: [MapEntry]) {
        let before = Lines(old), after = Lines(new)
        var found: [Pair: (addresses: Int, demand: Double)] = [:]
        var i = 0, j = 0
        var first = 0
        while first < 1 << 32 {
            let end = min(before.end(i), after.end(j))
            let a = before.line(i), b = after.line(j)
            if a?.location != b?.location {
                let count = end - first
                let density = b.map { $0.demand > 0 } ?? false ? after.density(j) : before.density(i)
                let pair = Pair(from: a?.location, to: b?.location)
                let sum = found[pair] ?? (0, 0)
                found[pair] = (sum.addresses + count, sum.demand + density * Double(count))
            }
            first = end
            if before.end(i) == end { i += 1 }
            if after.end(j) == end { j += 1 }
        }
        moves = found.map { Move(from: $0.key.from, to: $0.key.to, addresses: $0.value.addresses, demand: $0.value.demand) }
            .sorted { ($0.from?.description ?? "", $0.to?.description ?? "") < ($1.from?.description ?? "", $1.to?.description ?? "") }
    }

    /// The maps of two presentations; reads all their shards.
    public init(from old: Manifest?, to new: Manifest, in blobs: any Blobs) async throws {
        self.init(from: try await Self.map(old, blobs), to: try await Self.map(new, blobs))
    }

    private static func map(_ manifest: Manifest?, _ blobs: any Blobs) async throws -> [MapEntry] {
        let shards = try await concurrentMap(Array((manifest?.shards ?? [:]).values)) { reference in
            try Shard(decoding: try await blobs.require(reference.digest)).map
        }
        return shards.flatMap(\.self)
    }

    private struct Pair: Hashable {
        var from: Location?
        var to: Location?
    }

    /// A map as runs of addresses.
    private struct Lines {
        private let entries: [MapEntry]
        private let runs: [(first: UInt32, network: Int?)]
        /// Addresses that no longer prefix takes from a line.
        private var own: [Int]

        init(_ map: [MapEntry]) {
            entries = map.sorted { a, b in
                let x = a.addresses, y = b.addresses
                return x.lowerBound != y.lowerBound ? x.lowerBound < y.lowerBound : x.upperBound > y.upperBound
            }
            runs = AddressRuns.innermost(entries.map(\.addresses))
            own = Array(repeating: 0, count: entries.count)
            for index in runs.indices {
                if let network = runs[index].network { own[network] += end(index) - Int(runs[index].first) }
            }
        }

        /// One past the last address of a run.
        func end(_ run: Int) -> Int { run + 1 < runs.count ? Int(runs[run + 1].first) : 1 << 32 }
        func line(_ run: Int) -> MapEntry? { runs[run].network.map { entries[$0] } }
        func density(_ run: Int) -> Double {
            guard let network = runs[run].network else { return 0 }
            return entries[network].demand / Double(max(1, own[network]))
        }
    }
}
