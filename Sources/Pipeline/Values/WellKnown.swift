/// Where the stages meet in the store.
public enum WellKnown {
    /// The reviewed sources: a ``Configuration``.
    public static let configuration = key("configuration")
    /// What servers registered: a ``Manifest`` of edits.
    public static let registrations = key("registrations")
    /// What people signed and nobody reviewed: a list of ``EmergencyEdit``.
    public static let emergency = key("emergency")
    /// What is to be served: a ``Manifest``.
    public static let presentation = key("presentation")
    /// Plans that may go live though they are large: a list of ``Approval``.
    public static let approvals = key("approvals")
    /// The presentation that waits for one of them: a ``Held``; not there if none waits.
    public static let held = key("held")
    /// What the fleet fetches: a ``SignedRelease``.
    public static let release = key("release")
    /// Which presentation each release carried: a ``ReleaseLog``.
    public static let releases = key("releases")
    /// What the rings fetch that are ahead of the fleet: a ``SignedRelease``; not there if none is.
    public static let candidate = key("candidate")
    /// How far it has come: a ``Rollout``.
    public static let rollout = key("rollout")
    /// Why nothing but emergency edits goes live: a ``Halt``; not there if all does.
    public static let halt = key("halt")
    /// What is given by zone transfer: a ``TransferState``.
    public static let transfer = key("transfer")
    /// How far that has come on the name servers of pools: a ``PoolState``.
    public static let pools = key("pools")
    /// Below it, one lease a proxy: a ``Deployment``.
    public static let proxies = key("proxies")
    /// Below it, one lease a seeder: its swarm address as text.
    public static let seeders = key("seeders")
    /// Below it, one lease a site: a ``VIPSite``.
    public static let vips = key("vips")
    /// Who may be withdrawn for staleness: a ``VIPClaims``.
    public static let vipClaims = key("vip-claims")
    /// Below it, one leadership a stage.
    public static let leaders = key("leaders")

    private static func key(_ text: String) -> StoreKey {
        guard let key = try? StoreKey(text) else { preconditionFailure("'\(text)' is a valid key") }
        return key
    }
}

extension Blobs {
    /// The blob, which must be there: what refers to it was written after it.
    public func require(_ digest: Digest) async throws -> [UInt8] {
        guard let blob = try await get(digest) else {
            throw StoreError(.corrupt, "blob \(digest.short) is referred to and missing")
        }
        return blob
    }
}

extension Store {
    /// The decoded value at `key` with its version, or `nil`.
    ///
    /// - Parameter known: what was decoded before: of the same version, it is not decoded again.
    public func decoded<Value>(
        _ key: StoreKey, known: (value: Value, version: StoreVersion)? = nil, _ decode: ([UInt8]) throws -> Value
    ) async throws -> (value: Value, version: StoreVersion)? {
        guard let stored = try await read(key) else { return nil }
        if let known, known.version == stored.version { return known }
        do {
            return (try decode(stored.value), stored.version)
        } catch {
            throw StoreError(.corrupt, "the value at '\(key)' cannot be read", cause: error)
        }
    }
}
