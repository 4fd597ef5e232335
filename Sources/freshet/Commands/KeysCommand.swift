import ArgumentParser
import Foundation
import Pipeline

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Makes the keys that sign releases, and tokens of servers.", subcommands: [Generate.self, Token.self])

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a new token to FILE (0600, for a server that registers) and prints what identities.yaml says of it.")

        @Argument(help: "Where the token goes.") var file: String

        func run() async throws {
            guard !FileManager.default.fileExists(atPath: file) else { throw UserError("\(file) is there already: a token is never overwritten") }
            var random = SystemRandomNumberGenerator()
            let token = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }.map { octet in
                (octet < 16 ? "0" : "") + String(octet, radix: 16)
            }.joined()
            try Files.replace(file, with: Array(token.utf8) + [0x0A], permissions: 0o600, durable: true)
            print("tokens: [\"sha256:\(Digest(of: token.utf8))\"]")
        }
    }

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
