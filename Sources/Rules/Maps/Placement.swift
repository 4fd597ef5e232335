public import Pipeline

/// Which site takes the clients of which network, computed from measurements, and what
/// that means.
public struct Placement: Sendable {
    public var map: ClientMap
    /// By site, in order; the default site too if it takes any.
    public var sites: [Load]
    /// Networks that did not get their closest site, in order: it was full.
    public var overflowed: [Move]
    /// Networks for which no measured site had room, or that no usable row measures: they
    /// are at the default site.
    public var unplaced: [IPv4Prefix]
    /// Networks that were elsewhere in the former map, in order.
    public var moved: [Move]
    public var ignored: [IgnoredDistance]
    /// Milliseconds, by demand, in the former map and in this one: over the networks whose
    /// distance is known in both. `nil` without any, or without a former map.
    public var meanRoundTrip: (before: Double, after: Double)?
    /// What each network asks for.
    public var demand: [IPv4Prefix: Double]

    /// What a site is asked for.
    public struct Load: Hashable, Sendable {
        public var site: Location
        public var demand: Double
        /// `nil`: the default site, of which nobody said what it can take.
        public var capacity: Double?
        /// Addresses of networks, those of longer networks in them counted again.
        public var addresses: Int
    }

    /// A network that is at one site in place of another.
    public struct Move: Hashable, Sendable {
        public var prefix: IPv4Prefix
        public var from: Location
        public var to: Location
        public var demand: Double
    }
}

extension ClientMap {
    /// Sends every network to its closest site that has room: the largest demand chooses
    /// first, and what does not fit goes to the next closest, at last to `otherwise`.
    ///
    /// That is greedy, not optimal (which is a generalised assignment problem, NP-hard).
    /// Large ones first, because a large network that comes late may fit nowhere, while
    /// small ones fill what is left; and because it can be explained: a network is where
    /// it is since those with more demand had filled what is closer. A network is never
    /// split. Equal distances and demands are decided by the order of sites and networks,
    /// so that the same rows, in any order, give the same map.
    ///
    /// Each network of the rows has a line of its own in the map, also if it is at
    /// `otherwise`: it may lie in a larger one that is not.
    ///
    /// - Parameters:
    ///   - capacities: what each site can take, in the unit of demand. Only `otherwise` is
    ///     given more. Rows of other sites are ignored.
    ///   - minimumSamples: rows with fewer are ignored.
    ///   - former: the map in use.
    ///   - hysteresis: milliseconds by which another site must be closer than the one in
    ///     `former` to be preferred to it; 0 or more.
    public static func placing(
        _ measurements: [SiteDistance], capacities: [Location: Double], otherwise: Location, minimumSamples: Int = 1,
        former: ClientMap? = nil, hysteresis: Double = 0
    ) -> Placement {
        let rows = UsableRows(measurements, capacities: capacities, minimumSamples: minimumSamples)
        let margin = hysteresis > 0 ? hysteresis : 0
        var load: [Location: Double] = [:]
        var addresses: [Location: Int] = [:]
        var sites: [IPv4Prefix: Location] = [:]
        var overflowed: [Placement.Move] = []
        var moved: [Placement.Move] = []
        var unplaced: [IPv4Prefix] = []
        var mean = MeanRoundTrip()
        let order = rows.demand.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        for (prefix, demand) in order {
            let before = former.map { $0.sites[prefix] ?? $0.site(of: prefix.first) }
            let candidates = rows.closest(prefix, keeping: before, unlessBetterBy: margin)
            let chosen = candidates.first { load[$0, default: 0] + demand <= capacities[$0] ?? 0 }
            let site = chosen ?? otherwise
            if chosen == nil { unplaced.append(prefix) }
            sites[prefix] = site
            load[site, default: 0] += demand
            addresses[site, default: 0] += prefix.count
            if let first = candidates.first, first != site {
                overflowed.append(Placement.Move(prefix: prefix, from: first, to: site, demand: demand))
            }
            guard let before else { continue }
            if before != site {
                moved.append(Placement.Move(prefix: prefix, from: before, to: site, demand: demand))
            }
            mean.add(rows.roundTrips[prefix]?[before], rows.roundTrips[prefix]?[site], weight: demand)
        }
        let all = Set(capacities.keys).union(load.keys)
        return Placement(
            map: ClientMap(sites, otherwise: otherwise),
            sites: all.sorted().map {
                Placement.Load(
                    site: $0, demand: load[$0] ?? 0, capacity: capacities[$0], addresses: addresses[$0] ?? 0)
            },
            overflowed: overflowed.sorted { $0.prefix < $1.prefix }, unplaced: unplaced.sorted(),
            moved: moved.sorted { $0.prefix < $1.prefix }, ignored: rows.ignored, meanRoundTrip: mean.value,
            demand: rows.demand)
    }
}

/// The rows that have a say, one for each network and site.
private struct UsableRows {
    var roundTrips: [IPv4Prefix: [Location: Double]] = [:]
    /// Of every network in the rows, also of those without a usable one.
    var demand: [IPv4Prefix: Double] = [:]
    var ignored: [IgnoredDistance] = []

    init(_ measurements: [SiteDistance], capacities: [Location: Double], minimumSamples: Int) {
        var best: [Key: SiteDistance] = [:]
        for row in measurements {
            let numbers = [row.roundTrip, row.demand]
            guard row.samples >= 0, numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
                ignored.append(IgnoredDistance(row: row, reason: .notANumber))
                demand[row.prefix] = demand[row.prefix] ?? 0
                continue
            }
            demand[row.prefix] = max(demand[row.prefix] ?? 0, row.demand)
            guard capacities[row.site] != nil else {
                ignored.append(IgnoredDistance(row: row, reason: .unknownSite))
                continue
            }
            guard row.samples >= minimumSamples else {
                ignored.append(IgnoredDistance(row: row, reason: .fewSamples))
                continue
            }
            let key = Key(prefix: row.prefix, site: row.site)
            guard let other = best[key] else {
                best[key] = row
                continue
            }
            let isBetter = (other.samples, row.roundTrip) < (row.samples, other.roundTrip)
            if isBetter { best[key] = row }
            ignored.append(IgnoredDistance(row: isBetter ? other : row, reason: .repeated))
        }
        for (key, row) in best { roundTrips[key.prefix, default: [:]][key.site] = row.roundTrip }
    }

    private struct Key: Hashable {
        var prefix: IPv4Prefix
        var site: Location
    }

    /// Sites by distance; the one to keep counts as `margin` milliseconds closer than it is.
    func closest(_ prefix: IPv4Prefix, keeping kept: Location?, unlessBetterBy margin: Double) -> [Location] {
        (roundTrips[prefix] ?? [:]).map { site, time in (site: site, distance: site == kept ? time - margin : time) }
            .sorted { a, b in
                if a.distance != b.distance { return a.distance < b.distance }
                if (a.site == kept) != (b.site == kept) { return a.site == kept }
                return a.site < b.site
            }
            .map(\.site)
    }
}

/// Over the networks whose distance is known before and after.
private struct MeanRoundTrip {
    private var before = 0.0, after = 0.0, weight = 0.0

    mutating func add(_ before: Double?, _ after: Double?, weight: Double) {
        guard let before, let after else { return }
        self.before += before * weight
        self.after += after * weight
        self.weight += weight
    }

    var value: (before: Double, after: Double)? {
        weight > 0 ? (before: before / weight, after: after / weight) : nil
    }
}
