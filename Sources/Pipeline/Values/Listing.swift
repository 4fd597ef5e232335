public import DNSWire

/// The files of one content, in the order of their paths.
public struct Listing: Hashable, Sendable {
    public struct File: Hashable, Sendable {
        /// Relative; its components never start with a dot.
        public var path: String
        public var digest: Digest
        /// Octets.
        public var size: Int

        public init(path: String, digest: Digest, size: Int) {
            self.path = path
            self.digest = digest
            self.size = size
        }
    }

    /// Names of the files: a fragment for each shard, unbound's zones, and the zones' names.
    public enum Path {
        public static let unbound = "unbound.conf"
        public static let zones = "zones"
        private static let fragments = "fragment-"

        public static func fragment(_ index: Int) -> String {
            let digits = String(index, radix: 16)
            return fragments + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        }

        public static func isFragment(_ path: String) -> Bool { path.hasPrefix(fragments) }
    }

    /// Sorted by path.
    public private(set) var files: [File]

    /// Of the files of one path the last stays.
    public init(_ files: [File] = []) {
        self.files = []
        self.files.reserveCapacity(files.count)
        for file in files.sorted(by: { $0.path < $1.path }) {
            if self.files.last?.path == file.path { self.files.removeLast() }
            self.files.append(file)
        }
    }

    /// What is listed at a path.
    public subscript(path: String) -> File? {
        let at = place(of: path)
        return at < files.count && files[at].path == path ? files[at] : nil
    }

    /// Lists a file in the place of the one of its path.
    public mutating func set(_ file: File) {
        let at = place(of: file.path)
        if at < files.count, files[at].path == file.path { files[at] = file } else { files.insert(file, at: at) }
    }

    public mutating func remove(_ path: String) {
        let at = place(of: path)
        if at < files.count, files[at].path == path { files.remove(at: at) }
    }

    /// The first place whose path is not before this one.
    private func place(of path: String) -> Int {
        var low = 0, high = files.count
        while low < high {
            let middle = (low + high) / 2
            if files[middle].path < path { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Fragments, in the order they have in the database.
    public var fragments: [File] { files.filter { Path.isFragment($0.path) } }

    /// Octets of all files.
    public var size: Int { files.reduce(0) { $0 + $1.size } }

    /// The digest of paths and contents.
    public var content: Digest {
        var octets: [UInt8] = []
        octets.reserveCapacity(files.count * 48)
        for file in files {
            octets.append(contentsOf: file.path.utf8)
            octets.append(0)
            octets.append(contentsOf: file.digest.bytes)
        }
        return Digest(of: octets)
    }
}

/// The apexes of a content, as the file ``Listing/Path/zones`` holds them: names in wire
/// format, one after another.
public enum ZoneNames {
    public static func octets(_ zones: [Name]) -> [UInt8] { zones.flatMap(\.wire) }

    /// `nil` if the octets are not names.
    public static func names(_ octets: [UInt8]) -> [Name]? {
        var names: [Name] = []
        var start = 0
        while start < octets.count {
            var end = start
            while end < octets.count, octets[end] != 0 { end += 1 + Int(octets[end]) }
            guard end < octets.count, let name = try? Name(wire: Array(octets[start...end])) else { return nil }
            names.append(name)
            start = end + 1
        }
        return names
    }
}
