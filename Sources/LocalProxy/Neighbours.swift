package import Pipeline

/// Whom a proxy asks for the files of a checkpoint.
///
/// If all asked the Publisher, it would send a copy to each. So two of the fleet ask it, and
/// every other asks proxies: some that come before it in an order that all agree on, so that
/// each piece finds a way from those two to everybody; and some more, those first that share
/// its labels. Who hears nothing new for a while asks everyone (``ProxyStage/fetch(_:_:)``).
package struct Neighbours {
    /// So many ask the Publisher.
    package static let direct = 2
    /// A fleet so small asks it as a whole: nobody waits for another to begin.
    package static let small = 4
    private static let before = 3
    private static let others = 6
    /// Leases that are read at most, to find near ones.
    private static let sampled = 48

    /// Whether this proxy asks the Publisher.
    package let asksPublisher: Bool
    /// Hosts before this one, some of them.
    package let earlier: [String]
    /// Hosts to choose the rest from.
    package let candidates: [String]

    /// - Parameter content: makes the order another one for each checkpoint, so that the same
    ///   two need not bear all.
    package init(of host: String, among hosts: [String], content: Digest) {
        let order = content.hex
        let rank = SpreadHash.of(order, host)
        let lower = hosts.filter { (SpreadHash.of(order, $0), $0) < (rank, host) }
        func chosen(_ hosts: [String], _ count: Int) -> [String] {
            Array(hosts.map { (SpreadHash.of(order, host, $0), $0) }.sorted { $0 < $1 }.prefix(count).map(\.1))
        }
        asksPublisher = hosts.count < Self.small || lower.count < Self.direct
        earlier = chosen(lower, Self.before)
        candidates = chosen(hosts, Self.sampled)
    }

    /// Addresses to ask, of those whose leases were read.
    package func addresses(labels: [String: String], _ leases: [String: Deployment]) -> [String] {
        func nearness(_ host: String) -> Int {
            leases[host].map { other in other.labels.count { labels[$0.key] == $0.value } } ?? -1
        }
        let ranked = candidates.map { (nearness: nearness($0), host: $0) }
        // Stable: among those equally near, the order of the candidates.
        let near = ranked.enumerated().sorted { ($1.element.nearness, $0.offset) < ($0.element.nearness, $1.offset) }
        let hosts = earlier + near.map(\.element.host).filter { !earlier.contains($0) }.prefix(Self.others)
        return hosts.compactMap { leases[$0]?.swarmAddress }
    }
}
