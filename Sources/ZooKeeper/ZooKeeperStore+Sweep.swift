internal import CZooKeeper
public import Pipeline

extension ZooKeeperStore {
    /// Removes old blobs, and the empty nodes that removed values left behind.
    ///
    /// Ages are reckoned by the ensemble's clock. Only one sweep runs at a time:
    /// a second one throws ``StoreError/Code/conflict``.
    @discardableResult
    public func sweep(keeping live: Set<Digest>, grace: Duration) async throws -> Int {
        let session = try await connection.session()
        // Held alone, since a node deleted by one sweep and put again could look
        // unchanged to another. Its time is the server's clock.
        try await createParents(of: sweepLock)
        let made = try await nodes.create(sweepLock, [], mode: .ephemeral, in: session, onLoss: .report)
        guard made.ok, let now = made.stat?.time else {
            throw StoreError(.conflict, "another sweep is under way")
        }
        do {
            let count = try await sweepBlobs(keeping: live, notAfter: now - Int64(grace / .milliseconds(1)))
            let age = max(grace, Self.emptyNodeAge)
            try await sweepEmpty("/values", notAfter: now - Int64(age / .milliseconds(1)))
            await discard([sweepLock], in: session)
            return count
        } catch {
            await discard([sweepLock], in: session)
            throw error
        }
    }

    private var sweepLock: String { "/sweep" }

    /// Far longer than any write can be under way between looking and setting.
    static var emptyNodeAge: Duration { .seconds(3600) }

    private func sweepBlobs(keeping live: Set<Digest>, notAfter limit: Int64) async throws -> Int {
        var count = 0
        for shard in try await nodes.children("/blobs").names {
            let names = try await nodes.children("/blobs/\(shard)").names
            let dead = names.filter { name in Digest(hex: name).map { !live.contains($0) } ?? false }
            let removed = try await concurrentMap(dead, limit: 64) { name in
                try await self.sweepBlob("/blobs/\(shard)/\(name)", notAfter: limit)
            }
            count += removed.count { $0 }
        }
        return count
    }

    /// Deletes the node if nobody put it again since we looked.
    private func sweepBlob(_ node: String, notAfter limit: Int64) async throws -> Bool {
        guard let stat = try await nodes.exists(node).stat, stat.time <= limit else { return false }
        var changes = [NodeChange.check(node, version: stat.version)]
        if stat.children > 0 {
            changes += try await nodes.children(node).names.map { .delete("\(node)/\($0)", version: -1) }
        }
        changes.append(.delete(node, version: stat.version))
        let gone = try await nodes.commit(changes, onLoss: .report).ok
        return gone && stat.length > 0
    }

    /// Deletes the nodes below `node` that have neither value nor children.
    func sweepEmpty(_ node: String, notAfter limit: Int64) async throws {
        for name in try await nodes.children(node).names where !name.hasSuffix("@") {
            let child = node + "/" + name
            try await sweepEmpty(child, notAfter: limit)
            guard let stat = try await nodes.exists(child).stat, stat.length == 0, stat.children == 0, stat.time <= limit
            else { continue }
            // Fails harmlessly if it got a value or a child meanwhile.
            _ = try await nodes.delete(child, version: stat.version, onLoss: .report)
        }
    }
}
