internal import DNSWire
internal import Foundation
internal import SwiftProtobuf

func makeDigest(_ octets: some Sequence<UInt8>) throws(DecodingFault) -> Digest {
    guard let digest = Digest(bytes: Array(octets)) else { throw DecodingFault("a digest has not 32 octets") }
    return digest
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

extension Configuration {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_Configuration.with {
                $0.number = number
                if let commit { $0.commit = commit.proto }
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
        // To protobuf no octets at all are a message: one that would take everything away.
        guard !octets.isEmpty else { throw DecodingFault("a configuration of no octets") }
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
        self.init(
            number: proto.number, commit: proto.hasCommit ? Commit(proto.commit) : nil, trace: Trace(proto.trace), sources: sources)
    }
}
