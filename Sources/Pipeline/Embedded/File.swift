internal import Glibc

/// An open file descriptor, closed with its owner; errors in the store's words.
struct File: ~Copyable {
    let descriptor: Int32
    let path: String

    /// `flags` as for `open(2)`; close-on-exec is added, so that no child process
    /// inherits a lock.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(StoreError) {
        self.path = path
        while true {
            let descriptor = open(path, flags | O_CLOEXEC, mode)
            if descriptor >= 0 {
                self.descriptor = descriptor
                return
            }
            if errno != EINTR { throw storageError("open", path) }
        }
    }

    /// The file, or `nil` if there is none.
    static func ifPresent(_ path: String, _ flags: Int32 = O_RDONLY) throws(StoreError) -> File? {
        do { return try File(path, flags) } catch where error.isMissing { return nil }
    }

    deinit { close(descriptor) }

    func read() throws(StoreError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw storageError("look at", path) }
        var content = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < content.count {
            let count = content.withUnsafeMutableBytes { bytes in
                pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(done))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw storageError("read", path)
            }
            if count == 0 { break }
            done += count
        }
        return Array(content.prefix(done))
    }

    func write(_ content: [UInt8], at start: Int = 0) throws(StoreError) {
        var done = 0
        while done < content.count {
            let count = content.withUnsafeBytes { bytes in
                pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(start + done))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw storageError("write", path)
            }
            done += count
        }
    }

    func sync() throws(StoreError) {
        guard fsync(descriptor) == 0 else { throw storageError("sync", path) }
    }

    /// Waits for the lock; dropped when the file is closed, also by a crash.
    func lock(_ kind: Int32 = LOCK_EX) throws(StoreError) {
        while flock(descriptor, kind) != 0 {
            if errno != EINTR { throw storageError("lock", path) }
        }
    }

    /// Whether the lock was free and is ours now.
    func tryLock(_ kind: Int32) throws(StoreError) -> Bool {
        if flock(descriptor, kind | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw storageError("lock", path)
    }
}

// Directory entries. Like the rest of this file, these block.

/// Creates a directory (mode 0700) and those above it, durably.
func createDirectories(_ path: String) throws(StoreError) {
    if mkdir(path, 0o700) == 0 { return try syncDirectory(parent(path)) }
    if errno == EEXIST { return }
    guard errno == ENOENT, !path.isEmpty else { throw storageError("create", path) }
    try createDirectories(parent(path))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw storageError("create", path) }
    try syncDirectory(parent(path))
}

/// `syncfs(2)`: everything that was written to a file system before the call is on the disk
/// after it. The C library hides it from strict dialects, in which Swift sees it.
private let syncfs: (@convention(c) (Int32) -> Int32)? = dlsym(dlopen(nil, RTLD_NOW), "syncfs").map {
    unsafeBitCast($0, to: (@convention(c) (Int32) -> Int32).self)
}

extension File {
    /// Waits for all that was written to the file system of this file since it was opened
    /// (errors before that are not ours); false where the system cannot.
    func syncFileSystem() throws(StoreError) -> Bool {
        guard let syncfs else { return false }
        guard syncfs(descriptor) == 0 else { throw storageError("sync the file system of", path) }
        return true
    }
}

/// Makes renames and removals in a directory durable.
func syncDirectory(_ path: String) throws(StoreError) { try File(path, O_RDONLY | O_DIRECTORY).sync() }

func moveFile(_ from: String, to target: String) throws(StoreError) {
    guard rename(from, target) == 0 else { throw storageError("replace", target) }
}

/// Whether there was such a file.
@discardableResult
func removeFile(_ path: String) throws(StoreError) -> Bool {
    if unlink(path) == 0 { return true }
    if errno == ENOENT || errno == ENOTDIR { return false }
    throw storageError("remove", path)
}

/// The entries' names; empty if there is no such directory.
func entries(of path: String) throws(StoreError) -> [String] {
    guard let directory = opendir(path) else {
        if errno == ENOENT || errno == ENOTDIR { return [] }
        throw storageError("list", path)
    }
    defer { closedir(directory) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != ".", name != ".." { names.append(name) }
        errno = 0
    }
    guard errno == 0 else { throw storageError("list", path) }
    return names
}

func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The present `errno` as a store's error.
func storageError(_ verb: String, _ path: String) -> StoreError {
    let number = errno
    var buffer = [CChar](repeating: 0, count: 256)
    strerror_r(number, &buffer, buffer.count)
    let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let code: StoreError.Code = number == EACCES || number == EPERM ? .unauthorized : .storage
    return StoreError(code, "cannot \(verb) \(path): \(text)", cause: SystemError(number: number))
}

/// An error number of the operating system.
struct SystemError: Error { var number: Int32 }

extension StoreError {
    /// Whether the file or a directory above it does not exist.
    var isMissing: Bool {
        guard let system = cause as? SystemError else { return false }
        return system.number == ENOENT || system.number == ENOTDIR
    }
}
