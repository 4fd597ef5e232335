internal import Foundation

/// The files of a directory that is read as one.
public enum DirectoryFiles {
    /// Paths of regular files below `directory`, at any depth, relative to it, sorted by
    /// octets; names that begin with a dot are left out.
    ///
    /// A symbolic link to a file is followed if that is inside the directory (as
    /// mounted configuration has it). Every other link is a fault: what it leads to
    /// would neither be digested with the directory nor be watched.
    public static func list(_ directory: String) throws(DocumentFaults) -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: directory) else {
            throw DocumentFaults("\(directory): cannot be listed", line: 0)
        }
        let root = realPath(directory)
        var files: [String] = []
        var faults: [DocumentFaults.Fault] = []
        while let path = walk.nextObject() as? String {
            if path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { continue }
            switch walk.fileAttributes?[.type] as? FileAttributeType {
            case .typeRegular?: files.append(path)
            case .typeSymbolicLink?:
                var isDirectory: ObjCBool = false
                let target = realPath("\(directory)/\(path)")
                let isThere = FileManager.default.fileExists(atPath: target ?? "", isDirectory: &isDirectory)
                if let root, let target, isThere, !isDirectory.boolValue, target.hasPrefix(root + "/") {
                    files.append(path)
                } else {
                    faults.append(.init("\(path): a link that leads to no file inside the directory", line: 0))
                }
            default: break
            }
        }
        guard faults.isEmpty else { throw DocumentFaults(faults.sorted { $0.message < $1.message }) }
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
