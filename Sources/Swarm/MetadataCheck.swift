private import CTorrent

/// What ``TorrentMetadata`` demands of bencoded values.
enum MetadataCheck {
    private static func bad(_ what: String) -> SwarmError { SwarmError(.badMetadata, what) }

    /// The files of an info dictionary.
    static func files(info: BencodedValue) throws(SwarmError) -> [TorrentMetadata.File] {
        // Exactly these keys. Others would make libtorrent look for files of
        // other torrents (`similar`), read certificates, or see a v1 torrent.
        let fields = try info.fields(["file tree", "meta version", "name", "piece length"], of: "info")
        guard case .integer(2) = fields[1].content else { throw bad("not version 2") }
        guard case .bytes(let name) = fields[2].content, name.elementsEqual(CT_TORRENT_NAME.utf8) else {
            throw bad("the torrent is not called '\(CT_TORRENT_NAME)'")
        }
        guard case .integer(Int64(CT_PIECE_SIZE)) = fields[3].content else { throw bad("pieces are not of 16 KiB") }

        var files: [TorrentMetadata.File] = []
        try walk(fields[0], path: "", into: &files)
        // libtorrent takes a tree of one file for a torrent of another shape.
        guard files.count >= 2 else { throw bad("fewer than two files") }
        guard files.contains(where: { $0.size > 0 }) else { throw bad("no content") }
        return files
    }

    private static func walk(
        _ tree: BencodedValue, path: String, into files: inout [TorrentMetadata.File]
    ) throws(SwarmError) {
        guard case .dictionary(let entries) = tree.content, !entries.isEmpty else {
            throw bad("'\(path)' is no directory")
        }
        var folded: Set<String> = []
        for (key, value) in entries {
            let name = try self.name(key)
            // libtorrent renames files that differ only in case.
            guard folded.insert(name.lowercased()).inserted else { throw bad("'\(name)' comes twice, but for case") }
            let path = path.isEmpty ? name : "\(path)/\(name)"
            guard path.utf8.count <= 1024 else { throw bad("a path longer than 1024 octets") }
            guard case .dictionary(let inner) = value.content else { throw bad("'\(path)' is neither file nor directory") }
            if let first = inner.first, first.key.isEmpty {
                guard inner.count == 1 else { throw bad("'\(path)' is both file and directory") }
                guard files.count < TorrentMetadata.mostFiles else { throw SwarmError(.tooLarge, "too many files") }
                files.append(try file(first.value, path: path))
            } else {
                try walk(value, path: path, into: &files)
            }
        }
    }

    private static func name(_ key: ArraySlice<UInt8>) throws(SwarmError) -> String {
        let text = String(decoding: key, as: UTF8.self)
        let forbidden = Array(#"/\:*?"<>|"#.utf8)
        let plain = key.allSatisfy { (0x21...0x7E).contains($0) && !forbidden.contains($0) }
        guard plain, !key.isEmpty, key.count <= 200, text != ".", text != ".." else {
            throw bad("\(text.debugDescription) is not allowed as a file name")
        }
        return text
    }

    private static func file(_ value: BencodedValue, path: String) throws(SwarmError) -> TorrentMetadata.File {
        guard case .dictionary(let entries) = value.content else { throw bad("'\(path)' has no description") }
        let hasRoot = entries.count > 1
        // An `attr` or `symlink path` fails here.
        let fields = try value.fields(hasRoot ? ["length", "pieces root"] : ["length"], of: "'\(path)'")
        guard case .integer(let length) = fields[0].content, length >= 0, hasRoot == (length > 0) else {
            throw bad("'\(path)' has no proper length")
        }
        // More cannot have piece layers within the metadata's own limit; below
        // it no sum of sizes overflows.
        guard length <= 1 << 40 else { throw SwarmError(.tooLarge, "'\(path)' has \(length) octets") }
        guard hasRoot else { return .init(path: path, size: 0, root: nil) }
        guard case .bytes(let root) = fields[1].content, root.count == Int(CT_HASH_SIZE) else {
            throw bad("'\(path)' has no proper root")
        }
        return .init(path: path, size: UInt64(length), root: Array(root))
    }

    /// Checks that every file of several pieces has its layer, and that no
    /// other layers are there.
    static func layers(_ value: BencodedValue, of files: [TorrentMetadata.File]) throws(SwarmError) {
        guard case .dictionary(let entries) = value.content else { throw bad("the piece layers are no dictionary") }
        var layers: [[UInt8]: ArraySlice<UInt8>] = [:]
        for (root, layer) in entries {
            guard case .bytes(let hashes) = layer.content else { throw bad("a piece layer is not a string") }
            layers[Array(root)] = hashes
        }
        var used: Set<[UInt8]> = []
        for file in files where file.size > UInt64(CT_PIECE_SIZE) {
            let pieces = (Int(file.size) + Int(CT_PIECE_SIZE) - 1) / Int(CT_PIECE_SIZE)
            guard let root = file.root, let layer = layers[root], layer.count == pieces * Int(CT_HASH_SIZE) else {
                throw bad("'\(file.path)' lacks its piece layer")
            }
            guard used.insert(root).inserted else { continue }
            var computed = [UInt8](repeating: 0, count: Int(CT_HASH_SIZE))
            let done = layer.withUnsafeBufferPointer { ct_merkle_root($0.baseAddress, pieces, &computed) }
            guard done, computed == root else { throw bad("the piece layer of '\(file.path)' has another root") }
        }
        guard used.count == layers.count else { throw bad("a piece layer of no file") }
    }
}

extension BencodedValue {
    /// The values of a dictionary with exactly these keys, in this order.
    func fields(_ names: [String], of what: String) throws(SwarmError) -> [BencodedValue] {
        guard case .dictionary(let entries) = content else {
            throw SwarmError(.badMetadata, "\(what) is no dictionary")
        }
        guard entries.count == names.count, zip(entries, names).allSatisfy({ $0.key.elementsEqual($1.utf8) }) else {
            throw SwarmError(.badMetadata, "\(what) has other keys than \(names.joined(separator: ", "))")
        }
        return entries.map(\.value)
    }
}
