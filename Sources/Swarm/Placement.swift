#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif

/// What is made sure of in a directory before libtorrent writes there.
enum Placement {
    /// `path` as seen from the root: libtorrent keeps it for long.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }

    /// Makes `directory`, and clears every file to be written of other names.
    ///
    /// libtorrent writes in place: through a further hard link or a symbolic
    /// link it would alter another release, or anything else.
    static func prepare(_ directory: String, for metadata: TorrentMetadata, have: Set<String>) throws(SwarmError) {
        try make(absolute(directory))
        var seen: Set<Substring> = []
        for file in metadata.files {
            // Directories in between must be real ones, not links elsewhere.
            var end = file.path.startIndex
            while let slash = file.path[end...].firstIndex(of: "/") {
                let parent = file.path[..<slash]
                end = file.path.index(after: slash)
                guard seen.insert(parent).inserted else { continue }
                if let mode = status("\(directory)/\(parent)")?.st_mode, mode & S_IFMT != S_IFDIR {
                    throw SwarmError(.disk, "'\(directory)/\(parent)' is in the way of a directory")
                }
            }
            guard !have.contains(file.path) else { continue }
            let path = "\(directory)/\(file.path)"
            guard let status = status(path) else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { throw SwarmError(.disk, "'\(path)' is a directory") }
            // Larger than it should be: libtorrent would leave the excess.
            let oversized = status.st_size > Int(file.size)
            guard status.st_mode & S_IFMT != S_IFREG || status.st_nlink > 1 || oversized else { continue }
            guard unlink(path) == 0 else { throw failure("cannot unlink '\(path)'") }
        }
    }

    private static func make(_ path: String) throws(SwarmError) {
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            if mkdir(String(path[..<end]), 0o777) != 0, errno != EEXIST {
                throw failure("cannot make '\(path[..<end])'")
            }
        }
    }

    private static func status(_ path: String) -> stat? {
        var result = stat()
        return lstat(path, &result) == 0 ? result : nil
    }

    private static func failure(_ what: String) -> SwarmError {
        SwarmError(.disk, "\(what): \(String(cString: strerror(errno)))")
    }
}
