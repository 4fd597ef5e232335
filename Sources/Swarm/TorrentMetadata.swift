internal import CTorrent
private import Dispatch
private import Pipeline

/// What a peer must know to fetch a release: names, sizes and hashes of its
/// files, as BitTorrent v2 metadata (BEP 52).
///
/// The same files give the same metadata, whatever directory they lie in: every
/// torrent is called `release`, and that name never appears on disk.
///
/// A value of this type has been checked: only the keys that BEP 52 needs, no
/// name that could leave its directory, no symbolic links, padding or
/// attributes, piece layers that match the files' roots. File names are of
/// visible ASCII without `/ \ : * ? " < > |`, no two differ only in case.
public struct TorrentMetadata: Sendable, Hashable {
    /// A file of the release.
    public struct File: Sendable, Hashable {
        /// Relative to the directory, components joined by `/`.
        public let path: String
        /// In octets.
        public let size: UInt64
        /// The root of the hash tree over its content; `nil` if it is empty.
        /// Files with equal roots have equal content: such a file need not be
        /// fetched again.
        public let root: [UInt8]?
    }

    /// All of it, bencoded: the info dictionary and the piece layers.
    /// ``init(parsing:)`` reads it back.
    public let encoded: [UInt8]
    /// The bencoded info dictionary: what the info-hash is the hash of.
    public let infoDictionary: [UInt8]
    /// SHA-256 of ``infoDictionary``: 32 octets.
    public let infoHash: [UInt8]
    /// In the order of their names, component by component.
    public let files: [File]
    /// The sum of the files' sizes, in octets.
    public let totalSize: UInt64

    /// Octets of a piece.
    public static let pieceSize = Int(CT_PIECE_SIZE)
    /// The largest ``encoded``, in octets: 16 MiB, enough for 8 GB.
    public static let largestEncoding = 16 * 1024 * 1024
    /// The largest number of files.
    public static let mostFiles = 65_536

    /// Describes the files below `directory`, at least two, not all empty.
    ///
    /// Reads each file once. The files must not change meanwhile.
    /// Throws ``SwarmError``: ``SwarmError/Code/disk`` if something is
    /// unreadable or neither file nor directory, ``SwarmError/Code/tooLarge``,
    /// or ``SwarmError/Code/badMetadata`` for a name that is not allowed.
    public static func make(directory: String) async throws -> TorrentMetadata {
        // Reading a release takes too long for a thread of the cooperative pool.
        let encoded = try await withCheckedThrowingContinuation { (done: CheckedContinuation<[UInt8], any Error>) in
            DispatchQueue.global().async { done.resume(with: Result { try encode(directory) }) }
        }
        return try TorrentMetadata(parsing: encoded)
    }

    private static func encode(_ directory: String) throws(SwarmError) -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var length = 0
        try call { error in ct_metadata_make(directory, &bytes, &length, &error) }
        defer { ct_free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: length))
    }

    /// Reads and checks what ``encoded`` of another value gave.
    ///
    /// Throws ``SwarmError/Code/badMetadata`` or ``SwarmError/Code/tooLarge``.
    public init(parsing bytes: [UInt8]) throws(SwarmError) {
        guard bytes.count <= Self.largestEncoding else {
            throw SwarmError(.tooLarge, "metadata of \(bytes.count) octets; at most \(Self.largestEncoding)")
        }
        let top = try BencodeReader.read(bytes).fields(["info", "piece layers"], of: "metadata")
        let files = try MetadataCheck.files(info: top[0])
        try MetadataCheck.layers(top[1], of: files)
        encoded = bytes
        infoDictionary = Array(top[0].source)
        infoHash = Digest(of: infoDictionary).bytes
        self.files = files
        totalSize = files.reduce(0) { $0 + $1.size }
    }

    /// ``infoHash`` tells metadata apart: the layers follow from it.
    public static func == (a: TorrentMetadata, b: TorrentMetadata) -> Bool { a.infoHash == b.infoHash }

    public func hash(into hasher: inout Hasher) { hasher.combine(infoHash) }

    /// The first 12 hexadecimal digits of the info-hash: for people.
    var shortHash: String { Digest(bytes: infoHash)?.short ?? "" }
}
