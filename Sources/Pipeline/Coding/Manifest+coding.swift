internal import DNSWire
internal import Foundation
internal import SwiftProtobuf

func makeDigest(_ octets: some Sequence<UInt8>) throws(DecodingFault) -> Digest {
    guard let digest = Digest(bytes: Array(octets)) else { throw DecodingFault("a digest has not 32 octets") }
    return digest
}

func makeNames(_ list: [some Sequence<UInt8>]) throws(DecodingFault) -> [Name] {
    var names: [Name] = []
    for octets in list {
        guard let name = try? Name(wire: Array(octets)) else { throw DecodingFault("a zone is not a name") }
        names.append(name)
    }
    return names
}

extension Trace {
    var proto: Freshet_V1_Trace {
        .with {
            $0.cause = cause
            $0.milestones = milestones.map { milestone in
                .with {
                    $0.stage = milestone.stage.rawValue
                    $0.atMs = milestone.at.milliseconds
                }
            }
        }
    }

    init(_ proto: Freshet_V1_Trace) {
        // Stages of a later version are left out: they are news, not data.
        self.init(
            cause: proto.cause,
            milestones: proto.milestones.compactMap { milestone in
                Milestone.Stage(rawValue: milestone.stage).map {
                    Milestone(stage: $0, at: Instant(milliseconds: milestone.atMs))
                }
            })
    }
}

extension Manifest {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_Manifest.with {
                $0.source = source
                $0.number = number
                $0.shardCount = UInt32(sharding.count)
                $0.shards = Self.protos(shards)
                $0.beneath = Self.protos(beneath)
                $0.basis = basis
                $0.trace = trace.proto
                $0.nextMs = next?.milliseconds ?? 0
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_Manifest.self, octets)
        guard (1...4096).contains(proto.shardCount) else { throw DecodingFault("a manifest has 1 to 4096 shards") }
        self.init(
            source: proto.source, number: proto.number, sharding: Sharding(count: Int(proto.shardCount)),
            basis: proto.basis, trace: Trace(proto.trace),
            next: proto.nextMs == 0 ? nil : Instant(milliseconds: proto.nextMs))
        shards = try Self.references(proto.shards, of: sharding)
        beneath = try Self.references(proto.beneath, of: sharding)
    }

    private static func protos(_ references: [Int: ShardReference]) -> [Freshet_V1_ShardReference] {
        references.sorted { $0.key < $1.key }.map { index, shard in
            .with {
                $0.index = UInt32(index)
                $0.digest = .init(shard.digest.bytes)
                $0.size = UInt64(shard.size)
                $0.count = UInt32(shard.count)
                $0.basis = .init(shard.basis.bytes)
                $0.conflicts = UInt32(clamping: shard.conflicts)
                $0.zones = shard.zones.map { .init($0.wire) }
            }
        }
    }

    private static func references(
        _ protos: [Freshet_V1_ShardReference], of sharding: Sharding
    ) throws(DecodingFault) -> [Int: ShardReference] {
        var references: [Int: ShardReference] = [:]
        for proto in protos {
            guard proto.index < sharding.count, let size = Int(exactly: proto.size) else {
                throw DecodingFault("a shard's index or size is out of range")
            }
            references[Int(proto.index)] = ShardReference(
                digest: try makeDigest(proto.digest), size: size, count: Int(proto.count), basis: try makeDigest(proto.basis),
                conflicts: Int(proto.conflicts), zones: try makeNames(proto.zones))
        }
        return references
    }
}

extension Configuration {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_Configuration.with {
                $0.number = number
                if let commit {
                    $0.commit = .with {
                        $0.id = commit.id
                        $0.author = commit.author
                        $0.subject = commit.subject
                    }
                }
                $0.trace = trace.proto
                $0.sources = sources.map { source in
                    .with {
                        $0.name = source.name
                        $0.kind = source.kind == .edits ? .edits : .generation
                        $0.manifest = .init(source.manifest.bytes)
                        $0.inputs = source.inputs.sorted { $0.key < $1.key }.map { path, digest in
                            .with {
                                $0.path = path
                                $0.digest = .init(digest.bytes)
                            }
                        }
                        $0.failure = source.failure ?? ""
                        $0.basis = .init(source.basis.bytes)
                    }
                }
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_Configuration.self, octets)
        var sources: [Source] = []
        for source in proto.sources {
            var inputs: [String: Digest] = [:]
            for input in source.inputs { inputs[input.path] = try makeDigest(input.digest) }
            sources.append(
                Source(
                    name: source.name, kind: source.kind == .edits ? .edits : .generation,
                    manifest: try makeDigest(source.manifest), inputs: inputs,
                    failure: source.failure.isEmpty ? nil : source.failure, basis: try makeDigest(source.basis)))
        }
        let commit =
            proto.hasCommit
            ? Commit(id: proto.commit.id, author: proto.commit.author, subject: proto.commit.subject) : nil
        self.init(number: proto.number, commit: commit, trace: Trace(proto.trace), sources: sources)
    }
}
