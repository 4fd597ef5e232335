internal import Pipeline

/// The deltas since a checkpoint: the newest are told in the release, those before in
/// blobs that it names. A value; who stores blobs is told what to store.
struct DeltaTrack {
    /// A larger change travels as a checkpoint. Octets.
    static let largest = 2 << 20
    /// So much is told in the release itself. Octets.
    static let inline = 32 << 10
    /// So much a newcomer reads beside a checkpoint, before a later one is made. Octets.
    static let longest = 4 << 20

    /// Deltas in one blob.
    private struct Run {
        var digest: Digest
        var size: Int
        /// Where each of them leads.
        var contents: [Digest]
    }

    /// The checkpoint's content.
    private(set) var start: Digest
    private var runs: [Run] = []
    private(set) var deltas: [Delta] = []

    init(from start: Digest) { self.start = start }

    /// Digests of blobs with deltas, oldest first.
    var log: [Digest] { runs.map(\.digest) }

    /// Where they lead.
    var end: Digest { deltas.last?.to ?? runs.last?.contents.last ?? start }

    var isLong: Bool { runs.reduce(0) { $0 + $1.size } > Self.longest }

    mutating func append(_ delta: Delta) { deltas.append(delta) }

    /// What is too much for a release: to be stored as a blob, and told to ``moved(_:to:)``.
    var overflow: [Delta] {
        guard deltas.reduce(0, { $0 + $1.size }) > Self.inline else { return [] }
        // The newer half stays: who is a moment behind finds all in the release.
        return Array(deltas.prefix(max(1, deltas.count / 2)))
    }

    /// The first deltas are in a blob now.
    mutating func moved(_ run: [Delta], to blob: [UInt8], _ digest: Digest) {
        runs.append(Run(digest: digest, size: blob.count, contents: run.map(\.to)))
        deltas.removeFirst(run.count)
    }

    /// Leaves out what is behind a later checkpoint; false if it is not on this track.
    mutating func shorten(to content: Digest) -> Bool {
        if let run = runs.lastIndex(where: { $0.contents.contains(content) }) {
            // A run that goes on behind it stays whole: who follows starts in its middle.
            runs.removeFirst(runs[run].contents.last == content ? run + 1 : run)
        } else if deltas.contains(where: { $0.to == content }) {
            runs = []
        } else if content != start {
            return false
        }
        start = content
        return true
    }
}
