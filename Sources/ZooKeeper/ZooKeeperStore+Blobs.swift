internal import CZooKeeper
public import Pipeline

// Blobs.
//
// A blob that fits is one node. A larger one is a node naming the number of its
// parts, which are its children, and is made in this order: an empty node (no
// blob yet), the parts, and then, in one transaction that requires all of them,
// the content of the node. Sweeping deletes node and parts in one transaction
// that requires the node unchanged; so each of the two undoes the other cleanly
// whatever the timing.

extension ZooKeeperStore {
    /// The largest content of a node, in octets, before its one octet of format.
    static var partSize: Int { 512 * 1024 - 1 }

    @discardableResult
    public func put(_ blobs: [[UInt8]]) async throws -> [Digest] {
        try await concurrentMap(blobs) { blob in
            let digest = Digest(of: blob)
            try await self.put(blob, as: digest)
            return digest
        }
    }

    private func put(_ blob: [UInt8], as digest: Digest) async throws {
        let node = blobPath(digest)
        if blob.count <= Self.partSize { return try await write(NodeData.wrap(blob), at: node) }

        let count = (blob.count + Self.partSize - 1) / Self.partSize
        while true {
            // Kept if it exists: readers can go on with the old parts meanwhile.
            if try await nodes.create(node, [], onLoss: .again).code == ZNONODE.rawValue {
                try await createParents(of: node)
                continue
            }
            _ = try await concurrentMap(Array(0..<count)) { i in
                let part = blob[(i * Self.partSize)..<min((i + 1) * Self.partSize, blob.count)]
                try await self.write(NodeData.wrap(Array(part)), at: "\(node)/\(i)")
            }
            let header = [NodeData.parts] + withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0) }
            let changes = (0..<count).map { NodeChange.check("\(node)/\($0)", version: -1) }
            if try await nodes.commit(changes + [.set(node, header, version: -1)], onLoss: .again).ok { return }
            // A sweep took parts away before they belonged to a blob: once more.
        }
    }

    /// Creates the node or sets its content again, which renews its age and
    /// repairs it if damaged.
    private func write(_ data: [UInt8], at node: String) async throws {
        while true {
            let made = try await nodes.create(node, data, onLoss: .again)
            switch ZOO_ERRORS(made.code) {
            case ZOK: return
            case ZNONODE: try await createParents(of: node)
            default: if try await nodes.set(node, data, onLoss: .again).ok { return }
            }
        }
    }

    public func get(_ digest: Digest) async throws -> [UInt8]? {
        let node = blobPath(digest)
        var seen: Int64?
        while true {
            let reply = try await nodes.get(node)
            guard reply.ok, let kind = reply.data.first else { return nil }
            if let blob = try await content(kind, reply.data, node), Digest(of: blob) == digest { return blob }
            // Swept or put again while we read the parts? Then the node has changed.
            guard kind == NodeData.parts, let stat = reply.stat, stat.modified != seen else {
                throw StoreError(.corrupt, "blob \(digest) does not match its digest")
            }
            seen = stat.modified
        }
    }

    private func content(_ kind: UInt8, _ data: [UInt8], _ node: String) async throws -> [UInt8]? {
        switch (kind, data.count) {
        case (NodeData.whole, _):
            return Array(data.dropFirst())
        case (NodeData.parts, 5):
            let count = data.dropFirst().reduce(0) { $0 << 8 | Int($1) }
            guard count <= 1 << 20 else { return nil }
            let parts = try await concurrentMap(Array(0..<count)) { try await self.nodes.get("\(node)/\($0)") }
            guard parts.allSatisfy({ $0.ok && $0.data.first == NodeData.whole }) else { return nil }
            return Array(parts.lazy.map { $0.data.dropFirst() }.joined())
        default:
            return nil
        }
    }

    func blobPath(_ digest: Digest) -> String { "/blobs/\(digest.hex.prefix(2))/\(digest.hex)" }
}
