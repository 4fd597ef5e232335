public import Pipeline

/// What came of registering.
public struct Registration: Sendable {
    /// Of the manifest that has it.
    public var number: UInt64
    /// When the leases end that have one.
    var leases: [Holder: Instant]

    /// The same edit, with the lease that it has now.
    func stored(_ edit: Edit) -> Edit {
        var edit = edit
        edit.expires = leases[Holder(edit)]
        return edit
    }
}

/// An RRset, and who registered it.
struct Holder: Hashable, Sendable {
    private var key: RecordKey
    private var person: String

    init(_ edit: Edit) { (key, person) = (edit.key, edit.origin.person) }
}

/// Takes what servers register: one compare-and-set for all that is asked at once.
public struct Registrar: Sendable {
    private let store: any Store
    private let sharding: Sharding
    private let now: @Sendable () -> Instant
    let record = RegistrarRecord()

    public init(store: any Store, sharding: Sharding, now: @escaping @Sendable () -> Instant = Instant.now) {
        self.store = store
        self.sharding = sharding
        self.now = now
    }

    /// Registers `edits` (set or add), each in place of what the same person registered for
    /// the same RRset; a removal takes that back. Later ones go before earlier ones.
    ///
    /// What is there already costs nothing: the same values with more than half of the lease
    /// left are as good as renewed.
    ///
    @discardableResult
    public func register(_ edits: [Edit]) async throws -> Registration {
        let byShard = Dictionary(grouping: edits) { sharding.index(of: $0.key.owner) }
        var leases: [Holder: Instant] = [:]
        let number = try await change(Array(byShard.keys)) { index, shard, instant in
            for edit in byShard[index] ?? [] {
                Self.take(edit, into: &shard, at: instant)
                let stored = shard.last { $0.key == edit.key && $0.origin.person == edit.origin.person }
                leases[Holder(edit)] = stored?.expires
            }
        }
        return Registration(number: number, leases: leases)
    }

    /// Removes registrations whose lease has ended; they have no effect since then.
    @discardableResult
    public func sweep() async throws -> UInt64 {
        let stored = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))
        return try await change(Array((stored?.value.shards ?? [:]).keys)) { _, _, _ in }
    }

    /// What one identity has registered.
    public func registrations(of person: String) async throws -> [Edit] {
        guard let manifest = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))?.value else { return [] }
        let instant = now()
        var edits: [Edit] = []
        for (_, reference) in manifest.shards.sorted(by: { $0.key < $1.key }) {
            edits += try Edit.decode(try await store.require(reference.digest))
                .filter { $0.origin.person == person && $0.isActive(at: instant) }
        }
        return edits
    }

    /// How many there are; those whose lease ended lately may be among them.
    func count() async throws -> Int {
        try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))?.value.count ?? 0
    }

    private static func take(_ edit: Edit, into shard: inout [Edit], at instant: Instant) {
        let index = shard.firstIndex { $0.key == edit.key && $0.origin.person == edit.origin.person }
        if let index, isAsGood(shard[index], as: edit, at: instant) { return }
        if let index { shard.remove(at: index) }
        if edit.action != .remove { shard.append(edit) }
    }

    private static func isAsGood(_ known: Edit, as edit: Edit, at instant: Instant) -> Bool {
        var same = known
        same.expires = edit.expires
        guard same == edit else { return false }
        guard let wanted = edit.expires, let left = known.expires else { return edit.expires == known.expires }
        return (left - instant) * 2 > wanted - instant
    }

    /// Brings registrations made under another number of shards to this one.
    public func reshard() async throws {
        guard let stored = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:)), stored.value.sharding != sharding
        else { return }
        _ = try await change([]) { _, _, _ in }
    }

    /// All registrations where they belong, in the order they are in.
    private func spread(_ manifest: Manifest) async throws -> [Int: [Edit]] {
        var edits: [Edit] = []
        for (_, reference) in manifest.shards.sorted(by: { $0.key < $1.key }) {
            edits += try Edit.decode(try await store.require(reference.digest))
        }
        return Dictionary(grouping: edits) { sharding.index(of: $0.key.owner) }
    }

    private func change(
        _ indices: [Int], _ body: (Int, inout [Edit], Instant) -> Void
    ) async throws -> UInt64 {
        while true {
            let stored = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))
            var manifest = stored?.value ?? Manifest(source: Origin.registrations, number: 0, sharding: sharding)
            let instant = now()
            var blobs: [[UInt8]] = []
            var ended = 0
            // The pipeline got another number of shards: each name has a new place.
            let moved = manifest.sharding == sharding ? nil : try await spread(manifest)
            if moved != nil { (manifest.sharding, manifest.shards) = (sharding, [:]) }
            for index in Set(indices).union((moved ?? [:]).keys).sorted() {
                var shard: [Edit] = []
                let known = manifest.shards[index]
                if let known { shard = try Edit.decode(try await store.require(known.digest)) }
                if let edits = moved?[index] { shard = edits }
                let before = shard.count
                shard.removeAll { $0.expires.map { $0 <= instant } ?? false }
                ended += before - shard.count
                body(index, &shard, instant)
                let blob = Edit.encode(shard)
                let digest = Digest(of: blob)
                if shard.isEmpty {
                    manifest.shards[index] = nil
                } else if digest != known?.digest {
                    blobs.append(blob)
                    manifest.shards[index] = ShardReference(digest: digest, size: blob.count, count: shard.count, basis: digest)
                }
            }
            if let stored, stored.value.shards == manifest.shards { return manifest.number }
            manifest.number += 1
            manifest.trace = Trace(cause: "registration").adding(.seen, at: instant)
            try await store.put(blobs)
            do {
                try await store.write(manifest.encoded, at: WellKnown.registrations, expecting: stored?.version)
                record.ended(ended)
                return manifest.number
            } catch let error as StoreError where error.code == .conflict {
                continue
            }
        }
    }
}
