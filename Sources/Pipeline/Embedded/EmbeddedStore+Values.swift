internal import Glibc

// Manifests: a file with eight octets of version and then the content. All
// changes of values and leases happen under one lock, `flock` on the file
// `lock`, which also holds the last version that was given out.

extension EmbeddedStore {
    public func read(_ key: StoreKey) async throws -> VersionedValue? {
        try await run(.read) {
            if let file = try File.ifPresent(self.valuePath(key)) { return try Self.parse(file.read(), key) }
            return try self.readLease(key)
        }
    }

    @discardableResult
    public func write(
        _ value: [UInt8], at key: StoreKey, expecting expected: StoreVersion?
    ) async throws -> StoreVersion {
        try checkSize(value, key)
        return try await run(.change) {
            try self.locked { next in
                let path = self.valuePath(key)
                guard try self.version(at: key) == expected else { throw self.changed(key) }
                if expected == nil, try self.readLease(key) != nil { throw self.changed(key) }
                let version = try next()
                let temporary = self.temporaryPath()
                do {
                    let file = try File(temporary, O_WRONLY | O_CREAT | O_EXCL)
                    try file.write(Self.encode(version, value))
                    try file.sync()
                    try createDirectories(parent(path))
                    try moveFile(temporary, to: path)
                } catch {
                    unlink(temporary)
                    throw error
                }
                try syncDirectory(parent(path))
                return version
            }
        }
    }

    public func remove(_ key: StoreKey, expecting expected: StoreVersion) async throws {
        try await run(.change) {
            try self.locked { _ in
                guard try self.version(at: key) == expected else { throw self.changed(key) }
                try removeFile(self.valuePath(key))
                try syncDirectory(parent(self.valuePath(key)))
            }
        }
    }

    public func list(_ key: StoreKey) async throws -> [StoreKey] {
        try await run(.read) {
            var keys: Set<StoreKey> = []
            for name in try entries(of: "\(self.directory)/values/\(key)") {
                // Files that are not ours are no keys.
                guard let child = try? key.appending(String(name.dropLast())) else { continue }
                if name.hasSuffix("=") { keys.insert(child) }
                if name.hasSuffix("@"), try self.readLease(child) != nil { keys.insert(child) }
            }
            return keys.sorted()
        }
    }

    // MARK: Versions

    /// Runs `body` alone among all processes. Its argument gives out versions.
    func locked<T>(_ body: (_ next: () throws -> StoreVersion) throws -> T) throws -> T {
        let file = try File("\(directory)/lock", O_RDWR | O_CREAT)
        try file.lock()
        return try body {
            // Greater than every version before, also of removed values. The clock is
            // there for the case that a power failure takes the counter back, which is
            // therefore not synced.
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            let last = Self.integer(try file.read())
            let version = max(last + 1, Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
            try file.write(Self.octets(version))
            return StoreVersion(version)
        }
    }

    private func version(at key: StoreKey) throws -> StoreVersion? {
        guard let file = try File.ifPresent(valuePath(key)) else { return nil }
        return try Self.parse(file.read(), key).version
    }

    // MARK: Format

    static func encode(_ version: StoreVersion, _ value: [UInt8]) -> [UInt8] { octets(version.number) + value }

    static func parse(_ data: [UInt8], _ key: StoreKey) throws -> VersionedValue {
        guard data.count >= 8 else { throw StoreError(.corrupt, "the file of \(key) is too short") }
        return VersionedValue(value: Array(data.dropFirst(8)), version: StoreVersion(integer(data)))
    }

    private static func octets(_ number: Int64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
    private static func integer(_ data: [UInt8]) -> Int64 { data.prefix(8).reduce(0) { $0 << 8 | Int64($1) } }

    func checkSize(_ value: [UInt8], _ key: StoreKey) throws(StoreError) {
        guard value.count <= Self.largestValue else {
            throw StoreError(.tooLarge, "the value for \(key) has \(value.count) octets, over \(Self.largestValue)")
        }
    }

    private func changed(_ key: StoreKey) -> StoreError {
        StoreError(.conflict, "the value at \(key) is not the expected version")
    }
}
