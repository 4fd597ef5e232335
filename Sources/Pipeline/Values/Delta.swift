/// What leads from one content to the next: small, so that it travels in the release itself.
public struct Delta: Hashable, Sendable {
    /// Digests of the two contents (``Listing/content``).
    public var from: Digest
    public var to: Digest
    public var splices: [Splice]

    public init(from: Digest, to: Digest, splices: [Splice]) {
        self.from = from
        self.to = to
        self.splices = splices
    }

    /// About what it takes, in octets.
    public var size: Int {
        splices.reduce(80) { $0 + $1.path.utf8.count + 60 + $1.hunks.reduce(0) { $0 + $1.inserted.count + 12 } }
    }
}

extension Release {
    /// The deltas that lead from `content` to this release, of those in `deltas` or
    /// `earlier` ones; `nil` if they do not.
    public func route(from content: Digest, earlier: [Delta] = []) -> [Delta]? {
        if content == self.content { return [] }
        let all = earlier + deltas
        // The last that leaves from there: contents may come back.
        guard let start = all.lastIndex(where: { $0.from == content }) else { return nil }
        var at = content
        for delta in all[start...] {
            guard delta.from == at else { return nil }
            at = delta.to
        }
        return at == self.content ? Array(all[start...]) : nil
    }
}
