internal import DNSWire
internal import Foundation
public import Pipeline
internal import Subprocess
internal import SystemPackage

/// The files of what is presented, in the Publisher's own directory, named by content.
///
/// It follows the presentation: only shards that changed are compiled, and what changed
/// in their files is told as a delta.
actor ReleaseFiles {
    private let directory: String
    private let contents: ContentFiles
    private var listing = Listing()
    /// The presented shards that `listing` was made of.
    private var shards: [Int: ShardReference] = [:]
    /// Replaced since the last checkpoint: nobody needs them, unless a checkpoint has them.
    private var replaced: [Digest] = []
    /// Files of checkpoints that are seeded still, or being made, by their content.
    private var checkpoints: [Digest: Set<Digest>] = [:]
    /// While it runs there are files that nothing lists yet: a sweep waits for its end.
    private var isUpdating = false
    private var isSweepDue = false

    init(directory: String) throws {
        self.directory = directory
        contents = try ContentFiles(directory: "\(directory)/contents")
        // Left by a run before this one.
        try? FileManager.default.removeItem(atPath: "\(directory)/releases")
        try? FileManager.default.removeItem(atPath: "\(directory)/checkpoints")
        contents.sweep(keeping: [])
    }

    /// What a step came to.
    struct Update: Sendable {
        var content: Digest
        /// What led here from the content before; `nil`: too much to be told.
        var delta: Delta?
    }

    /// Compiles the presentation's shards that changed.
    func update(to presentation: Manifest, in store: any Blobs) async throws -> Update {
        isUpdating = true
        defer {
            isUpdating = false
            if isSweepDue { sweep() }
        }
        let before = shards, old = listing, contents = contents
        let changed = Set(before.keys).union(presentation.shards.keys)
            .filter { before[$0]?.digest != presentation.shards[$0]?.digest }.sorted()
        let isTold = !before.isEmpty
        let fragments = try await concurrentMap(changed) { index -> Change in
            let path = Listing.Path.fragment(index)
            var new: [UInt8]?
            if let reference = presentation.shards[index] {
                new = CdbFragment(try Shard(decoding: try await store.require(reference.digest))).octets
            }
            return try Change(path, old[path], new, in: contents, isTold: isTold)
        }
        var changes = fragments
        if shards.isEmpty || changed.contains(where: { (before[$0]?.zones ?? []) != (presentation.shards[$0]?.zones ?? []) }) {
            let zones = presentation.zones
            let unbound = Array(UnboundZones.text(zones).utf8)
            try await checkUnbound(unbound)
            for (path, octets) in [(Listing.Path.zones, ZoneNames.octets(zones)), (Listing.Path.unbound, unbound)] {
                changes.append(try Change(path, old[path], octets, in: contents, isTold: isTold))
            }
        }
        for change in changes {
            if let file = change.file { listing.set(file) } else { listing.remove(change.path) }
        }
        replaced += changes.compactMap { $0.replaced }
        shards = presentation.shards
        let content = listing.content
        let splices = changes.compactMap(\.splice)
        return Update(
            content: content,
            delta: splices.count == changes.count ? Delta(from: old.content, to: content, splices: splices) : nil)
    }

    /// One file's step.
    private struct Change: Sendable {
        var path: String
        var file: Listing.File?
        var splice: Splice?
        var replaced: Digest?

        init(_ path: String, _ old: Listing.File?, _ new: [UInt8]?, in contents: ContentFiles, isTold: Bool) throws {
            self.path = path
            let digest = try new.map { try contents.write($0) }
            if let new, let digest { file = Listing.File(path: path, digest: digest, size: new.count) }
            if isTold {
                if let old {
                    if let octets = contents.read(old.digest) { splice = Splice(path: path, from: octets, to: new, digest: digest) }
                } else {
                    splice = Splice(path: path, from: [], to: new, digest: digest)
                }
            }
            if let old, old.digest != digest { replaced = old.digest }
        }
    }

    // MARK: Checkpoints

    /// What is listed now.
    var content: Digest { listing.content }

    /// A content laid out for the swarm.
    struct LaidOut: Sendable {
        var listing: Listing
        var directory: String
    }

    /// Proves what is listed now and lays it out; its files are kept until ``forget(except:)``.
    func layOut() async throws -> LaidOut {
        let listing = listing, contents = contents, content = listing.content
        checkpoints[content] = Set(listing.files.map(\.digest))
        let target = "\(directory)/checkpoints/\(content.hex)/release"
        let work = Task.detached {
            try Self.prove(listing, contents)
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            for file in listing.files { try contents.link(file.digest, to: "\(target)/\(file.path)") }
            return LaidOut(listing: listing, directory: target)
        }
        do {
            return try await work.value
        } catch {
            checkpoints[content] = nil
            // Whatever is damaged is compiled anew.
            if (error as? PublisherError)?.code == .damaged { (shards, self.listing) = ([:], Listing()) }
            throw error
        }
    }

    /// Forgets all other checkpoints, and the files that only they had.
    func forget(except kept: Set<Digest>) {
        let gone = checkpoints.keys.filter { !kept.contains($0) }
        if gone.isEmpty { return }
        for content in gone {
            try? FileManager.default.removeItem(atPath: "\(directory)/checkpoints/\(content.hex)")
            checkpoints[content] = nil
        }
        if isUpdating { isSweepDue = true } else { sweep() }
    }

    private func sweep() {
        isSweepDue = false
        replaced = []
        contents.sweep(keeping: checkpoints.values.reduce(Set(listing.files.map(\.digest))) { $0.union($1) })
    }

    /// Removes what the last steps replaced, unless a checkpoint has it.
    func dropReplaced() {
        for digest in replaced where !checkpoints.values.contains(where: { $0.contains(digest) }) {
            if !listing.files.contains(where: { $0.digest == digest }) { contents.remove(digest) }
        }
        replaced = []
    }

    /// Assembles the database and reads it back: the first name of every fragment.
    private static func prove(_ listing: Listing, _ contents: ContentFiles) throws {
        var fragments: [[UInt8]] = []
        for file in listing.fragments {
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
    }

    /// Lets unbound itself judge its part, with an address in place of the placeholder.
    private func checkUnbound(_ octets: [UInt8]) async throws {
        let text = String(decoding: octets, as: UTF8.self).replacingOccurrences(of: UnboundZones.placeholder, with: "127.0.0.1")
        let path = "\(directory)/unbound-check.conf"
        try Files.replace(path, with: Array("server:\n    chroot: \"\"\n    username: \"\"\n".utf8) + Array(text.utf8))
        let result = try await run(
            .path("/usr/sbin/unbound-checkconf"), arguments: [path], output: .discarded, error: .string(limit: 16 << 20))
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

    /// The next step may succeed: damaged content is compiled anew, and what unbound refuses
    /// may be the fault of this machine.
    public var isRetriable: Bool { true }
    public var description: String { "\(message) (\(code.rawValue))" }
}
