internal import DNSWire
internal import Foundation
internal import SwiftProtobuf

extension Release {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_Release.with {
                $0.pipeline = pipeline
                $0.number = number
                $0.publishedMs = published.milliseconds
                $0.content = .init(content.bytes)
                $0.presentation = presentation
                $0.trace = trace.proto
                $0.heartbeatMs = heartbeat
                $0.checkpoint = .with {
                    $0.content = .init(checkpoint.content.bytes)
                    $0.listing = .init(checkpoint.listing.bytes)
                    $0.torrent = .init(checkpoint.torrent.bytes)
                    $0.infoHash = .init(checkpoint.infoHash)
                }
                $0.log = log.map { .init($0.bytes) }
                $0.deltas = deltas.map(\.proto)
                $0.audience = audience.map(\.proto)
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_Release.self, octets)
        guard proto.checkpoint.infoHash.count == 32 else { throw DecodingFault("the info-hash has not 32 octets") }
        var log: [Digest] = []
        for digest in proto.log { log.append(try makeDigest(digest)) }
        self.init(
            pipeline: proto.pipeline, number: proto.number, published: Instant(milliseconds: proto.publishedMs),
            content: try makeDigest(proto.content), presentation: proto.presentation, trace: Trace(proto.trace),
            heartbeat: proto.heartbeatMs,
            checkpoint: Checkpoint(
                content: try makeDigest(proto.checkpoint.content), listing: try makeDigest(proto.checkpoint.listing),
                torrent: try makeDigest(proto.checkpoint.torrent), infoHash: Array(proto.checkpoint.infoHash)),
            log: log, deltas: try Delta.list(proto.deltas), audience: proto.audience.map { Ring($0) })
    }
}

/// Checks what a proxy relies on: paths stay inside.
private func checkPath(_ path: String) throws(DecodingFault) {
    // Octets, as the file system reads them: a Character may hold a slash and its neighbour.
    let components = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard components.allSatisfy({ !$0.isEmpty && $0.first != UInt8(ascii: ".") && !$0.contains(0) }) else {
        throw DecodingFault("a file's path '\(path.prefix(80))' could leave its directory")
    }
}

extension Listing {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_Listing.with {
                $0.files = files.map { file in
                    .with {
                        $0.path = file.path
                        $0.digest = .init(file.digest.bytes)
                        $0.size = UInt64(file.size)
                    }
                }
            })
    }

    /// Also checks what a proxy relies on: paths stay inside, none comes twice.
    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        var files: [File] = []
        for file in try decode(Freshet_V1_Listing.self, octets).files {
            try checkPath(file.path)
            guard let size = Int(exactly: file.size) else { throw DecodingFault("a file's size is out of range") }
            files.append(File(path: file.path, digest: try makeDigest(file.digest), size: size))
        }
        self.init(files)
        guard self.files.count == files.count else { throw DecodingFault("a file comes twice") }
    }
}

/// What a proxy keeps on its disk: what was signed, and the files that it names by one digest.
public struct KeptRelease: Sendable {
    public var signed: SignedRelease
    public var listing: Listing

    public init(signed: SignedRelease, listing: Listing) {
        self.signed = signed
        self.listing = listing
    }

    public var encoded: [UInt8] {
        encode(
            Freshet_V1_KeptRelease.with {
                $0.signed = .init(signed.encoded)
                $0.listing = .init(listing.encoded)
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_KeptRelease.self, octets)
        self.init(signed: try SignedRelease(decoding: Array(proto.signed)), listing: try Listing(decoding: Array(proto.listing)))
    }
}

extension Delta {
    fileprivate var proto: Freshet_V1_Delta {
        .with {
            $0.from = .init(from.bytes)
            $0.to = .init(to.bytes)
            $0.splices = splices.map { splice in
                .with {
                    $0.path = splice.path
                    $0.hunks = splice.hunks.map { hunk in
                        .with {
                            $0.kept = UInt64(hunk.kept)
                            $0.removed = UInt64(hunk.removed)
                            $0.inserted = .init(hunk.inserted)
                        }
                    }
                    if let outcome = splice.outcome {
                        $0.digest = .init(outcome.digest.bytes)
                        $0.size = UInt64(outcome.size)
                    }
                }
            }
        }
    }

