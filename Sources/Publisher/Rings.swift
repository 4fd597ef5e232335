public import Pipeline

/// Through which rings a content goes, and what moves it on or stops it.
///
/// A pure function of what proxies report and the clock: ``judge(_:proxies:at:)``.
public struct Rings: Sendable {
    public struct Stop: Sendable {
        public var ring: Ring
        /// How long all of it must have been good.
        public var soak: Duration
        /// Within what time all of it must be good.
        public var deadline: Duration

        public init(ring: Ring, soak: Duration, deadline: Duration) {
            self.ring = ring
            self.soak = soak
            self.deadline = deadline
        }
    }

    /// From the innermost; the fleet as a whole follows the last.
    public var stops: [Stop]
    /// How long something may be wrong, before it is more than a hiccup.
    public var grace: Duration

    public init(stops: [Stop] = [], grace: Duration = .seconds(5)) {
        self.stops = stops
        self.grace = grace
    }

    public var isEmpty: Bool { stops.isEmpty }

    /// Who has what is in flight when it has reached the ring at `index`.
    func audience(_ index: Int) -> [Ring] { stops.prefix(index + 1).map(\.ring) }

    enum Verdict: Equatable {
        /// Look again, at that time at the latest.
        case wait(until: Instant?)
        /// To the next ring, or after the last to the whole fleet.
        case advance
        case abort(reason: String)
    }

    /// What to do with a flight, and what is to be remembered of it.
    func judge(_ flight: inout Rollout.Flight, proxies: [Deployment], at now: Instant) -> Verdict {
        guard stops.indices.contains(flight.ring) else { return .abort(reason: "the configuration has no such ring any more") }
        let stop = stops[flight.ring], audience = audience(flight.ring)
        let (members, rest) = proxies.partitioned { proxy in
            audience.contains { $0.contains(host: proxy.host, labels: proxy.labels) }
        }
        var bad: [String] = [], awaited: [String] = []
        for member in members {
            switch state(of: member, in: flight) {
            case .good: flight.hosts.insert(member.host)
            case .bad(let why): bad.append("\(member.host): \(why)")
            case .behind(let why): awaited.append("\(member.host): \(why)")
            }
        }
        let gone = flight.hosts.subtracting(members.map(\.host)).sorted()
        bad += gone.map { "\($0): is gone" }
        if let worse = Self.compare(members.filter { $0.content == flight.content }, rest) { bad.append(worse) }
        if !members.contains(where: { stop.ring.contains(host: $0.host, labels: $0.labels) }) {
            awaited.append("no proxy is in ring '\(stop.ring.name)'")
        }

        flight.badSince = bad.isEmpty ? nil : flight.badSince ?? now
        flight.goodSince = bad.isEmpty && awaited.isEmpty ? flight.goodSince ?? now : nil
        flight.trouble = Self.summary(bad.isEmpty ? awaited : bad)
        // A person who paused it decides, not the clock.
        if flight.isPaused { return .wait(until: nil) }
        if let since = flight.badSince {
            return until(since, grace, now) ?? .abort(reason: flight.trouble)
        }
        if let since = flight.goodSince { return until(since, stop.soak, now) ?? .advance }
        return until(flight.since, stop.deadline, now)
            ?? .abort(reason: "not good within \(stop.deadline.components.seconds) s: \(flight.trouble)")
    }

    private func until(_ since: Instant, _ duration: Duration, _ now: Instant) -> Verdict? {
        let end = since.advanced(byMilliseconds: duration.milliseconds)
        return now < end ? .wait(until: end) : nil
    }

    private enum State {
        case good, bad(String), behind(String)
    }

    /// Good: it has the content, both name servers show it, and what changed is answered rightly.
    private func state(of proxy: Deployment, in flight: Rollout.Flight) -> State {
        if let fault = proxy.fault { return .bad(fault) }
        guard proxy.content == flight.content else { return .behind("has not got it yet") }
        if let probes = proxy.probes, probes.wrong > 0 {
            return .bad("\(probes.wrong) of \(probes.asked) changed names are answered wrongly, such as \(probes.example)")
        }
        for (name, seen) in [("tinydns", proxy.tinydns), ("unbound", proxy.unbound)] {
            if let fault = seen?.fault { return .bad("\(name): \(fault)") }
            // Later it may be between two heartbeats of the same content.
            guard seen?.release == proxy.release || flight.hosts.contains(proxy.host) else { return .behind("\(name) does not show it yet") }
        }
        return .good
    }

    /// So many answers before they say anything.
    private static let enough: UInt64 = 100

    /// What clients of the ring's resolvers get, beside those of the others.
    private static func compare(_ ring: [Deployment], _ rest: [Deployment]) -> String? {
        guard let new = total(ring), let old = total(rest), new.queries >= enough, old.queries >= enough else { return nil }
        let (rate, usual) = (Double(new.failures) / Double(new.queries), Double(old.failures) / Double(old.queries))
        if new.failures >= 10, rate > usual + 0.02 {
            return "clients get SERVFAIL to \(percent(rate)) of their questions, elsewhere to \(percent(usual))"
        }
        if new.latency > 3 * old.latency + 20_000 {
            return "clients wait \(new.latency / 1000) ms for what is not in the cache, elsewhere \(old.latency / 1000) ms"
        }
        return nil
    }

    private static func total(_ proxies: [Deployment]) -> Deployment.Load? {
        let loads = proxies.compactMap(\.load)
        guard !loads.isEmpty else { return nil }
        let queries = loads.reduce(0) { $0 + $1.queries }
        let waited = loads.reduce(0.0) { $0 + Double($1.latency) * Double($1.queries) }
        return Deployment.Load(
            queries: queries, failures: loads.reduce(0) { $0 + $1.failures }, latency: queries == 0 ? 0 : Int(waited / Double(queries)))
    }

    private static func percent(_ rate: Double) -> String { "\(Double(Int(rate * 1000 + 0.5)) / 10) %" }

    private static func summary(_ troubles: [String]) -> String {
        let more = troubles.count > 3 ? " and \(troubles.count - 3) more" : ""
        return troubles.sorted().prefix(3).joined(separator: "; ") + more
    }
}

extension Sequence {
    fileprivate func partitioned(_ isFirst: (Element) -> Bool) -> ([Element], [Element]) {
        reduce(into: ([], [])) { parts, element in
            if isFirst(element) { parts.0.append(element) } else { parts.1.append(element) }
        }
    }
}
