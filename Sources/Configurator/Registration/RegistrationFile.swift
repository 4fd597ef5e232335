internal import DNSWire
internal import Foundation
internal import Pipeline

/// What servers registered, as the file that rules read: a JSON list in canonical order.
struct RegistrationFile: Sendable {
    /// The input's name; rules in Swift write `@Registrations`.
    static let inputName = "@registrations"

    let octets: [UInt8]
    var digest: Digest { Digest(of: octets) }

    private struct Row: Encodable {
        var action, owner, type: String
        var ttl: UInt32?
        var values: [String]
        var location: String?
        var person, reason: String
    }

    init(_ manifest: Manifest?, in blobs: any Blobs) async throws {
        var edits: [Edit] = []
        for (_, shard) in manifest?.shards.sorted(by: { $0.key < $1.key }) ?? [] {
            edits += try Edit.decode(try await blobs.require(shard.digest))
        }
        let rows = edits.map { edit in
            Row(
                action: edit.action.rawValue, owner: "\(edit.key.owner)", type: "\(edit.key.type)", ttl: edit.ttl,
                values: edit.rdata.map { $0.text(type: edit.key.type) }, location: edit.key.location.map { "\($0)" },
                person: edit.origin.person, reason: edit.origin.reason)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // One a line, in an order that does not depend on shards.
        let lines = try rows.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        let order = zip(edits.map { ($0.key.owner, "\($0.key)", $0.origin.person) }, lines).sorted { a, b in
            if a.0.0 != b.0.0 { return a.0.0.precedes(b.0.0) }
            return (a.0.1, a.0.2, a.1) < (b.0.1, b.0.2, b.1)
        }
        octets = Array("[\n\(order.map(\.1).joined(separator: ",\n"))\n]\n".utf8)
    }
}

/// That file, made for the first rule that reads it: most sites have none.
final class RegistrationInput {
    private let manifest: Manifest?
    private let blobs: any Blobs
    private var written: String?

    init(_ manifest: Manifest?, in blobs: any Blobs) {
        self.manifest = manifest
        self.blobs = blobs
    }

    func path() async throws -> String {
        if let written { return written }
        let file = try await RegistrationFile(manifest, in: blobs)
        let path = "\(NSTemporaryDirectory())/freshet-registrations-\(UUID().uuidString).json"
        try Data(file.octets).write(to: URL(filePath: path))
        written = path
        return path
    }

    func remove() {
        if let written { try? FileManager.default.removeItem(atPath: written) }
    }
}
