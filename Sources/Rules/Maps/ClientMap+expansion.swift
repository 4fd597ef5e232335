public import Pipeline

extension ClientMap {
    /// A map in tinydns' lines, with all that they could not express.
    public struct Expansion: Sendable {
        public var lines: [MapLine]
        /// By address. Empty: every client is at its site.
        public var misplaced: [Misplaced]
        /// How many addresses are elsewhere than their network says.
        public var misplacedAddresses: Int { misplaced.reduce(0) { $0 + $1.addresses } }
        /// And how much demand, in the unit it was given.
        public var misplacedDemand: Double { misplaced.reduce(0) { $0 + $1.demand } }
    }

    /// Clients of one network that a line, which cannot be long enough, puts elsewhere.
    public struct Misplaced: Hashable, Sendable {
        /// `nil`: clients in no network of the map.
        public var prefix: IPv4Prefix?
        public var first: UInt32
        public var last: UInt32
        /// Where the map says they are.
        public var wanted: Location
        /// Where the lines say they are.
        public var served: Location
        public var addresses: Int { Int(last) - Int(first) + 1 }
        /// Their part of the network's demand, taken to be even over its addresses.
        public var demand: Double
    }

    /// The fewest lines for this map (``OctetPrefixes``).
    ///
    /// - Parameters:
    ///   - longest: the longest prefix of a line, in octets (1 to 4). A network of that
    ///     length with several sites goes to the one that has most of its addresses.
    ///   - demand: of networks, for the report and for the lines; any unit.
    public func expanded(longest: Int = 3, demand: [IPv4Prefix: Double] = [:]) -> Expansion {
        // The shorter come first: where ranges overlap, a later one wins.
        let ordered = sites.sorted { ($0.key.length, $0.key.first) < ($1.key.length, $1.key.first) }
        let ranges = ordered.map { OctetPrefixes.Range(first: $0.key.first, last: $0.key.last, location: $0.value) }
        let cover = OctetPrefixes.cover(ranges, otherwise: otherwise, longest: longest)
        return Expansion(
            lines: demand.isEmpty ? cover.lines : weighing(cover.lines, demand),
            misplaced: cover.exceptions.isEmpty ? [] : attribute(cover.exceptions, demand))
    }

    /// Addresses in order, each run with the longest network that holds it.
    private var runs: [(first: UInt32, prefix: IPv4Prefix?)] {
        let networks = sites.keys.sorted()
        return AddressRuns.innermost(networks.map { $0.first...$0.last }).map { ($0.first, $0.network.map { networks[$0] }) }
    }

    /// The lines, each with the part of the networks' demand that comes to it; a network's is
    /// taken to be even over the addresses that are its own.
    private func weighing(_ lines: [MapLine], _ demand: [IPv4Prefix: Double]) -> [MapLine] {
        let runs = runs
        let served = AddressRuns.innermost(lines.map { MapEntry.addresses($0.prefix) })
        func last<T>(_ runs: [(first: UInt32, T)], _ index: Int) -> UInt32 { index + 1 < runs.count ? runs[index + 1].first - 1 : .max }
        var own: [IPv4Prefix: Double] = [:]
        for (index, run) in runs.enumerated() {
            if let prefix = run.prefix { own[prefix, default: 0] += Double(last(runs, index) - run.first) + 1 }
        }
        var lines = lines
        var at = 0
        for (index, run) in runs.enumerated() {
            let end = last(runs, index)
            while last(served, at) < run.first { at += 1 }
            guard let prefix = run.prefix, let amount = demand[prefix], amount > 0 else { continue }
            let density = amount / own[prefix]!
            var line = at
            while line < served.count, served[line].first <= end {
                let common = Double(min(end, last(served, line)) - max(run.first, served[line].first)) + 1
                if let network = served[line].network { lines[network].demand += density * common }
                line += 1
            }
        }
        return lines
    }

    /// Cuts runs of misplaced addresses at the borders of networks.
    private func attribute(_ exceptions: [OctetPrefixes.Exception], _ demand: [IPv4Prefix: Double]) -> [Misplaced] {
        let runs = runs
        func last(of run: Int) -> UInt32 { run + 1 < runs.count ? runs[run + 1].first - 1 : .max }
        var own: [IPv4Prefix: Int] = [:]
        for (index, run) in runs.enumerated() {
            if let prefix = run.prefix { own[prefix, default: 0] += Int(last(of: index)) - Int(run.first) + 1 }
        }
        var misplaced: [Misplaced] = []
        var at = 0
        for exception in exceptions {
            while last(of: at) < exception.first { at += 1 }
            var run = at
            while run < runs.count, runs[run].first <= exception.last {
                let first = max(runs[run].first, exception.first), last = min(last(of: run), exception.last)
                let prefix = runs[run].prefix
                var part = Misplaced(
                    prefix: prefix, first: first, last: last, wanted: exception.wanted, served: exception.served,
                    demand: 0)
                if let prefix { part.demand = (demand[prefix] ?? 0) * Double(part.addresses) / Double(own[prefix] ?? 1) }
                misplaced.append(part)
                run += 1
            }
        }
        return misplaced
    }
}
