import Foundation
import LocalProxy
import Logging
import Pipeline
import Swarm
import Synchronization

// One seeder and many peers of this process, each with an address and a port of its own,
// choose whom to ask as proxies do. Prints one line of JSON.
//   swarm-bench RELEASE-DIRECTORY WORK-DIRECTORY PEERS [everyone]
// With `everyone`, each asks the seeder and all others, for comparison.

let arguments = CommandLine.arguments
guard arguments.count >= 4, let count = Int(arguments[3]), count > 0 else {
    FileHandle.standardError.write(Data("usage: swarm-bench RELEASE WORK PEERS [everyone]\n".utf8))
    exit(64)
}
let (release, work, asksEveryone) = (arguments[1], arguments[2], arguments.count > 4)
let metadata = try await TorrentMetadata.make(directory: release)
let logger = {
    var logger = Logger(label: "swarm")
    logger.logLevel = .error
    return logger
}()

func peer(_ index: Int) async throws -> Swarm {
    try await Swarm(listen: PeerAddress(host: "127.66.\(index / 200).\(index % 200 + 1)", port: 0), logger: logger)
}

let seeder = try await peer(0)
try await seeder.seed(metadata, directory: release, verified: true)
var peers: [(host: String, swarm: Swarm)] = []
for index in 1...count { peers.append(("p\(index)", try await peer(index))) }

/// What the store's leases would say: five sites, a label each.
let leases = Dictionary(
    uniqueKeysWithValues: peers.enumerated().map { index, peer in
        (peer.host, Deployment(host: peer.host, swarmAddress: "\(peer.swarm.address)", tinydnsAddress: "", unboundAddress: "", labels: ["site": "\(index % 5)"]))
    })
let content = Digest(of: metadata.infoHash)

@Sendable func neighbours(of host: String, isPatient: Bool) -> [PeerAddress] {
    let others = leases.keys.filter { $0 != host }
    let choice = Neighbours(of: host, among: others, content: content)
    let addresses =
        isPatient && !asksEveryone ? choice.addresses(labels: leases[host]!.labels, leases) : others.map { leases[$0]!.swarmAddress }
    return addresses.compactMap { try? PeerAddress($0) } + (choice.asksPublisher || !isPatient || asksEveryone ? [seeder.address] : [])
}

let begun = ContinuousClock.now
let times = try await withThrowingTaskGroup(of: Duration.self) { group in
    for (host, swarm) in peers {
        group.addTask {
            let introductions = Introductions(neighbours(of: host, isPatient: true).map { "\($0)" })
            let running = Task {
                await introductions.run(changes: AsyncStream<Void> { _ in }) { isPatient in
                    FileHandle.standardError.write(Data("\(host) asks everyone\n".utf8))
                    return neighbours(of: host, isPatient: isPatient).map { "\($0)" }
                } introduce: { found in
                    try? await swarm.addPeers(found.compactMap { try? PeerAddress($0) }, to: metadata.infoHash)
                }
            }
            defer { running.cancel() }
            try await swarm.fetch(
                metadata, into: "\(work)/\(host)", peers: introductions.first.compactMap { try? PeerAddress($0) },
                stallLimit: .seconds(60), progress: { _ in introductions.heard() })
            return ContinuousClock.now - begun
        }
    }
    var times: [Duration] = []
    for try await time in group { times.append(time) }
    return times.sorted()
}
let uploaded = try await seeder.statistics(of: metadata.infoHash).uploaded
var moved: UInt64 = 0
for (_, swarm) in peers { moved += try await swarm.statistics(of: metadata.infoHash).downloaded }

func seconds(_ duration: Duration) -> String { String(format: "%.3f", duration / .seconds(1)) }
print(
    """
    {"peers": \(count), "octets": \(metadata.totalSize), "first": \(seconds(times[0])), "median": \(seconds(times[count / 2])), \
    "last": \(seconds(times[count - 1])), "seederCopies": \(String(format: "%.2f", Double(uploaded) / Double(metadata.totalSize))), \
    "movedCopies": \(String(format: "%.2f", Double(moved) / Double(metadata.totalSize)))}
    """)
exit(0)
