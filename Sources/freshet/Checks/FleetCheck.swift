import Pipeline

/// Whether every proxy shows the newest release, and its answers are fresh.
struct FleetCheck {
    /// Seconds: of a stamp's age, and of how far a proxy is behind.
    var seconds: Limits
    /// By how many releases a proxy is behind.
    var releases = Limits()
    /// So many proxies at least.
    var expected: Int?

    /// - Parameters:
    ///   - newest: the fleet's release.
    ///   - proxies: what they report; those that are gone do not.
    func judge(newest: (number: UInt64, published: Instant)?, proxies: [Deployment], at now: Instant) -> PluginResult {
        var result = PluginResult()
        var ages: [(name: String, worst: Double)] = []
        var lag = 0.0, behind = 0.0
        if newest == nil { result.add(.critical, "nothing is released yet") }
        if proxies.isEmpty { result.add(.critical, "no proxy reports") }
        if let expected, proxies.count < expected { result.add(.critical, "\(expected - proxies.count) of \(expected) proxies do not report") }
        for proxy in proxies {
            if proxy.release == 0 { result.add(.critical, "\(proxy.host): has no release yet") }
            if let fault = proxy.fault { result.add(.critical, "\(proxy.host): \(fault)") }
            guard let newest, proxy.release > 0, proxy.release < newest.number else { continue }
            let releases = Double(newest.number - proxy.release)
            // As its stamps tell, and not its report: that is what clients get.
            let shown = [proxy.tinydns, proxy.unbound].compactMap { $0?.published }.min()
            let seconds = shown.map { Double(max(0, newest.published - $0)) / 1000 } ?? 0
            (lag, behind) = (max(lag, seconds), max(behind, releases))
            let state = max(self.seconds.state(of: seconds), self.releases.state(of: releases))
            if state > .ok {
                result.add(state, "\(proxy.host): at release \(proxy.release), \(Self.text(seconds)) s and \(AlertRange.number(releases)) releases behind")
            }
        }
        for (name, path) in [("tinydns", \Deployment.tinydns), ("unbound", \Deployment.unbound)] {
            var worst = 0.0
            for proxy in proxies where proxy.release > 0 {
                guard let seen = proxy[keyPath: path] else {
                    result.add(.critical, "\(proxy.host): nothing was read through \(name) yet")
                    continue
                }
                if let fault = seen.fault { result.add(.critical, "\(proxy.host): \(name): \(fault)") }
                let age = Double(max(0, now - seen.published)) / 1000
                worst = max(worst, age)
                let state = self.seconds.state(of: age)
                if state > .ok { result.add(state, "\(proxy.host): the stamp through \(name) is \(Self.text(age)) s old") }
            }
            ages.append((name, worst))
        }
        result.allIsWell = "\(proxies.count) \(proxies.count == 1 ? "proxy" : "proxies") at release \(newest?.number ?? 0), stamps at most \(Self.text(ages.map(\.worst).max() ?? 0)) s old"
        result.measure("proxies", Double(proxies.count), Limits(critical: expected.map { AlertRange(from: Double($0)) }))
        for (name, worst) in ages { result.measure("age_\(name)", worst, unit: "s", seconds) }
        result.measure("lag", lag, unit: "s", seconds)
        result.measure("lag_releases", behind, releases)
        return result
    }

    /// Tenths.
    private static func text(_ seconds: Double) -> String { AlertRange.number((seconds * 10).rounded() / 10) }
}
