internal import DNSWire
internal import Foundation
internal import Glibc
internal import Pipeline

/// Brings one release from verified files to the file that tinydns reads.
///
/// The live database is replaced by rename only, and only by one whose digest is the
/// signed one and that answers for what changed.
struct Deployer: Sendable {
    let settings: ProxySettings
    let contents: ContentFiles

    init(_ settings: ProxySettings) throws {
        self.settings = settings
        contents = try ContentFiles(directory: "\(settings.directory)/contents")
    }

    /// The data under one key of the database, before and after.
    struct KeyChange: Sendable {
        var before: Set<[UInt8]>
        var after: Set<[UInt8]>
    }

    func directory(of release: Release) -> String { "\(settings.directory)/releases/\(release.number)/release" }

    /// Lays out what is here already; returns the paths that are complete.
    func layOut(_ release: Release) throws -> Set<String> {
        let target = directory(of: release)
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.createDirectory(
            atPath: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        var have: Set<String> = []
        for file in release.files where contents.read(file.digest) != nil {
            try contents.link(file.digest, to: "\(target)/\(file.path)")
            have.insert(file.path)
        }
        return have
    }

    /// Checks the files that came from peers and takes them in; throws if one is not what was signed.
    func takeIn(_ release: Release, except have: Set<String>) throws {
        for file in release.files where !have.contains(file.path) {
            let path = "\(directory(of: release))/\(file.path)"
            guard let octets = try? Data(contentsOf: URL(filePath: path)), octets.count == file.size,
                Digest(of: octets) == file.digest
            else { throw ProxyError(.damaged, "\(file.path) is not what was signed") }
            try contents.adopt(path, as: file.digest)
            try Files.synchronize(path)
        }
        try Files.synchronize(contents.directory)
    }

    /// unbound's zones in `release`, with a placeholder for tinydns' address.
    func unboundZones(of release: Release) throws -> String {
        guard let file = release.files.first(where: { $0.path == Release.Path.unbound }), let octets = contents.read(file.digest)
        else { throw ProxyError(.damaged, "the release has no \(Release.Path.unbound)") }
        return String(decoding: octets, as: UTF8.self)
    }

    /// Makes, proves and swaps in the database of `release`; returns what differs from
    /// `previous` by key (nothing if there is none).
    func swapIn(_ release: Release, previous: Release?) throws -> [[UInt8]: KeyChange] {
        let fragments = try fragments(of: release)
        let database = try Cdb.assemble(release.fragmentPaths.map { fragments[$0]! })
        guard Digest(of: database) == release.database else {
            throw ProxyError(.unproven, "the fragments of release \(release.number) do not make its database")
        }
        let changes = try previous.map { try changedRecords(from: $0, to: release, fragments) }
        let next = settings.database + ".next"
        // Not waited for to reach the disk: after a power loss it is made anew of the
        // contents, which were.
        try Files.replace(next, with: database)
        try prove(next, fragments, changes)
        // The old file keeps a second name: the way back.
        try? FileManager.default.removeItem(atPath: settings.database + ".previous")
        if FileManager.default.fileExists(atPath: settings.database) {
            try FileManager.default.linkItem(atPath: settings.database, toPath: settings.database + ".previous")
        }
        guard rename(next, settings.database) == 0 else {
            throw ProxyError(.disk, "cannot rename \(next): \(String(cString: strerror(errno)))")
        }
        return changes ?? [:]
    }

    /// Puts the database before the last swap back.
    func swapBack() throws {
        guard rename(settings.database + ".previous", settings.database) == 0 else {
            throw ProxyError(.disk, "the database before cannot be put back: \(String(cString: strerror(errno)))")
        }
    }

    /// Whether tinydns has the database of `release`.
    func isInPlace(_ release: Release) -> Bool {
        (try? Data(contentsOf: URL(filePath: settings.database))).map { Digest(of: $0) == release.database } ?? false
    }

    /// Forgets the directories of releases but `numbers`, and content that is in none of `releases`.
    func keep(_ releases: [Release]) {
        let numbers = Set(releases.map { String($0.number) })
        let directory = "\(settings.directory)/releases"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where !numbers.contains(name) {
            try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
        contents.sweep(keeping: Set(releases.flatMap { $0.files.map(\.digest) }))
    }

    private func fragments(of release: Release) throws -> [String: [UInt8]] {
        var fragments: [String: [UInt8]] = [:]
        for file in release.files where file.path != Release.Path.unbound {
            guard let octets = contents.read(file.digest) else {
                throw ProxyError(.damaged, "\(file.path) is damaged on this disk")
            }
            fragments[file.path] = octets
        }
        return fragments
    }

    /// Keys whose data differ, from the fragments whose digest differs.
    private func changedRecords(
        from old: Release, to new: Release, _ fragments: [String: [UInt8]]
    ) throws -> [[UInt8]: KeyChange] {
        let before = Dictionary(uniqueKeysWithValues: old.files.map { ($0.path, $0.digest) })
        let after = Dictionary(uniqueKeysWithValues: new.files.map { ($0.path, $0.digest) })
        var changed: [[UInt8]: KeyChange] = [:]
        for path in Set(before.keys).union(after.keys) where path != Release.Path.unbound && before[path] != after[path] {
            let oldRecords = try Self.records(before[path].flatMap { contents.read($0) } ?? [])
            let newRecords = try Self.records(fragments[path] ?? [])
            for key in Set(oldRecords.keys).union(newRecords.keys) where oldRecords[key] != newRecords[key] {
                // A name and the wildcard below it share a key, from two fragments.
                changed[key, default: KeyChange(before: [], after: [])].before.formUnion(oldRecords[key] ?? [])
                changed[key]!.after.formUnion(newRecords[key] ?? [])
            }
        }
        return changed
    }

    /// Reads names back from the new file: those that changed, or one of each fragment.
    private func prove(_ path: String, _ fragments: [String: [UInt8]], _ changed: [[UInt8]: KeyChange]?) throws {
        let reader = try CdbReader([UInt8](Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)))
        var expected: [[UInt8]: Set<[UInt8]>] = [:]
        if let changed, changed.count < 10_000 {
            expected = changed.mapValues(\.after)
        } else {
            for octets in fragments.values {
                if let first = try CdbFragment.first(octets) { expected[first.key] = [first.data] }
            }
        }
        for (key, data) in expected where try !data.isSubset(of: Set(reader.values(of: key).map(Array.init))) {
            throw ProxyError(.unproven, "the new database does not answer for what changed")
        }
    }

    private static func records(_ fragment: [UInt8]) throws -> [[UInt8]: Set<[UInt8]>] {
        var records: [[UInt8]: Set<[UInt8]>] = [:]
        try CdbFragment.walk(fragment) { _, key, data in records[Array(key), default: []].insert(Array(data)) }
        return records
    }
}

extension Release {
    /// Fragments in the order of the database, the stamp last: as the Publisher listed them.
    fileprivate var fragmentPaths: [String] { files.map(\.path).filter { $0 != Path.unbound } }
}
