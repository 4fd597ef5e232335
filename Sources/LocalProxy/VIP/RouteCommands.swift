public import Pipeline

/// What is said to ExaBGP (version 4, text encoder; exabgp.conf(5), "process").
public struct RouteCommands: Sendable, Hashable {
    public var prefixes: [RoutePrefix]
    public var nextHop: NextHop
    /// Of a route that is announced for those who have no better (RFC 4271 §5.1.4).
    public var raisedMED: UInt32

    /// - Throws: a next hop of the other address family than one of the prefixes.
    public init(prefixes: [RoutePrefix], nextHop: NextHop = .own, raisedMED: UInt32 = 1000) throws(RouteFault) {
        if case .address(let octets) = nextHop, let other = prefixes.first(where: { $0.octets.count != octets.count }) {
            throw RouteFault("next hop \(nextHop) is not of the address family of \(other)")
        }
        self.prefixes = prefixes
        self.nextHop = nextHop
        self.raisedMED = raisedMED
    }

    /// One line a prefix; none for a state that is not known.
    public func lines(for state: VIPSite.State) -> [String] {
        prefixes.map { prefix in
            let route = "route \(prefix) next-hop \(nextHop)"
            switch state {
            case .unknown: return ""
            case .announced: return "announce \(route)"
            case .raised: return "announce \(route) med \(raisedMED)"
            case .withdrawn: return "withdraw \(route)"
            }
        }.filter { !$0.isEmpty }
    }
}
