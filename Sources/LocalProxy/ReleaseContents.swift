internal import DNSWire
internal import Foundation
internal import Pipeline

/// The verified files of a release on this server, named by content.
struct ReleaseContents: Sendable {
    private let directory: String
    let contents: ContentFiles

    /// What went from under one key of the database, and what came.
    struct KeyChange: Sendable, Equatable {
        var before: Set<[UInt8]>
        var after: Set<[UInt8]>
    }

    init(_ settings: ProxySettings) throws {
        directory = settings.directory
        contents = try ContentFiles(directory: "\(directory)/contents")
    }

    // MARK: Checkpoints

    func directory(of checkpoint: Checkpoint) -> String { "\(directory)/checkpoints/\(checkpoint.content.hex)/release" }

    /// Lays out what is here already; returns the paths that are complete.
    func layOut(_ listing: Listing, of checkpoint: Checkpoint) throws -> Set<String> {
        let target = directory(of: checkpoint)
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.createDirectory(
            atPath: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        var have: Set<String> = []
        for file in listing.files where contents.read(file.digest) != nil {
            try contents.link(file.digest, to: "\(target)/\(file.path)")
            have.insert(file.path)
        }
        return have
    }

    /// Checks the files that came from peers and takes them in; throws if one is not what was signed.
    func takeIn(_ listing: Listing, of checkpoint: Checkpoint, except have: Set<String>) throws {
        for file in listing.files where !have.contains(file.path) {
            let path = "\(directory(of: checkpoint))/\(file.path)"
            guard let octets = try? Data(contentsOf: URL(filePath: path)), octets.count == file.size,
                Digest(of: octets) == file.digest
            else { throw ProxyError(.damaged, "\(file.path) is not what was signed") }
            try contents.adopt(path, as: file.digest)
        }
    }

    /// Whether all files of a listing are here, and whole. Those that are not are removed.
    func isComplete(_ listing: Listing) -> Bool { listing.files.allSatisfy { contents.read($0.digest) != nil } }

    /// Forgets the directories of other checkpoints, and content that is in no listing of these.
    func keep(_ listings: [Listing], of checkpoints: [Checkpoint]) {
        let names = Set(checkpoints.map(\.content.hex))
        let all = "\(directory)/checkpoints"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: all)) ?? [] where !names.contains(name) {
            try? FileManager.default.removeItem(atPath: "\(all)/\(name)")
        }
        contents.sweep(keeping: Set(listings.flatMap { $0.files.map(\.digest) }))
    }

    // MARK: Deltas

    /// What deltas came to.
    struct Outcome {
        var listing: Listing
        /// Contents that no file has any more.
        var replaced: [Digest] = []
        /// Contents that are new, and not on the disk for sure.
        var written: [Digest] = []
    }

    /// Applies deltas one after another, each splice proven by the digest of what it makes.
    ///
    /// Files that only lie between are never written.
    func apply(_ deltas: [Delta], to listing: Listing) throws -> Outcome {
        var outcome = Outcome(listing: listing)
        var made: [String: [UInt8]] = [:]
        for splice in deltas.flatMap(\.splices) {
            let old = try made[splice.path] ?? outcome.listing[splice.path].map { try octets(of: $0) } ?? []
            made[splice.path] = try splice.applied(to: old)
            if let file = splice.outcome { outcome.listing.set(file) } else { outcome.listing.remove(splice.path) }
        }
        if let last = deltas.last, outcome.listing.content != last.to {
            throw ProxyError(.damaged, "the deltas do not make the content that they promise")
        }
        for octets in made.values { outcome.written.append(try contents.write(octets)) }
        for path in Set(deltas.flatMap { $0.splices.map(\.path) }) {
            if let old = listing[path], outcome.listing[path]?.digest != old.digest { outcome.replaced.append(old.digest) }
        }
        return outcome
    }

    // MARK: Reading

    /// The octets of a listed file, checked.
    func octets(of file: Listing.File) throws -> [UInt8] {
        guard let octets = contents.read(file.digest) else { throw ProxyError(.damaged, "\(file.path) is damaged on this disk") }
        return octets
    }

    func octets(of path: String, in listing: Listing) throws -> [UInt8] {
        guard let file = listing[path] else { throw ProxyError(.damaged, "the release has no \(path)") }
        return try octets(of: file)
    }

    func zones(in listing: Listing) throws -> [Name] {
        guard let names = ZoneNames.names(try octets(of: Listing.Path.zones, in: listing)) else {
            throw ProxyError(.damaged, "the zones of the release are not names")
        }
        return names
    }

    /// unbound's zones, with a placeholder for tinydns' address; nothing else of unbound can be set by it.
    func unboundZones(in listing: Listing) throws -> String {
        let octets = try octets(of: Listing.Path.unbound, in: listing)
        if let line = UnboundPart.fault(in: octets) {
            throw ProxyError(.unproven, "line \(line) of unbound's zones is not one that a release may have")
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// That tinydns can serve every record of the fragments that `old` has not.
    func checkFragments(in new: Listing, beyond old: Listing?) throws {
        for file in new.fragments where old?[file.path]?.digest != file.digest {
            var largest = 0
            try CdbFragment.walk(try octets(of: file)) { _, _, data in largest = max(largest, data.count) }
            guard largest <= TinydnsRecord.mostData else {
                throw ProxyError(.unproven, "\(file.path) has a record of \(largest) octets, and tinydns serves at most \(TinydnsRecord.mostData)")
            }
        }
    }

    /// Keys whose data differ, from the fragments whose digest differs.
    func changes(from old: Listing, to new: Listing) throws -> [[UInt8]: KeyChange] {
        var gone = Dictionary(uniqueKeysWithValues: old.fragments.map { ($0.path, $0) })
        var changes: [[UInt8]: KeyChange] = [:]
        func add(_ old: Listing.File?, _ new: Listing.File?) throws {
            let before = try old.map { try octets(of: $0) } ?? [], after = try new.map { try octets(of: $0) } ?? []
            for run in try CdbFragment.differences(before, after) {
                // A name and the wildcard below it share a key, from two fragments.
                try CdbFragment.walk(Array(before[run.old])) { _, key, data in
                    changes[Array(key), default: KeyChange(before: [], after: [])].before.insert(Array(data))
                }
                try CdbFragment.walk(Array(after[run.new])) { _, key, data in
                    changes[Array(key), default: KeyChange(before: [], after: [])].after.insert(Array(data))
                }
            }
        }
        for file in new.fragments {
            let old = gone.removeValue(forKey: file.path)
            if old?.digest != file.digest { try add(old, file) }
        }
        for old in gone.values { try add(old, nil) }
        return changes.filter { $0.value.before != $0.value.after }
    }
}
