/// How many calls are let through: `burst` at once, then one each `interval`.
public struct RateLimit: Sendable, Hashable {
    public let interval: Duration
    public let burst: Int

    /// - Parameters:
    ///   - interval: more than nothing.
    ///   - burst: at least one.
    public init(every interval: Duration, burst: Int) {
        self.interval = max(interval, .nanoseconds(1))
        self.burst = max(burst, 1)
    }

    /// Parses `1000/s`, `60/m` or `5/h`, with 1 to 9,999,999 calls; `nil` for anything else.
    public init?(rate: String, burst: Int) {
        let parts = rate.split(separator: "/", omittingEmptySubsequences: false)
        let seconds = ["s": 1, "m": 60, "h": 3600]
        guard parts.count == 2, let period = seconds[String(parts[1])], burst > 0, parts[0].utf8.count <= 7,
            parts[0].utf8.first != UInt8(ascii: "0"), parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(parts[0])
        else { return nil }
        self.init(every: .seconds(period) / count, burst: burst)
    }
}

/// What is left of a limit to one caller.
///
/// It is one instant: that at which nothing would be missing. A bucket that is full is
/// therefore as good as none.
public struct TokenBucket: Sendable, Hashable {
    /// When all of the burst is there again, if nothing is taken before.
    public private(set) var fullAt: ContinuousClock.Instant

    /// A full one.
    public init(at now: ContinuousClock.Instant) { fullAt = now }

    /// Takes one token, or returns how long to wait for it; then nothing is taken.
    public mutating func take(_ limit: RateLimit, at now: ContinuousClock.Instant) -> Duration? {
        let next = max(fullAt, now) + limit.interval
        let missing = now.duration(to: next) - limit.interval * limit.burst
        guard missing <= .zero else { return missing }
        fullAt = next
        return nil
    }
}
