/// Blobs on top of others: what is put stays in memory, so that a plan can be made of
/// what is live without writing to it.
public actor ScratchBlobs: Blobs {
    private let base: any Blobs
    private var own: [Digest: [UInt8]] = [:]

    public init(over base: any Blobs) { self.base = base }

    public func put(_ blobs: [[UInt8]]) -> [Digest] {
        blobs.map { blob in
            let digest = Digest(of: blob)
            own[digest] = blob
            return digest
        }
    }

    /// Puts what was put here into the store beneath, together, with `others`.
    public func store(_ others: [[UInt8]] = []) async throws {
        let blobs = Array(own.values) + others
        if !blobs.isEmpty { try await base.put(blobs) }
        own = [:]
    }

    public func get(_ digest: Digest) async throws -> [UInt8]? {
        if let blob = own[digest] { return blob }
        return try await base.get(digest)
    }
}
