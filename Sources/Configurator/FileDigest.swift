internal import Documents
internal import Foundation
internal import Glibc
internal import Pipeline
internal import Synchronization

/// Digests of files.
enum FileDigest {
    /// What a file was when it was read. Its status change time is set by the kernel alone,
    /// whatever is done to the others.
    private struct Identity: Hashable {
        var device, inode: UInt
        var size, seconds, nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode, size) = (UInt(status.st_dev), UInt(status.st_ino), Int(status.st_size))
            (seconds, nanoseconds) = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
        }

        /// A file that changed a moment ago may change again within one tick of the clock.
        var isSettled: Bool { Int(time(nil)) - seconds > 2 }
    }

    /// Of large files: the rules kit, inventories. Reading them at each commit took longer than all else.
    private static let known = Mutex<[Identity: Digest]>([:])
    private static let large = 1 << 16, mostKnown = 10_000

    static func of(_ path: String) throws -> Digest {
        let identity = Identity(path).flatMap { $0.size >= large && $0.isSettled ? $0 : nil }
        if let identity, let digest = known.withLock({ $0[identity] }) { return digest }
        let digest = try read(path)
        if let identity, Identity(path) == identity {
            known.withLock {
                if $0.count >= mostKnown { $0 = [:] }
                $0[identity] = digest
            }
        }
        return digest
    }

    private static func read(_ path: String) throws -> Digest {
        do {
            return Digest(of: try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe))
        } catch {
            throw ConfiguratorError(.input, "\(path): cannot be read: \(error.localizedDescription)")
        }
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// A file, or a directory by the names and contents of all files below it.
    static func ofTree(_ path: String) throws -> Digest {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ConfiguratorError(.input, "\(path): no such file")
        }
        guard isDirectory.boolValue else { return try of(path) }
        var octets: [UInt8] = []
        for file in try SiteFiles.list(path) { octets += Array(file.utf8) + [0] + (try of("\(path)/\(file)").bytes) }
        return Digest(of: octets)
    }
}

enum SiteFiles {
    /// Files below `directory`, relative, sorted; hidden ones left out. None where there is no directory.
    static func list(_ directory: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        do {
            return try DirectoryFiles.list(directory)
        } catch {
            throw ConfiguratorError(.input, error.faults.map { "\(directory): \($0.message)" })
        }
    }
}
