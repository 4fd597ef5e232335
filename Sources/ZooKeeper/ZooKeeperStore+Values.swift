internal import CZooKeeper
public import Pipeline

// Manifests.
//
// The version of a value is the transaction that wrote it (mzxid), which never
// repeats. ZooKeeper compares the node's own version, which starts again at 0
// when a node is deleted and recreated; so a removed value leaves its node
// behind, empty, and `sweep` takes it away long after every write that could
// have seen it has ended.

extension ZooKeeperStore {
    public func read(_ key: StoreKey) async throws -> VersionedValue? {
        for path in [path(key), leasePath(key)] {
            let reply = try await nodes.get(path)
            guard reply.ok, let stat = reply.stat else { continue }
            if let value = try NodeData.unwrap(reply.data, at: key) {
                return VersionedValue(value: value, version: StoreVersion(stat.modified))
            }
        }
        return nil
    }

    @discardableResult
    public func write(
        _ value: [UInt8], at key: StoreKey, expecting expected: StoreVersion?
    ) async throws -> StoreVersion {
        try checkSize(value, key)
        let path = path(key)
        let data = NodeData.wrap(value)
        // A lease shows at its key as a value does, and is not ours to replace.
        if expected == nil, try await nodes.exists(leasePath(key)).ok { throw changed(key) }
        while true {
            let node = try await nodes.exists(path)
            let reply: Reply
            if node.ok, let stat = node.stat {
                let present = stat.length > 0 ? StoreVersion(stat.modified) : nil
                guard present == expected else { throw changed(key) }
                reply = try await nodes.set(path, data, version: stat.version, onLoss: .report)
            } else {
                guard expected == nil else { throw changed(key) }
                reply = try await nodes.create(path, data, onLoss: .report)
            }
            switch ZOO_ERRORS(reply.code) {
            case ZOK:
                guard let stat = reply.stat else { throw StoreError(.corrupt, "ZooKeeper sent no version") }
                return StoreVersion(stat.modified)
            case ZNONODE where !node.ok:
                try await createParents(of: path)
            default:
                // Somebody came between. If only an empty node appeared or went, the
                // next look shows it, and we try again.
                continue
            }
        }
    }

    public func remove(_ key: StoreKey, expecting expected: StoreVersion) async throws {
        let path = path(key)
        let node = try await nodes.exists(path)
        guard node.ok, let stat = node.stat, stat.length > 0, StoreVersion(stat.modified) == expected else {
            throw changed(key)
        }
        guard try await nodes.set(path, [], version: stat.version, onLoss: .report).ok else { throw changed(key) }
    }

    public func list(_ key: StoreKey) async throws -> [StoreKey] {
        let parent = path(key)
        let names = try await nodes.children(parent).names
        let present = try await concurrentMap(names) { name -> String? in
            // Whether there is a value shows in the length: no need to fetch it.
            let reply = try await self.nodes.exists(parent + "/" + name)
            guard reply.ok, let stat = reply.stat, stat.length > 0 else { return nil }
            return name.hasSuffix("@") ? String(name.dropLast()) : name
        }
        var keys: [StoreKey] = []
        // Nodes that are not ours are no keys.
        for name in Set(present.compactMap(\.self)) { if let key = try? key.appending(name) { keys.append(key) } }
        return keys.sorted()
    }

    func checkSize(_ value: [UInt8], _ key: StoreKey) throws(StoreError) {
        guard value.count <= Self.largestValue else {
            throw StoreError(.tooLarge, "the value for \(key) has \(value.count) octets, over \(Self.largestValue)")
        }
    }

    private func changed(_ key: StoreKey) -> StoreError {
        StoreError(.conflict, "the value at \(key) is not the expected version")
    }
}

/// Maps with up to `limit` calls under way, keeping the order.
func concurrentMap<A: Sendable, B: Sendable>(
    _ items: [A], limit: Int = 256, _ transform: @escaping @Sendable (A) async throws -> B
) async throws -> [B] {
    try await withThrowingTaskGroup(of: (Int, B).self) { group in
        var results = [B?](repeating: nil, count: items.count)
        for (i, item) in items.enumerated() {
            if i >= limit, let (j, result) = try await group.next() { results[j] = result }
            group.addTask { (i, try await transform(item)) }
        }
        for try await (j, result) in group { results[j] = result }
        return results.map { $0! }
    }
}
