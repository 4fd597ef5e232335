internal import DNSWire
internal import Pipeline

extension VIPSpeaker {
    /// What it would do if what is seen now goes on, and why; for people. Changes nothing.
    public func explanation() async -> String {
        var lines = ["host       \(settings.host): \(settings.prefixes.joined(separator: ", ")), next hop \(settings.commands.nextHop)"]
        let board = self.board()
        await board.read()
        await board.readZones()
        let view = await board.view, now = Instant.now()
        lines.append("store      \(await board.isOnline ? "is there" : "is not there: what it said last decides")")
        for site in view.sites where site.host != settings.host {
            let age = site.published.map { published in
                let (age, overflow) = now.milliseconds.subtractingReportingOverflow(published.milliseconds)
                return overflow ? "no stamp" : "stamp \(age) ms old"
            }
            lines.append("site       \(site.host): \(site.state.rawValue), \(age ?? "no stamp")\(site.reason.isEmpty ? "" : " (\(site.reason))")")
        }
        for (host, at) in view.claims.hosts.sorted(by: { $0.key < $1.key }) { lines.append("claim      \(host), since \(at)") }
        for prefix in settings.prefixes {
            let good = settings.floor.good(for: prefix, beside: settings.host, in: view, bound: settings.bound, now: now).count
            let needed = settings.floor.needed(for: prefix, beside: settings.host, in: view)
            lines.append("floor      \(prefix): \(good) other sites are good, \(needed) are needed")
        }
        guard let questions = questions(await board.zones) else {
            return (lines + ["zone       none is known: vip.zone names one", "would say  nothing"]).joined(separator: "\n")
        }
        let probe = await probe(questions)
        for (server, check) in probe.said {
            var text = check.fault ?? ""
            if case .fresh(let reading, let age) = check { text = "fresh: release \(reading.release) is \(age) ms old" }
            lines.append("asked      \(server) for \(questions.stamp): \(text)")
        }
        let suffice = await board.othersSuffice(now: now)
        let (state, why) = outcome(probe.health, othersSuffice: suffice)
        lines += settings.commands.lines(for: state).map { "would say  \($0)" }
        lines.append("because    \(why)")
        return lines.joined(separator: "\n")
    }

    private func outcome(_ health: VIPHealth, othersSuffice: Bool) -> (VIPSite.State, String) {
        switch health {
        case .fresh: return (.announced, "its answers are fresh")
        case .dark: return (.withdrawn, "it does not answer: dark is dark")
        case .stale where settings.rules.whenStale == .med: return (.raised, "it is stale: for those who have no better")
        case .stale where othersSuffice: return (.withdrawn, "it is stale, and enough other sites are fresh")
        case .stale: return (.announced, "it is stale, and too few other sites are fresh: stale beats dark")
        }
    }
}
