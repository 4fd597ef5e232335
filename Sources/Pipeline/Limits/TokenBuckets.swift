/// A token bucket for each caller, in bounded memory.
public struct TokenBuckets<Caller: Hashable & Sendable>: Sendable {
    public let limit: RateLimit
    /// Callers that are remembered at once.
    public let capacity: Int
    private var buckets: [Caller: TokenBucket] = [:]

    public init(_ limit: RateLimit, capacity: Int = 16_384) {
        self.limit = limit
        self.capacity = max(capacity, 2)
    }

    /// Callers that are remembered now.
    public var count: Int { buckets.count }

    /// Takes one of the caller's tokens, or returns how long that one has to wait.
    public mutating func take(_ caller: Caller, at now: ContinuousClock.Instant) -> Duration? {
        if buckets[caller] == nil, buckets.count >= capacity { forget(at: now) }
        return buckets[caller, default: TokenBucket(at: now)].take(limit, at: now)
    }

    /// Full buckets say nothing. If all say something, the half goes that took least: who
    /// comes from ever new addresses makes nobody wait, and those who took most still wait.
    private mutating func forget(at now: ContinuousClock.Instant) {
        buckets = buckets.filter { $0.value.fullAt > now }
        guard buckets.count > capacity / 2 else { return }
        let instants = buckets.values.map(\.fullAt).sorted()
        let bound = instants[instants.count - capacity / 2]
        buckets = buckets.filter { $0.value.fullAt > bound }
    }
}
