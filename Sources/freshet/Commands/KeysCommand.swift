import ArgumentParser
import Foundation
import Pipeline

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Makes, lists and replaces the keys that sign releases; makes tokens of servers.",
        subcommands: [Generate.self, List.self, Rotate.self, Token.self])

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

        func run() async throws { try Self.make(name: name, directory: directory) }

        static func make(name: String, directory: String) throws {
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

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Which keys sign releases, and how many proxies believe each.",
            discussion: "A fingerprint is the start of the SHA-256 of a public key. Private keys are never shown.")
        @OptionGroup var common: CommonOptions
        @Flag(help: "For machines.") var json = false

        func run() async throws {
            let rows = try await common.withStore { settings, store in try await KeyUse.all(settings, store) }
            if json { return try printJSON(rows) }
            var table = Table(["key", "fingerprint", "signs", "believed by"])
            for row in rows { table.add([row.name, row.fingerprint, row.signs ? "yes" : "-", "\(row.believers) of \(row.proxies) proxies"]) }
            print(table.text)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the successor of a key, and says what to do next; run it again after each step.",
            discussion: """
                No release is ever refused on the way: the Publisher signs with the old key and the new one, until every \
                proxy believes the new one. After a key was stolen leave out the waiting: proxies that have not got the \
                new key stay where they are, and serve.
                """)
        @OptionGroup var common: CommonOptions
        @Option(help: "The new key's name.") var name: String
        @Option(help: "Where the keys are.") var directory = "keys"

        func run() async throws {
            let secret = "\(directory)/\(name).private", open = "\(directory)/\(name).public"
            if !FileManager.default.fileExists(atPath: secret) { try Generate.make(name: name, directory: directory) }
            let key = try Keys.readPublic(open)
            let rows = try await common.withStore { settings, store in try await KeyUse.all(settings, store) }
            let new = rows.first { $0.fingerprint == key.fingerprint }, old = rows.filter { $0.signs && $0.fingerprint != key.fingerprint }
            let proxies = rows.first?.proxies ?? 0, believers = new?.believers ?? 0
            print("new key '\(name)' (\(key.fingerprint)): signs: \(new?.signs == true ? "yes" : "not yet"); believed by \(believers) of \(proxies) proxies")
            switch (new?.signs ?? false, believers == proxies && proxies > 0, old.isEmpty) {
            case (_, _, true) where new?.signs == true: print("done: nothing else signs; take the old key out of proxy.keys, and destroy its private file")
            case (true, true, _):
                print("next: take \(old.map { "'\($0.name)'" }.joined(separator: ", ")) out of publisher.key and restart the Publisher")
            case (false, _, _): print("next: publisher.key: [the old file, \(secret)], and restart the Publisher: it signs with both")
            case (true, false, _): print("next: copy \(open) to every server, add it to proxy.keys there, restart the proxies (their name servers go on)")
            }
        }
    }
}

/// Who uses a key.
private struct KeyUse: Encodable {
    var name, fingerprint: String
    var signs: Bool
    var believers, proxies: Int

    /// Keys that this configuration names, that signed the current release, or that a proxy believes.
    static func all(_ settings: PipelineSettings, _ store: any Store) async throws -> [KeyUse] {
        let deployments = try await store.deployments()
        var names: [String: String] = [:]
        for file in settings.proxy.keyFiles { if let key = try? Keys.readPublic(file) { names[key.fingerprint] = key.name } }
        var signing: Set<String> = []
        for file in settings.publisher.keys where !file.hasPrefix(Keys.environment) {
            guard let key = try? Keys.readPrivate(file).publicKey else { continue }
            names[key.fingerprint] = key.name
        }
        if let signed = try await store.decoded(WellKnown.release, SignedRelease.init(decoding:))?.value {
            let signers = Set(signed.signatures.map(\.key))
            signing = Set(names.filter { signers.contains($0.value) }.keys)
        }
        for fingerprint in deployments.flatMap(\.keys) where names[fingerprint] == nil { names[fingerprint] = "?" }
        return names.map { fingerprint, name in
            KeyUse(
                name: name, fingerprint: fingerprint, signs: signing.contains(fingerprint),
                believers: deployments.count { $0.keys.contains(fingerprint) }, proxies: deployments.count)
        }.sorted { ($0.name, $0.fingerprint) < ($1.name, $1.fingerprint) }
    }
}
