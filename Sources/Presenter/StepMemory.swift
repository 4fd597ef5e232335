internal import Pipeline
internal import Synchronization

/// What the steps before have read and made, so that a step looks only at what changed.
///
/// It never says what is live: that is read each time, and its version compared.
final class StepMemory: Sendable {
    private struct State {
        var values: [StoreKey: (value: any Sendable, version: StoreVersion)] = [:]
        var presented: Presented?
        var live: (manifest: Manifest, decoded: [Digest: Shard])?
        var shards: [Int: KeptShard] = [:]
    }

    private let state = Mutex(State())

    var presented: Presented? {
        get { state.withLock { $0.presented } }
        set { state.withLock { $0.presented = newValue } }
    }

    /// What is live by the last step, with shards that are decoded already.
    var live: (manifest: Manifest, decoded: [Digest: Shard])? {
        get { state.withLock { $0.live } }
        set { state.withLock { $0.live = newValue } }
    }

    /// Presented shards as they were last decoded.
    var shards: [Int: KeptShard] { state.withLock { $0.shards } }

    func keep(_ shards: [Int: KeptShard]) { state.withLock { $0.shards.merge(shards) { $1 } } }

    /// All but decoded shards, which their digests vouch for.
    func forget() { state.withLock { $0 = State(shards: $0.shards) } }

    /// The value at `key`, decoded if it is another version than the last time.
    func decoded<Value: Sendable>(
        _ key: StoreKey, in store: any Store, _ decode: ([UInt8]) throws -> Value
    ) async throws -> (value: Value, version: StoreVersion)? {
        let last = state.withLock { $0.values[key] }
        let known = last.flatMap { last in (last.value as? Value).map { ($0, last.version) } }
        let found = try await store.decoded(key, known: known, decode)
        state.withLock { $0.values[key] = found.map { ($0.value, $0.version) } }
        return found
    }

    /// Writes a value, which need not be decoded when it is read again.
    func write<Value: Sendable>(
        _ value: Value, _ octets: [UInt8], at key: StoreKey, in store: any Store, expecting expected: StoreVersion?
    ) async throws {
        let version = try await store.write(octets, at: key, expecting: expected)
        state.withLock { $0.values[key] = (value, version) }
    }
}

/// A shard and the digest of its blob.
struct KeptShard: Sendable {
    var digest: Digest
    var shard: Shard
}
