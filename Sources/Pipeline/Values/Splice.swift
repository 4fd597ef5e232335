/// One file made of the same file of the content before: octets at some places replaced.
///
/// The outcome's digest is told, and so each step is proven where it is taken.
public struct Splice: Hashable, Sendable {
    /// One place.
    public struct Hunk: Hashable, Sendable {
        /// So many octets stay, from where the hunk before ended.
        public var kept: Int
        /// So many go from there.
        public var removed: Int
        /// These come in their place.
        public var inserted: [UInt8]

        public init(kept: Int, removed: Int, inserted: [UInt8]) {
            self.kept = kept
            self.removed = removed
            self.inserted = inserted
        }
    }

    public var path: String
    /// In the order of the file.
    public var hunks: [Hunk]
    /// Of the outcome; `nil`: there is no such file any more.
    public var outcome: Listing.File?

    public init(path: String, hunks: [Hunk], outcome: Listing.File?) {
        self.path = path
        self.hunks = hunks
        self.outcome = outcome
    }

    /// One hunk, behind the first `offset` octets.
    public init(path: String, offset: Int, removed: Int, inserted: [UInt8], outcome: Listing.File?) {
        self.init(path: path, hunks: [Hunk(kept: offset, removed: removed, inserted: inserted)], outcome: outcome)
    }

    /// What makes `new` of `old`. Of fragments it is the records that differ, of other files
    /// what lies between the octets that both have at their ends.
    ///
    /// - Parameter new: `nil`: there is no such file any more.
    public init(path: String, from old: [UInt8], to new: [UInt8]?, digest: Digest?) {
        guard let new, let digest else {
            self.init(path: path, hunks: [], outcome: nil)
            return
        }
        let runs = (Listing.Path.isFragment(path) ? try? CdbFragment.differences(old, new) : nil) ?? [(old.indices, new.indices)]
        var hunks: [Hunk] = [], end = 0
        for (before, after) in runs {
            let (start, shared) = Self.shared(old[before], new[after])
            let hunk = Hunk(
                kept: before.lowerBound + start - end, removed: before.count - start - shared,
                inserted: Array(new[after.lowerBound + start..<after.upperBound - shared]))
            if hunk.removed == 0, hunk.inserted.isEmpty { continue }
            hunks.append(hunk)
            end = before.upperBound - shared
        }
        self.init(path: path, hunks: hunks, outcome: Listing.File(path: path, digest: digest, size: new.count))
    }

    /// How many octets two slices have in common at their start, and how many of the others at their end.
    private static func shared(_ old: ArraySlice<UInt8>, _ new: ArraySlice<UInt8>) -> (start: Int, end: Int) {
        let shorter = min(old.count, new.count)
        var start = 0
        while start < shorter, old[old.startIndex + start] == new[new.startIndex + start] { start += 1 }
        var end = 0
        while end < shorter - start, old[old.endIndex - 1 - end] == new[new.endIndex - 1 - end] { end += 1 }
        return (start, end)
    }

    /// The new file's octets, `nil` if it is gone; throws if they are not what was promised.
    public func applied(to old: [UInt8]) throws(SpliceError) -> [UInt8]? {
        guard let outcome else { return nil }
        var new: [UInt8] = []
        new.reserveCapacity(min(max(0, outcome.size), old.count + hunks.reduce(0) { $0 + $1.inserted.count }))
        var at = 0
        for hunk in hunks {
            guard hunk.kept >= 0, hunk.removed >= 0, hunk.kept <= old.count - at, hunk.removed <= old.count - at - hunk.kept
            else { throw SpliceError(path: path) }
            new.append(contentsOf: old[at..<at + hunk.kept])
            new.append(contentsOf: hunk.inserted)
            at += hunk.kept + hunk.removed
        }
        new.append(contentsOf: old[at...])
        guard new.count == outcome.size, Digest(of: new) == outcome.digest else { throw SpliceError(path: path) }
        return new
    }
}

/// A splice does not make what it promises: the file it was applied to is another one.
public struct SpliceError: Error, Hashable, CustomStringConvertible {
    public let path: String
    public var description: String { "\(path) is not made by its delta" }
}
