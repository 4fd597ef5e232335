public import Pipeline
internal import Synchronization

/// How much of the registration API one caller may have (`registration.limits`).
public struct RegistrationLimits: Sendable, Hashable {
    /// All calls from one address.
    public var peers: RateLimit
    /// Calls with one identity's tokens and certificates, wherever they come from.
    public var identities: RateLimit
    /// Calls from one address that show nothing known.
    public var strangers: RateLimit

    /// By default ten thousand servers behind one address may all start at once.
    public init(
        peers: RateLimit = RateLimit(every: .milliseconds(1), burst: 20_000),
        identities: RateLimit = RateLimit(every: .milliseconds(5), burst: 20_000),
        strangers: RateLimit = RateLimit(every: .seconds(2), burst: 30)
    ) {
        (self.peers, self.identities, self.strangers) = (peers, identities, strangers)
    }
}

/// What callers have left.
final class RegistrationAllowance: Sendable {
    private struct State {
        var peers: TokenBuckets<PeerNetwork>
        var identities: TokenBuckets<String>
        var strangers: TokenBuckets<PeerNetwork>
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant

    init(_ limits: RegistrationLimits, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        state = Mutex(
            State(
                peers: TokenBuckets(limits.peers), identities: TokenBuckets(limits.identities),
                strangers: TokenBuckets(limits.strangers)))
        self.now = now
    }

    // Each tells how long the caller has to wait, or nothing.

    func call(from peer: PeerNetwork) -> Duration? { state.withLock { $0.peers.take(peer, at: now()) } }
    func call(of identity: String) -> Duration? { state.withLock { $0.identities.take(identity, at: now()) } }
    func failure(from peer: PeerNetwork) -> Duration? { state.withLock { $0.strangers.take(peer, at: now()) } }
}
