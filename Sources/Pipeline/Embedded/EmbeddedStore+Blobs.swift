internal import Glibc

extension EmbeddedStore {
    @discardableResult
    public func put(_ blobs: [[UInt8]]) async throws -> [Digest] {
        try await run(.bulk) {
            let digests = blobs.map { Digest(of: $0) }
            // Shared among writers; a sweep takes it alone, so that no blob goes away
            // between being found here and having its age renewed.
            let lock = try self.blobLock(LOCK_SH)
            defer { withExtendedLifetime(lock) {} }
            var fresh: [(temporary: String, path: String)] = []
            // Opened first: it tells of errors since then.
            let whole = try File(self.directory, O_RDONLY | O_DIRECTORY)
            do {
                for (blob, digest) in zip(blobs, digests) {
                    let path = self.blobPath(digest)
                    if try self.renew(path, blob) { continue }
                    let temporary = self.temporaryPath()
                    fresh.append((temporary, path))
                    try File(temporary, O_WRONLY | O_CREAT | O_EXCL).write(blob)
                }
                // Of many files each has to be waited for, and each of their directories. It is
                // quicker then to wait once for all, even if others have written too.
                let isBatch = try fresh.count > Self.batch && whole.syncFileSystem()
                if !isBatch { for (temporary, _) in fresh { try File(temporary, O_WRONLY).sync() } }
                for (temporary, path) in fresh {
                    try createDirectories(parent(path))
                    try moveFile(temporary, to: path)
                }
                if isBatch, try whole.syncFileSystem() { return digests }
                // Also where a blob was found: its writer may not have got this far yet.
                for shard in Set(digests.map { parent(self.blobPath($0)) }) { try syncDirectory(shard) }
            } catch {
                for (temporary, _) in fresh { unlink(temporary) }
                throw error
            }
            return digests
        }
    }

    /// More files than this are waited for together.
    private static let batch = 8

    /// Renews the age of a blob that is there already. False if it is not there, or
    /// damaged: then it has to be written.
    private func renew(_ path: String, _ blob: [UInt8]) throws -> Bool {
        guard let file = try File.ifPresent(path), try file.read() == blob else { return false }
        guard futimens(file.descriptor, nil) == 0 else { throw storageError("touch", path) }
        return true
    }

    public func get(_ digest: Digest) async throws -> [UInt8]? {
        try await run(.read) {
            let path = self.blobPath(digest)
            guard let file = try File.ifPresent(path) else { return nil }
            let blob = try file.read()
            guard Digest(of: blob) == digest else {
                throw StoreError(.corrupt, "\(path) does not match its digest")
            }
            return blob
        }
    }

    /// Also removes leases of dead processes, and what writers that died left
    /// half written, when that is older than `grace` and an hour.
    @discardableResult
    public func sweep(keeping live: Set<Digest>, grace: Duration) async throws -> Int {
        try await run(.bulk) {
            var count = 0
            for shard in try entries(of: "\(self.directory)/blobs") {
                let directory = "\(self.directory)/blobs/\(shard)"
                // Taken anew for each, to let writers in.
                let lock = try self.blobLock(LOCK_EX)
                defer { withExtendedLifetime(lock) {} }
                for name in try entries(of: directory) {
                    guard let digest = Digest(hex: name), !live.contains(digest) else { continue }
                    let path = "\(directory)/\(name)"
                    if self.age(path).map({ $0 >= grace }) == true, try removeFile(path) { count += 1 }
                }
            }
            let temporaries = "\(self.directory)/tmp"
            for name in try entries(of: temporaries) {
                let path = "\(temporaries)/\(name)"
                if self.age(path).map({ $0 >= max(grace, .seconds(3600)) }) == true { try removeFile(path) }
            }
            try self.locked { _ in try self.removeDeadLeases(in: "\(self.directory)/values") }
            return count
        }
    }

    private func removeDeadLeases(in directory: String) throws {
        for name in try entries(of: directory) where !name.hasSuffix("=") {
            let path = "\(directory)/\(name)"
            if !name.hasSuffix("@") {
                try removeDeadLeases(in: path)
            } else if let file = try File.ifPresent(path), try file.tryLock(LOCK_SH) {
                try removeFile(path)
            }
        }
    }

    private func age(_ path: String) -> Duration? {
        var status = stat()
        var now = timespec()
        guard stat(path, &status) == 0, clock_gettime(CLOCK_REALTIME, &now) == 0 else { return nil }
        let then = status.st_mtim
        return .seconds(now.tv_sec - then.tv_sec) + .nanoseconds(now.tv_nsec - then.tv_nsec)
    }

    private func blobLock(_ kind: Int32) throws -> LockedFile {
        let file = try File("\(directory)/blobs.lock", O_RDWR | O_CREAT)
        try file.lock(kind)
        return LockedFile(file)
    }

    func blobPath(_ digest: Digest) -> String { "\(directory)/blobs/\(digest.hex.prefix(2))/\(digest.hex)" }
}

/// Holds a lock for as long as it lives.
private final class LockedFile {
    private let file: File
    init(_ file: consuming File) { self.file = file }
}
