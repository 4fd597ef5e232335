internal import Foundation
internal import Glibc

/// Immutable files named by digest in one directory, linked into releases.
public struct ContentFiles: Sendable {
    public let directory: String

    public init(directory: String) throws {
        self.directory = directory
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    public func path(_ digest: Digest) -> String { "\(directory)/\(digest.hex)" }

    public func contains(_ digest: Digest) -> Bool { FileManager.default.fileExists(atPath: path(digest)) }

    /// The content, checked; `nil` if it is not here or damaged (and then removed).
    public func read(_ digest: Digest) -> [UInt8]? {
        guard let octets = try? [UInt8](Data(contentsOf: URL(filePath: path(digest)))) else { return nil }
        guard Digest(of: octets) == digest else {
            try? FileManager.default.removeItem(atPath: path(digest))
            return nil
        }
        return octets
    }

    /// Writes content under its digest; harmless if it is there.
    @discardableResult
    public func write(_ octets: [UInt8]) throws -> Digest {
        let digest = Digest(of: octets)
        if !contains(digest) { try Files.replace(path(digest), with: octets) }
        return digest
    }

    /// Takes in a verified file, by a second name for it.
    public func adopt(_ file: String, as digest: Digest) throws {
        if !contains(digest) { try FileManager.default.linkItem(atPath: file, toPath: path(digest)) }
    }

    /// Gives the content a second name at `target`.
    public func link(_ digest: Digest, to target: String) throws {
        try FileManager.default.linkItem(atPath: path(digest), toPath: target)
    }

    public func remove(_ digest: Digest) { try? FileManager.default.removeItem(atPath: path(digest)) }

    /// Removes what is not in `live`.
    public func sweep(keeping live: Set<Digest>) {
        let names = Set(live.map(\.hex))
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where !names.contains(name) {
            try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
    }
}

/// Files replaced as a whole.
public enum Files {
    /// Waits until all that was written to the file system of `path` is on the disk: of many
    /// files the quickest way.
    public static func synchronizeFileSystem(of path: String) throws {
        if try !File(path, O_RDONLY).syncFileSystem() { sync() }
    }

    /// Waits until a file's content, or a directory's names, are on the disk.
    public static func synchronize(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown, userInfo: [NSFilePathErrorKey: path]) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
    }

    /// Writes beside `path`, then renames: a reader sees the old or the new content.
    ///
    /// - Parameter durable: waits until the content is on the disk.
    public static func replace(_ path: String, with octets: [UInt8], permissions: Int = 0o644, durable: Bool = false) throws {
        let partial = "\(path).partial-\(UUID().uuidString.prefix(8))"
        guard
            FileManager.default.createFile(
                atPath: partial, contents: nil, attributes: [.posixPermissions: permissions]),
            let handle = FileHandle(forWritingAtPath: partial)
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: partial]) }
        do {
            try octets.withUnsafeBytes { try handle.write(contentsOf: $0.isEmpty ? Data() : Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: $0.baseAddress!), count: $0.count, deallocator: .none)) }
            if durable { try handle.synchronize() }
            try handle.close()
            guard rename(partial, path) == 0 else {
                throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
            }
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }
}
