internal import DNSWire
internal import Foundation
public import Pipeline
internal import Subprocess
internal import SystemPackage

/// Builds and checks the files of a release in the Publisher's own directory.
///
/// A fragment is compiled once for each content of its shard, and kept by digest.
actor ReleaseFiles {
    private let directory: String
    private let contents: ContentFiles
    /// Presented shard's digest → its fragment's file.
    private var compiled: [Digest: Release.File] = [:]

    init(directory: String) throws {
        self.directory = directory
        contents = try ContentFiles(directory: "\(directory)/contents")
    }

    /// What a release has beside its stamp.
    struct Content: Sendable {
        var files: [Release.File]
        var zones: [Name]
        var digest: Digest
    }

    /// Compiles the presentation's shards that changed.
    func content(of presentation: Manifest, in store: any Store) async throws -> Content {
        let indices = presentation.shards.keys.sorted()
        let missing = indices.filter { compiled[presentation.shards[$0]!.digest].map { !self.contents.contains($0.digest) } ?? true }
        let contents = self.contents
        let fresh = try await concurrentMap(missing) { index in
            let digest = presentation.shards[index]!.digest
            let shard = try Shard(decoding: try await store.require(digest))
            let fragment = CdbFragment(shard).octets
            return (digest, Release.File(path: "", digest: try contents.write(fragment), size: fragment.count))
        }
        for (digest, file) in fresh { compiled[digest] = file }
        var files = indices.map { index in
            let file = compiled[presentation.shards[index]!.digest]!
            return Release.File(path: Release.Path.fragment(index), digest: file.digest, size: file.size)
        }
        let live = Set(presentation.shards.values.map(\.digest))
        compiled = compiled.filter { live.contains($0.key) }
        let unbound = Array(UnboundZones.text(presentation.zones).utf8)
        files.append(Release.File(path: Release.Path.unbound, digest: try contents.write(unbound), size: unbound.count))
        let digest = Digest(of: files.flatMap { Array($0.path.utf8) + [0] + $0.digest.bytes })
        return Content(files: files, zones: presentation.zones, digest: digest)
    }

    /// Adds the stamp, proves the whole, and lays the release out; returns its files,
    /// its directory and the digest of the database that the fragments make.
    func layOut(
        _ content: Content, stamp: Stamp, owners: [Name], number: UInt64
    ) async throws -> (files: [Release.File], directory: String, database: Digest) {
        let fragment = CdbFragment(Shard(stamps: owners, stamp))
        let stampFile = Release.File(
            path: Release.Path.stamp, digest: try contents.write(fragment.octets), size: fragment.octets.count)
        let files = content.files + [stampFile]
        let database = try prove(files, stamp: fragment.octets)
        try await checkUnbound(content)
        let target = releaseDirectory(number)
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for file in files { try contents.link(file.digest, to: "\(target)/\(file.path)") }
        return (files, target, database)
    }

    func releaseDirectory(_ number: UInt64) -> String { "\(directory)/releases/\(number)/release" }

    /// Whether all files of a release are laid out here still.
    func has(_ release: Release) -> Bool {
        release.files.allSatisfy {
            FileManager.default.fileExists(atPath: "\(releaseDirectory(release.number))/\($0.path)")
        }
    }

    /// Forgets releases but `numbers`, and content that no release has.
    func keep(_ numbers: Set<UInt64>, content: Content) {
        let releases = "\(directory)/releases"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: releases)) ?? []
        where !numbers.contains(UInt64(name) ?? 0) {
            try? FileManager.default.removeItem(atPath: "\(releases)/\(name)")
        }
        contents.sweep(keeping: Set(content.files.map(\.digest)))
    }

    /// Assembles the database and reads it back: every fragment's first name, and every
    /// stamp, which must stand alone.
    private func prove(_ files: [Release.File], stamp: [UInt8]) throws -> Digest {
        var fragments: [[UInt8]] = []
        for file in files where file.path != Release.Path.unbound {
            guard let octets = contents.read(file.digest) else {
                throw PublisherError(.damaged, "\(file.path) is damaged on this disk")
            }
            fragments.append(octets)
        }
        let database = try Cdb.assemble(fragments)
        let reader = try CdbReader(database)
        for fragment in fragments {
            if let first = try CdbFragment.first(fragment), try !reader.values(of: first.key).contains(where: { $0.elementsEqual(first.data) }) {
                throw PublisherError(.unproven, "the database does not hold what was put in")
            }
        }
        var stamps: [(key: [UInt8], data: [UInt8])] = []
        try CdbFragment.walk(stamp) { _, key, data in stamps.append((Array(key), Array(data))) }
        for (key, data) in stamps where try reader.values(of: key).map(Array.init) != [data] {
            throw PublisherError(.unproven, "something else stands at a stamp's name")
        }
        return Digest(of: database)
    }

    /// Lets unbound itself judge its part, with an address in place of the placeholder.
    private func checkUnbound(_ content: Content) async throws {
        guard let file = content.files.first(where: { $0.path == Release.Path.unbound }), let octets = contents.read(file.digest)
        else { return }
        let text = String(decoding: octets, as: UTF8.self).replacingOccurrences(of: UnboundZones.placeholder, with: "127.0.0.1")
        let path = "\(directory)/unbound-check.conf"
        try Files.replace(path, with: Array("server:\n    chroot: \"\"\n    username: \"\"\n".utf8) + Array(text.utf8))
        let result = try await run(
            .path("/usr/sbin/unbound-checkconf"), arguments: [path], output: .discarded, error: .string(limit: 64 << 10))
        guard result.terminationStatus.isSuccess else {
            throw PublisherError(.unproven, "unbound-checkconf refuses the zones: \(result.standardError)")
        }
    }
}

/// Why no release was made; the last one stays.
public struct PublisherError: Retriable, CustomStringConvertible, Sendable {
    public enum Code: String, Sendable { case damaged, unproven, overtaken }
    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the next step may succeed: damaged content is compiled anew.
    public var isRetriable: Bool { code == .damaged }
    public var description: String { "\(message) (\(code.rawValue))" }
}
