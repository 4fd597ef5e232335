public import Pipeline

/// How many other sites must be good before one may be withdrawn for staleness alone:
/// stale beats dark.
public struct VIPFloor: Sendable, Hashable {
    /// At least so many others.
    public var count: Int
    /// At least so many others in a hundred of all sites that live: if most are stale, all stay.
    public var share: Int

    public init(count: Int = 1, share: Int = 50) {
        self.count = count
        self.share = share
    }

    /// What is known of the other sites.
    public struct View: Sendable, Hashable {
        public var sites: [VIPSite]
        /// Who may be withdrawn for staleness, and soon is if not yet.
        public var claims: VIPClaims

        public init(sites: [VIPSite] = [], claims: VIPClaims = VIPClaims()) {
            self.sites = sites
            self.claims = claims
        }
    }

    /// Others that announce `prefix`, have no claim, and whose stamp is young now.
    ///
    /// Freshness is not what they said of themselves, but the time of the stamp they
    /// showed, judged with this host's clock: stamps only get younger, so what was seen
    /// late is never too good; and in a fleet whose stamps all age nobody finds another
    /// fresher. What is known from before an outage is worth as much as a stamp of that age.
    public func good(for prefix: String, beside host: String, in view: View, bound: Duration, now: Instant) -> [VIPSite] {
        view.sites.filter { site in
            guard site.host != host, site.state == .announced, site.prefixes.contains(prefix), view.claims.hosts[site.host] == nil,
                let published = site.published
            else { return false }
            let (age, overflow) = now.milliseconds.subtractingReportingOverflow(published.milliseconds)
            return !overflow && age <= bound.milliseconds && age >= -StampCheck.tolerance
        }
    }

    /// How many of them there must be.
    public func needed(for prefix: String, beside host: String, in view: View) -> Int {
        let others = view.sites.count { $0.host != host && $0.prefixes.contains(prefix) }
        return max(count, ((others + 1) * share + 99) / 100)
    }

    /// Whether the others can do without `host`, for each of its prefixes.
    public func isMet(for prefixes: [String], beside host: String, in view: View, bound: Duration, now: Instant) -> Bool {
        prefixes.allSatisfy { prefix in
            good(for: prefix, beside: host, in: view, bound: bound, now: now).count >= needed(for: prefix, beside: host, in: view)
        }
    }
}

extension VIPFloor.View {
    /// The claims with `host`'s, if the others suffice: to be written if the value still is
    /// the one that `claims` was read from.
    ///
    /// The claims have to be read before the sites: who claims in between makes the write
    /// fail, and who claimed before does not count. So whoever claims last leaves the floor
    /// of others that have no claim, however late the sites are seen.
    public func claiming(
        _ host: String, for prefixes: [String], floor: VIPFloor, bound: Duration, now: Instant
    ) -> VIPClaims? {
        guard floor.isMet(for: prefixes, beside: host, in: self, bound: bound, now: now) else { return nil }
        var claims = claims
        claims.hosts[host] = now
        return claims
    }
}
