internal import Documents
internal import Foundation
internal import Pipeline

/// Digests of files.
enum FileDigest {
    static func of(_ path: String) throws -> Digest {
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