    fileprivate static func list(_ protos: [Freshet_V1_Delta]) throws(DecodingFault) -> [Delta] {
        var deltas: [Delta] = []
        for proto in protos {
            var splices: [Splice] = []
            for splice in proto.splices {
                try checkPath(splice.path)
                guard let size = Int(exactly: splice.size) else { throw DecodingFault("a splice's size is out of range") }
                var hunks: [Splice.Hunk] = []
                hunks.reserveCapacity(splice.hunks.count)
                for hunk in splice.hunks {
                    guard let kept = Int(exactly: hunk.kept), let removed = Int(exactly: hunk.removed)
                    else { throw DecodingFault("a splice's size is out of range") }
                    hunks.append(.init(kept: kept, removed: removed, inserted: Array(hunk.inserted)))
                }
                let outcome =
                    splice.digest.isEmpty
                    ? nil : Listing.File(path: splice.path, digest: try makeDigest(splice.digest), size: size)
                splices.append(Splice(path: splice.path, hunks: hunks, outcome: outcome))
            }
            deltas.append(Delta(from: try makeDigest(proto.from), to: try makeDigest(proto.to), splices: splices))
        }
        return deltas
    }

    /// Of a release's log: a run of deltas.
    public static func encode(_ deltas: [Delta]) -> [UInt8] {
        Pipeline.encode(Freshet_V1_Deltas.with { $0.deltas = deltas.map(\.proto) })
    }

    public static func decode(_ octets: [UInt8]) throws(DecodingFault) -> [Delta] {
        try list(try Pipeline.decode(Freshet_V1_Deltas.self, octets).deltas)
    }
}

extension SignedRelease {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_SignedRelease.with {
                $0.body = .init(body)
                $0.signatures = signatures.map { signature in
                    .with {
                        $0.key = signature.key
                        $0.value = .init(signature.value)
                    }
                }
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_SignedRelease.self, octets)
        self.init(
            body: Array(proto.body), signatures: proto.signatures.map { Signature(key: $0.key, value: Array($0.value)) })
    }
}

extension Deployment {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_Deployment.with {
                $0.host = host
                $0.release = release
                $0.trace = trace.proto
                $0.tracedRelease = tracedRelease
                if let tinydns { $0.tinydns = tinydns.proto }
                if let unbound { $0.unbound = unbound.proto }
                $0.swarmAddress = swarmAddress
                $0.fault = fault ?? ""
                $0.downloaded = downloaded
                $0.tinydnsAddress = tinydnsAddress
                $0.unboundAddress = unboundAddress
                $0.keptFiles = UInt32(clamping: keptFiles)
                $0.movedFiles = UInt32(clamping: movedFiles)
                $0.labels = labels
                $0.keys = keys
                if let content { $0.content = .init(content.bytes) }
                if let probes {
                    $0.probes = .with {
                        $0.asked = UInt32(clamping: probes.asked)
                        $0.wrong = UInt32(clamping: probes.wrong)
                        $0.example = probes.example
                    }
                }
                if let load {
                    $0.load = .with {
                        $0.queries = load.queries
                        $0.failures = load.failures
                        $0.latencyUs = UInt32(clamping: load.latency)
                    }
                }
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_Deployment.self, octets)
        self.init(
            host: proto.host, release: proto.release, trace: Trace(proto.trace), tracedRelease: proto.tracedRelease,
            tinydns: proto.hasTinydns ? Seen(proto.tinydns) : nil, unbound: proto.hasUnbound ? Seen(proto.unbound) : nil,
            swarmAddress: proto.swarmAddress, tinydnsAddress: proto.tinydnsAddress,
            unboundAddress: proto.unboundAddress, fault: proto.fault.isEmpty ? nil : proto.fault,
            downloaded: proto.downloaded, keptFiles: Int(proto.keptFiles), movedFiles: Int(proto.movedFiles),
            labels: proto.labels)
        keys = proto.keys
        content = Digest(bytes: Array(proto.content))
        if proto.hasProbes {
            probes = Probes(asked: Int(proto.probes.asked), wrong: Int(proto.probes.wrong), example: proto.probes.example)
        }
        if proto.hasLoad {
            load = Load(queries: proto.load.queries, failures: proto.load.failures, latency: Int(proto.load.latencyUs))
        }
    }
}

extension Deployment.Seen {
    fileprivate var proto: Freshet_V1_Seen {
        .with {
            $0.atMs = at.milliseconds
            $0.release = release
            $0.publishedMs = published.milliseconds
            $0.fault = fault ?? ""
        }
    }

    fileprivate init(_ proto: Freshet_V1_Seen) {
        self.init(
            at: Instant(milliseconds: proto.atMs), release: proto.release,
            published: Instant(milliseconds: proto.publishedMs), fault: proto.fault.isEmpty ? nil : proto.fault)
    }
}
