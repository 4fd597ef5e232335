import Foundation
import Pipeline

/// Key files: one line each, the private ones for their owner's eyes only.
enum Keys {
    /// In front of the name of a variable that holds a key's line, in place of a file.
    static let environment = "env:"

    static func readPrivate(_ path: String) throws -> SigningKey {
        if path.hasPrefix(environment) {
            let name = String(path.dropFirst(environment.count))
            guard let text = SecretVariable.take(name) else { throw UserError("\(path): no such variable") }
            do { return try SigningKey(parsing: text) } catch { throw UserError("\(path): \(error)") }
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue, mode & 0o077 != 0 {
            throw UserError("\(path): others may read this private key: chmod 600 \(path)")
        }
        return try read(path, hint: "make one with: freshet keys generate --name NAME --directory DIR") { try SigningKey(parsing: $0) }
    }

    static func readPublic(_ path: String) throws -> VerifyingKey {
        try read(path, hint: "copy it from where 'freshet keys generate' was run") { try VerifyingKey(parsing: $0) }
    }

    private static func read<Key>(_ path: String, hint: String, _ parse: (String) throws -> Key) throws -> Key {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw UserError("\(path): no such key; \(hint)")
        }
        do {
            return try parse(text)
        } catch {
            throw UserError("\(path): \(error)")
        }
    }
}
