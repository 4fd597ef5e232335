import ArgumentParser
import Foundation
import Pipeline

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Makes the keys that sign releases.", subcommands: [Generate.self])

    struct Generate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes DIR/NAME.private (0600, for the Publisher) and DIR/NAME.public (for every proxy).")

        @Option(help: "What proxies call the key.") var name = "release"
        @Option(help: "Where the two files go.") var directory = "keys"

        func run() async throws {
            let secret = "\(directory)/\(name).private", open = "\(directory)/\(name).public"
            guard !FileManager.default.fileExists(atPath: secret) else {
                throw UserError("\(secret) is there already: a key is never overwritten")
            }
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let key = SigningKey.generate(name: name)
            try Files.replace(secret, with: Array(key.fileText.utf8), permissions: 0o600, durable: true)
            try Files.replace(open, with: Array(try key.publicKey.fileText.utf8))
            print("\(secret)\n\(open)")
        }
    }
}
