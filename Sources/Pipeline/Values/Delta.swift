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
    public var size: Int { splices.reduce(80) { $0 + $1.path.utf8.count + $1.inserted.count + 60 } }
}

/// One file made of the same file of the content before: octets at one place replaced.
///
/// The outcome's digest is told, and so each step is proven where it is taken.
public struct Splice: Hashable, Sendable {
    public var path: String
    /// Octets before this stay.
    public var offset: Int
    /// So many go from there.
    public var removed: Int
    /// These come in their place.
    public var inserted: [UInt8]
    /// Of the outcome; `nil`: there is no such file any more.
    public var outcome: Listing.File?

    public init(path: String, offset: Int, removed: Int, inserted: [UInt8], outcome: Listing.File?) {
        self.path = path
        self.offset = offset
        self.removed = removed
        self.inserted = inserted
        self.outcome = outcome
    }

    /// What makes `new` of `old`: what they have in common at both ends is left out.
    ///
    /// - Parameter new: `nil`: there is no such file any more.
    public init(path: String, from old: [UInt8], to new: [UInt8]?, digest: Digest?) {
        guard let new, let digest else {
            self.init(path: path, offset: 0, removed: old.count, inserted: [], outcome: nil)
            return
        }
        let shorter = min(old.count, new.count)
        var start = 0
        while start < shorter, old[start] == new[start] { start += 1 }
        var end = 0
        while end < shorter - start, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
        self.init(
            path: path, offset: start, removed: old.count - start - end, inserted: Array(new[start..<new.count - end]),
            outcome: Listing.File(path: path, digest: digest, size: new.count))
    }

    /// The new file's octets, `nil` if it is gone; throws if they are not what was promised.
    public func applied(to old: [UInt8]) throws(SpliceError) -> [UInt8]? {
        guard let outcome else { return nil }
        guard offset >= 0, removed >= 0, offset <= old.count, removed <= old.count - offset else { throw SpliceError(path: path) }
        var new: [UInt8] = []
        new.reserveCapacity(old.count - removed + inserted.count)
        new.append(contentsOf: old[..<offset])
        new.append(contentsOf: inserted)
        new.append(contentsOf: old[(offset + removed)...])
        guard new.count == outcome.size, Digest(of: new) == outcome.digest else { throw SpliceError(path: path) }
        return new
    }
}

/// A splice does not make what it promises: the file it was applied to is another one.
public struct SpliceError: Error, Hashable, CustomStringConvertible {
    public let path: String
    public var description: String { "\(path) is not made by its delta" }
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
