import Foundation
import Logging
import Synchronization
import Testing

@testable import Swarm

/// A directory of the test's own.
struct Scratch: ~Copyable {
    let path = NSTemporaryDirectory() + "/swarm-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func release(_ name: String, files: Int, of size: Int, seed: UInt64 = 1) throws -> String {
        let directory = path + "/" + name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var random = SplitMix(state: seed)
        for i in 0..<files { try Data(random.bytes(size)).write(to: URL(filePath: "\(directory)/\(shard(i))")) }
        return directory
    }
}

func shard(_ i: Int) -> String { "shard-\(1000 + i).cdb" }

struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var at = 0
            while at + 8 <= count {
                raw.storeBytes(of: next(), toByteOffset: at, as: UInt64.self)
                at += 8
            }
            while at < count {
                raw[at] = UInt8(truncatingIfNeeded: next())
                at += 1
            }
            used = count
        }
    }
}

/// Loopback addresses that no other test of this process uses. libtorrent takes
/// one connection per address, so peers need different ones.
private let lastHost = Atomic<Int>(0)
func loopback() throws -> PeerAddress {
    let n = lastHost.add(1, ordering: .relaxed).newValue
    return try PeerAddress(host: "127.77.\(n / 250).\(n % 250 + 1)", port: 0)
}

let quiet: Logger = {
    var log = Logger(label: "swarm-tests")
    log.logLevel = .critical
    return log
}()

/// A peer for the length of `body`; closed whatever happens.
func withSwarm<Result: Sendable>(
    at address: PeerAddress? = nil, _ body: @Sendable (Swarm) async throws -> Result
) async throws -> Result {
    let swarm = try await Swarm(listen: address ?? loopback(), logger: quiet)
    do {
        let result = try await body(swarm)
        await swarm.close()
        return result
    } catch {
        await swarm.close()
        throw error
    }
}

/// Far beyond what anything here takes on a busy machine: reached only if
/// something hangs.
let patience = Duration.seconds(25)

func contents(_ directory: String) throws -> [String: Data] {
    var result: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
        var isDirectory: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: "\(directory)/\(name)", isDirectory: &isDirectory)
        if !isDirectory.boolValue { result[name] = try Data(contentsOf: URL(filePath: "\(directory)/\(name)")) }
    }
    return result
}

func expectCode(_ code: SwarmError.Code, _ body: () async throws -> Void) async {
    do {
        try await body()
        Issue.record("no error; \(code) was expected")
    } catch let error as SwarmError {
        #expect(error.code == code, "\(error)")
    } catch {
        Issue.record("\(error)")
    }
}
