internal import Glibc

/// The directories that decide what a path leads to.
enum PathWalk {
    /// Calls `visit` for every directory on the way to `path` that exists, with the
    /// name looked up in it; and for `path` itself, with `nil`, if it is a directory.
    ///
    /// Each directory is visited before the name is looked up: a name that appears
    /// in between is seen by a watch that the visit has set.
    ///
    /// `recursively`: the directories below `path` too, but for hidden ones and links.
    static func visit(_ path: String, recursively: Bool = false, _ visit: (_ directory: String, _ name: String?) -> Void) {
        var rest = absolute(path).split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        rest.reverse()
        var here = ""
        // As many links as the kernel follows.
        var links = 40
        while let name = rest.popLast() {
            if name == "." { continue }
            if name == ".." {
                here = String(here[..<(here.lastIndex(of: "/") ?? here.startIndex)])
                continue
            }
            visit(here.isEmpty ? "/" : here, name)
            let next = here + "/" + name
            if let target = link(next) {
                links -= 1
                guard links > 0 else { return }
                if target.hasPrefix("/") { here = "" }
                rest.append(contentsOf: target.split(separator: "/").map(String.init).reversed())
                continue
            }
            guard access(next, F_OK) == 0 else { return }
            here = next
        }
        visit(here.isEmpty ? "/" : here, nil)
        if recursively { descend(here.isEmpty ? "/" : here, visit) }
    }

    private static func descend(_ root: String, _ visit: (_ directory: String, _ name: String?) -> Void) {
        var pending = [root]
        while let here = pending.popLast() {
            guard let directory = opendir(here) else { continue }
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                var status = stat()
                guard !name.hasPrefix("."), lstat("\(here)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
                visit("\(here)/\(name)", nil)
                pending.append("\(here)/\(name)")
            }
        }
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }

    private static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            readlink(path, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
