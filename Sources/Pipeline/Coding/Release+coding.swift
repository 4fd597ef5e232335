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
                $0.files = files.map { file in
                    .with {
                        $0.path = file.path
                        $0.digest = .init(file.digest.bytes)
                        $0.size = UInt64(file.size)
                    }
                }
                $0.zones = zones.map { .init($0.wire) }
                $0.stamps = stamps.map { .init($0.wire) }
                $0.presentation = presentation
                $0.trace = trace.proto
                $0.torrent = .init(torrent.bytes)
                $0.infoHash = .init(infoHash)
                $0.database = .init(database.bytes)
                $0.heartbeatMs = heartbeat
            })
    }

    /// Also checks what a proxy relies on: paths stay inside, none comes twice.
    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_Release.self, octets)
        var files: [File] = []
        var paths: Set<String> = []
        for file in proto.files {
            // Octets, as the file system reads them: a Character may hold a slash and its neighbour.
            let components = file.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            guard components.allSatisfy({ !$0.isEmpty && $0.first != UInt8(ascii: ".") && !$0.contains(0) }) else {
                throw DecodingFault("a file's path '\(file.path.prefix(80))' could leave its directory")
            }
            guard paths.insert(file.path).inserted else { throw DecodingFault("file '\(file.path)' comes twice") }
            guard let size = Int(exactly: file.size) else { throw DecodingFault("a file's size is out of range") }
            files.append(File(path: file.path, digest: try makeDigest(file.digest), size: size))
        }
        guard proto.infoHash.count == 32 else { throw DecodingFault("the info-hash has not 32 octets") }
        self.init(
            pipeline: proto.pipeline, number: proto.number, published: Instant(milliseconds: proto.publishedMs),
            content: try makeDigest(proto.content), files: files, zones: try makeNames(proto.zones),
            stamps: try makeNames(proto.stamps), presentation: proto.presentation, trace: Trace(proto.trace),
            torrent: try makeDigest(proto.torrent), infoHash: Array(proto.infoHash),
            database: try makeDigest(proto.database), heartbeat: proto.heartbeatMs)
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
