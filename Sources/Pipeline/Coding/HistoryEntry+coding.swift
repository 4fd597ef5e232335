internal import Foundation
internal import SwiftProtobuf

extension HistoryEntry {
    /// The blob that ``Manifest/history`` names.
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_HistoryEntry.with {
                $0.number = number
                $0.atMs = at.milliseconds
                $0.cause = cause
                if let commit { $0.commit = commit.proto }
                $0.changes = changes.sorted { $0.key < $1.key }.map { index, change in
                    .with {
                        $0.index = UInt32(index)
                        $0.before = .init(change.before?.bytes ?? [])
                        $0.after = .init(change.after?.bytes ?? [])
                    }
                }
                $0.sources = sources.sorted { $0.key < $1.key }.map { name, manifest in
                    .with {
                        $0.name = name
                        $0.manifest = .init(manifest.bytes)
                    }
                }
                $0.previous = .init(previous?.bytes ?? [])
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_HistoryEntry.self, octets)
        func digest(_ octets: Data) throws(DecodingFault) -> Digest? { octets.isEmpty ? nil : try makeDigest(octets) }
        self.init(
            number: proto.number, at: Instant(milliseconds: proto.atMs), cause: proto.cause,
            commit: proto.hasCommit ? Commit(proto.commit) : nil, previous: try digest(proto.previous))
        for change in proto.changes {
            guard change.index < 4096 else { throw DecodingFault("a shard's index is out of range") }
            changes[Int(change.index)] = Change(before: try digest(change.before), after: try digest(change.after))
        }
        for source in proto.sources { sources[source.name] = try makeDigest(source.manifest) }
    }
}

extension Commit {
    var proto: Freshet_V1_Commit {
        .with {
            $0.id = id
            $0.author = author
            $0.subject = subject
        }
    }

    init(_ proto: Freshet_V1_Commit) { self.init(id: proto.id, author: proto.author, subject: proto.subject) }
}
