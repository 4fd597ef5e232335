/// How far a presentation has come: which release carries it, and who serves that.
public struct Reach: Hashable, Sendable {
    /// It first went out in this release, or in one before if it is not ``isExact``; `nil`: in none yet.
    public var release: UInt64?
    /// The log of releases tells, as far as it goes back; else, and only of the newest
    /// presentation that went out, a proxy's report names the release that brought it.
    public var isExact: Bool
    /// Hosts that serve it.
    public var serving: [String]
    /// Hosts of which that cannot be told, or that do not: their release is older.
    public var behind: [String]

    /// - Parameters:
    ///   - presentation: its number.
    ///   - release: the current one.
    ///   - log: which presentation the releases before carried.
    public init(of presentation: UInt64, release: Release?, log: ReleaseLog = ReleaseLog(), deployments: [Deployment]) {
        let hosts = deployments.sorted { $0.host < $1.host }
        guard let current = release, current.presentation >= presentation else {
            self.init(release: nil, isExact: false, serving: [], behind: hosts.map(\.host))
            return
        }
        var number = current.number, isExact = false
        if let first = log.first(carrying: presentation), first <= current.number {
            (number, isExact) = (first, true)
        } else if current.presentation == presentation, current.trace.cause != "" {
            // Heartbeats after it have higher numbers and the same trace.
            let first = hosts.filter { $0.release <= current.number && $0.trace.cause == current.trace.cause
                && $0.trace.time(of: .presented) == current.trace.time(of: .presented) }.map(\.tracedRelease).filter { $0 > 0 }.min()
            if let first { (number, isExact) = (min(number, first), true) }
        }
        self.init(
            release: number, isExact: isExact, serving: hosts.filter { $0.release >= number }.map(\.host),
            behind: hosts.filter { $0.release < number }.map(\.host))
    }

    private init(release: UInt64?, isExact: Bool, serving: [String], behind: [String]) {
        self.release = release
        self.isExact = isExact
        self.serving = serving
        self.behind = behind
    }
}
