public import Logging

/// Lets this process's swarm talk to members of the fleet only, as their leases name them.
///
/// A stranger who learnt the info-hash gets no connection, and dials nobody's. Membership
/// is what the store says: who may write leases there decides who is a member.
public struct Admission: Sendable {
    private let store: any Store
    private let distribution: Distribution
    private let logger: Logger
    /// How often leases that were there before are read again: a host may have moved.
    private let interval: Duration

    public init(store: any Store, distribution: Distribution, logger: Logger, interval: Duration = .seconds(60)) {
        self.store = store
        self.distribution = distribution
        self.logger = logger
        self.interval = interval
    }

    /// Runs until cancelled. Without the store the last known members stay admitted.
    public func run() async {
        let (ticks, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = store.watch([WellKnown.proxies, WellKnown.seeders], for: .names)
        let feeder = Task { for await _ in changes { continuation.yield() } }
        let clock = Task {
            while (try? await Task.sleep(for: interval)) != nil { continuation.yield() }
        }
        defer {
            feeder.cancel()
            clock.cancel()
        }
        var known: [StoreKey: String] = [:]
        var readAt = ContinuousClock.now
        var admitted: Set<String>?
        for await _ in ticks {
            do {
                if ContinuousClock.now - readAt >= interval { (known, readAt) = ([:], .now) }
                try await refresh(&known)
                let addresses = Set(known.values)
                if addresses != admitted {
                    await distribution.admit(addresses)
                    admitted = addresses
                    logger.debug("members of the swarm", metadata: ["count": "\(addresses.count)"])
                }
            } catch is CancellationError {
                return
            } catch {
                logger.debug("the members of the swarm stay as they were", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Reads the leases that are new, forgets those that are gone.
    private func refresh(_ known: inout [StoreKey: String]) async throws {
        let seeders = try await store.list(WellKnown.seeders), proxies = try await store.list(WellKnown.proxies)
        let present = Set(seeders + proxies)
        known = known.filter { present.contains($0.key) }
        for key in seeders where known[key] == nil {
            if let lease = try await store.read(key) { known[key] = String(decoding: lease.value, as: UTF8.self) }
        }
        for key in proxies where known[key] == nil {
            if let lease = try await store.read(key), let proxy = try? Deployment(decoding: lease.value) {
                known[key] = proxy.swarmAddress
            }
        }
    }
}
