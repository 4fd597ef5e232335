/// Immutable content, named by its digest.
public protocol Blobs: Sendable {
    /// Stores blobs under the digests of their content and returns these in order.
    ///
    /// Durable on return. Storing content that is there already is harmless.
    @discardableResult
    func put(_ blobs: [[UInt8]]) async throws -> [Digest]

    /// The blob of that name, or `nil` if the store has none.
    ///
    /// The content is checked against the digest: a damaged blob throws
    /// ``StoreError/Code/corrupt`` and is never returned.
    func get(_ digest: Digest) async throws -> [UInt8]?
}

/// Where the stages meet: blobs, manifests, leases.
///
/// Two implementations ship, ``EmbeddedStore`` (one machine) and the one over
/// ZooKeeper; `Tests/StoreTests` holds both to the same promises.
///
/// All operations throw ``StoreError``. None blocks a thread of the cooperative
/// pool. Values are safe to use from any number of tasks and processes.
public protocol Store: Blobs {
    /// The value at `key` (manifest or lease), or `nil`.
    func read(_ key: StoreKey) async throws -> VersionedValue?

    /// Replaces the value at `key` if its version still is `expected`
    /// (`nil`: if there is no value), and returns the new version.
    ///
    /// Durable on return. Throws ``StoreError/Code/conflict`` if another writer
    /// was quicker, ``StoreError/Code/tooLarge`` above 512 KiB.
    @discardableResult
    func write(_ value: [UInt8], at key: StoreKey, expecting expected: StoreVersion?) async throws -> StoreVersion

    /// Removes the value at `key` if its version still is `expected`.
    func remove(_ key: StoreKey, expecting expected: StoreVersion) async throws

    /// The names of the values directly below `key`, sorted; empty if there are none.
    func list(_ key: StoreKey) async throws -> [StoreKey]

    /// Ticks at once, and again whenever a value at one of `keys` or directly
    /// below one of them appeared, changed or went away.
    ///
    /// A tick means "read again", never "here is the news": ticks are coalesced
    /// (at most one waits), may be spurious, and come again after an outage.
    /// Ends when the store is closed or the consumer is cancelled.
    ///
    /// - Parameter what: with `.names`, a lease below a key whose value changes need not tick: where
    ///   thousands watch each other's leases, every change would wake them all. Nor need the
    ///   removal of a value that is no lease.
    func watch(_ keys: [StoreKey], for what: WatchedChanges) -> AsyncStream<Void>

    /// Shows presence: a value at `key` that vanishes with this process or its
    /// session, even if it is killed.
    ///
    /// Throws ``StoreError/Code/conflict`` if a living process holds the key.
    func lease(_ key: StoreKey, value: [UInt8]) async throws -> any Lease

    /// Waits until no living process leads `role`, then leads it.
    ///
    /// `value` names the leader to people: readable at `role`. Cancelling the
    /// task gives the place in the queue back.
    func lead(_ role: StoreKey, value: [UInt8]) async throws -> any Lease

    /// Removes blobs that are not in `live` and were last put more than `grace`
    /// ago; returns how many.
    @discardableResult
    func sweep(keeping live: Set<Digest>, grace: Duration) async throws -> Int

    /// Gives back leases and connections. Calls after it throw ``StoreError/Code/closed``.
    func close() async
}

/// What a watch ticks for.
public enum WatchedChanges: Sendable {
    /// Values at the keys and directly below them appear, change, go away.
    case values
    /// Values at the keys, and which leases there are below them.
    case names
}

extension Store {
    public func watch(_ keys: [StoreKey]) -> AsyncStream<Void> { watch(keys, for: .values) }
}

/// Presence or leadership, held until released, lost, or the process ends.
public protocol Lease: Sendable {
    var key: StoreKey { get }
    /// Replaces the value that others read at ``key``.
    func update(_ value: [UInt8]) async throws
    /// Gives it back. Idempotent.
    func release() async
    /// Returns when the lease no longer holds: released, or lost (session expired).
    func untilLost() async
}

extension Store {
    /// The largest value a manifest or lease may have, in octets: half of
    /// ZooKeeper's default `jute.maxbuffer`.
    public static var largestValue: Int { 512 * 1024 }
}

/// A value and the version that ``Store/write(_:at:expecting:)`` compares.
public struct VersionedValue: Sendable, Equatable {
    public var value: [UInt8]
    public var version: StoreVersion

    public init(value: [UInt8], version: StoreVersion) {
        self.value = value
        self.version = version
    }
}

/// The version of a value: changes with every write, otherwise opaque.
public struct StoreVersion: Hashable, Sendable {
    public let number: Int64
    public init(_ number: Int64) { self.number = number }
}

/// The name of a value: components of `[a-z0-9._-]`, joined by `/`.
///
/// A component never starts with a dot, so that no name can walk a file tree.
public struct StoreKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let components: [String]

    /// Parses `a/b/c`. Throws ``StoreError/Code/invalidKey``.
    public init(_ path: String) throws(StoreError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for part in parts {
            let plain = part.utf8.allSatisfy { c in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(c) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(c)
                    || c == UInt8(ascii: ".") || c == UInt8(ascii: "_") || c == UInt8(ascii: "-")
            }
            guard plain, !part.isEmpty, part.utf8.count <= 200, part.utf8.first != UInt8(ascii: ".") else {
                throw StoreError(.invalidKey, "'\(path)' is not a store key: use [a-z0-9._-] joined by '/'")
            }
        }
        components = parts
    }

    private init(components: [String]) { self.components = components }

    /// The key `name` below this one.
    public func appending(_ name: String) throws(StoreError) -> StoreKey {
        try StoreKey(components: components + StoreKey(name).components)
    }

    /// The last component.
    public var name: String { components[components.count - 1] }

    /// The key above; `nil` at the top.
    public var parent: StoreKey? {
        components.count > 1 ? StoreKey(components: Array(components.dropLast())) : nil
    }

    public var description: String { components.joined(separator: "/") }

    public static func < (a: StoreKey, b: StoreKey) -> Bool {
        a.components.lexicographicallyPrecedes(b.components)
    }
}

/// An error that knows whether the same call may succeed later, unchanged.
public protocol Retriable: Error {
    var isRetriable: Bool { get }
}

/// Why a store could not do what it was asked.
public struct StoreError: Retriable, CustomStringConvertible, Sendable {
    public enum Code: String, Sendable, CaseIterable {
        /// Another writer was quicker: read again, compute again.
        case conflict
        /// The store cannot be reached now.
        case unavailable
        /// The session ended; its leases are gone. The next call uses a new one.
        case sessionExpired
        /// What is stored does not match its digest or its format.
        case corrupt
        case tooLarge
        case unauthorized
        case closed
        case invalidKey
        case invalidLocation
        /// The disk said no: full, read-only, failing.
        case storage
    }

    public let code: Code
    public let message: String
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Whether the same call may succeed later, unchanged.
    public var isRetriable: Bool {
        switch code {
        case .unavailable, .sessionExpired, .storage: true
        case .conflict, .corrupt, .tooLarge, .unauthorized, .closed, .invalidKey, .invalidLocation: false
        }
    }

    public var description: String {
        cause.map { "\(message) (\(code.rawValue): \($0))" } ?? "\(message) (\(code.rawValue))"
    }
}
