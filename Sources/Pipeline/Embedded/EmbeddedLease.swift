internal import Glibc
internal import Synchronization

// A lease is a file whose lock (`flock`) is held: presence is the lock, which
// the kernel drops when the process dies, however it dies. A file whose lock is
// free counts as absent.
//
// The kernel also closes the file then, which wakes the watchers
// (IN_CLOSE_WRITE), but it does so just before it drops the lock: a quick watcher
// would still find the lock held and sleep for ever. So the file is open three
// times, with the lock in the middle: whether the kernel closes upwards or
// downwards, the last notice comes after the lock is gone.

/// Presence shown by a locked file.
final class EmbeddedLease: Lease {
    let key: StoreKey
    let id: UInt
    private let store: EmbeddedStore
    private let file: Mutex<LeaseFile?>
    private let over = Latch()

    init(_ key: StoreKey, _ file: consuming LeaseFile, of store: EmbeddedStore) {
        self.key = key
        self.id = store.nextID()
        self.store = store
        self.file = Mutex(file)
    }

    func update(_ value: [UInt8]) async throws {
        try store.checkSize(value, key)
        try await store.run(.change) {
            try self.store.locked { next in
                guard !self.over.isOpen else {
                    throw StoreError(.sessionExpired, "the lease \(self.key) is no longer held")
                }
                let fresh = try LeaseFile.make(self.key, value, next(), in: self.store)
                let old = self.file.withLock { file in
                    let old = file
                    file = fresh
                    return old
                }
                old?.close()
            }
        }
    }

    func release() async {
        guard over.open() else { return }
        store.forget(self)
        _ = try? await store.offPool(.change) {
            let file = self.file.withLock { file in
                let old = file
                file = nil
                return old
            }
            // Closed in any case: without its lock the file counts for nothing.
            defer { file?.close() }
            _ = try self.store.locked { _ in try removeFile(self.store.leasePath(self.key)) }
        }
    }

    func untilLost() async { await over.wait() }
}

/// The open files behind a lease: closed explicitly, in whatever order.
struct LeaseFile: Sendable {
    private let descriptors: [Int32]

    /// Writes a lease and puts it in place, under the store's lock: readers find
    /// it locked from the first moment.
    static func make(
        _ key: StoreKey, _ value: [UInt8], _ version: StoreVersion, in store: EmbeddedStore
    ) throws -> LeaseFile {
        let temporary = store.temporaryPath()
        let path = store.leasePath(key)
        var descriptors: [Int32] = []
        do {
            for _ in 0..<3 {
                let descriptor = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
                guard descriptor >= 0 else { throw storageError("open", temporary) }
                descriptors.append(descriptor)
            }
            descriptors.sort()
            guard flock(descriptors[1], LOCK_EX | LOCK_NB) == 0 else { throw storageError("lock", temporary) }
            let file = try File(temporary, O_WRONLY)
            try file.write(EmbeddedStore.encode(version, value))
            try createDirectories(parent(path))
            try moveFile(temporary, to: path)
        } catch {
            for descriptor in descriptors { Glibc.close(descriptor) }
            unlink(temporary)
            throw error
        }
        return LeaseFile(descriptors: descriptors)
    }

    func close() {
        Glibc.close(descriptors[1])
        Glibc.close(descriptors[0])
        Glibc.close(descriptors[2])
    }
}

extension EmbeddedStore {
    public func lease(_ key: StoreKey, value: [UInt8]) async throws -> any Lease {
        try checkSize(value, key)
        let lease = try await run(.change) {
            try self.locked { next in
                guard try File.ifPresent(self.valuePath(key)) == nil, try self.readLease(key) == nil else {
                    throw StoreError(.conflict, "\(key) is held already")
                }
                // A dead holder's file is replaced by the rename.
                return EmbeddedLease(key, try LeaseFile.make(key, value, next(), in: self), of: self)
            }
        }
        guard keep(lease) else {
            await lease.release()
            throw StoreError(.closed, "the store is closed")
        }
        return lease
    }

    /// Whoever finds the role free when woken takes it: first come, in no order.
    public func lead(_ role: StoreKey, value: [UInt8]) async throws -> any Lease {
        for await _ in watch([role]) {
            do {
                return try await lease(role, value: value)
            } catch let error as StoreError where error.code == .conflict {
                continue
            }
        }
        try Task.checkCancellation()
        throw StoreError(.closed, "the store is closed")
    }

    /// The value of a lease that is held.
    func readLease(_ key: StoreKey) throws -> VersionedValue? {
        while true {
            guard let file = try File.ifPresent(leasePath(key)) else { return nil }
            // Shared, so that two who look do not take each other for the holder.
            if try file.tryLock(LOCK_SH) {
                // Free. But an update may have put a new file in place since we opened
                // this one.
                var ours = stat()
                var present = stat()
                guard fstat(file.descriptor, &ours) == 0, stat(leasePath(key), &present) == 0 else { return nil }
                if ours.st_ino == present.st_ino { return nil }
                continue
            }
            return try Self.parse(file.read(), key)
        }
    }
}
