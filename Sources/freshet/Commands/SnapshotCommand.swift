import ArgumentParser
import Foundation
import Pipeline

struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot", abstract: "Copies what is live into a directory, for plans without credentials.",
        discussion: """
            The directory is an embedded store of its own: 'freshet plan --set store=DIRECTORY' plans against it, \
            wherever it is taken. It holds records and their provenance, and neither keys nor approvals.
            """)
    @OptionGroup var common: CommonOptions
    @Argument(help: "A directory that is not there yet, or an older snapshot.") var directory: String

    func run() async throws {
        let count = try await common.withStore { _, store in
            let copy = try EmbeddedStore(directory: URL(filePath: directory).path)
            // Blobs first: what refers to them comes after.
            let values = try await [WellKnown.configuration, WellKnown.registrations, WellKnown.presentation].asyncMap { key in
                (key, try await store.read(key)?.value)
            }
            let digests = Array(try await LiveBlobs.digests(in: store))
            for start in stride(from: 0, to: digests.count, by: 64) {
                let blobs = try await concurrentMap(Array(digests[start...].prefix(64))) { try await store.require($0) }
                try await copy.put(blobs)
            }
            for (key, value) in values {
                let known = try await copy.read(key)
                if let value {
                    try await copy.write(value, at: key, expecting: known?.version)
                } else if let known {
                    try await copy.remove(key, expecting: known.version)
                }
            }
            await copy.close()
            return digests.count
        }
        print("\(directory): \(count) blobs")
    }
}

extension Sequence {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
        var out: [T] = []
        for element in self { out.append(try await transform(element)) }
        return out
    }
}
