import Foundation
import Pipeline
import TestSupport
import Testing
import ZooKeeper

/// The stores that have to keep the same promises.
enum Backend: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case embedded, zooKeeper
    var testDescription: String { rawValue }
}

/// An empty place that any number of stores, also of other processes, can open.
final class Place: Sendable {
    let backend: Backend
    /// A directory, or a URL.
    let location: String
    private let directory: TemporaryDirectory?

    init(_ backend: Backend) async throws {
        self.backend = backend
        switch backend {
        case .embedded:
            let directory = try TemporaryDirectory("store")
            self.directory = directory
            location = directory.path + "/store"
        case .zooKeeper:
            directory = nil
            let server = try await sharedServer.value
            location = "zookeeper://\(server.hosts)/test/\(UUID().uuidString)"
        }
    }

    func open(sessionTimeout: Duration = .seconds(10)) throws -> any Store {
        switch backend {
        case .embedded: try EmbeddedStore(directory: location)
        case .zooKeeper: try ZooKeeperStore(location, sessionTimeout: sessionTimeout)
        }
    }

    /// Another process that holds `key`; returns when it does.
    func probe(_ verb: String, _ key: StoreKey, _ value: String, sessionMilliseconds: Int = 500) async throws -> ChildProcess {
        let process = try startProbe(verb, key, value, sessionMilliseconds: sessionMilliseconds)
        guard try await within(.seconds(20), "probe", { await process.line() }) == "held" else {
            throw TestFailure("the probe does not hold \(key)")
        }
        return process
    }

    func startProbe(
        _ verb: String, _ key: StoreKey, _ value: String, sessionMilliseconds: Int = 500
    ) throws -> ChildProcess {
        // Beside the test's own executable.
        let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = (here as NSString).deletingLastPathComponent + "/store-probe"
        return try ChildProcess([program, verb, location, key.description, value, "\(sessionMilliseconds)"])
    }
}

/// One server for all tests; each has a chroot of its own. Ends with the process.
let sharedServer = Task { try await ZooKeeperServer.start() }

/// Runs `body` with two stores at one new place.
func withStores(_ backend: Backend, _ body: (Place, any Store, any Store) async throws -> Void) async throws {
    let place = try await Place(backend)
    let (a, b) = (try place.open(), try place.open())
    do { try await body(place, a, b) } catch {
        await a.close()
        await b.close()
        throw error
    }
    await a.close()
    await b.close()
}

func key(_ path: String) -> StoreKey {
    do { return try StoreKey(path) } catch { preconditionFailure("\(error)") }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Octets that do not repeat, the same for the same seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state)
    }
}

/// The code of the store error that `body` throws, or `nil`.
func code(_ body: () async throws -> Void) async throws -> StoreError.Code? {
    do { try await body() } catch let error as StoreError { return error.code }
    return nil
}

/// Reads after each tick of a watch until the condition holds: what users of a
/// watch do. Fails if ticks stop coming.
func watching(
    _ store: any Store, _ keys: [StoreKey], _ what: String, until condition: @escaping @Sendable () async throws -> Bool
) async throws {
    try await within(.seconds(20), what) {
        for await _ in store.watch(keys) { if try await condition() { return } }
        throw TestFailure("the watch ended: \(what)")
    }
}
