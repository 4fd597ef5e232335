internal import DNSClient
internal import DNSWire
public import Logging
public import Pipeline
internal import Synchronization

/// A hidden primary: gives what is presented to name servers that run no proxy, by zone
/// transfer, and tells them when it changes.
///
/// Several instances may run. All answer, and one numbers: it writes which presentation is
/// transferred with which serials, and the others follow that.
public actor TransferStage {
    let settings: TransferSettings
    let store: any Store
    let logger: Logger
    let vitals = StageVitals()
    nonisolated let statistics = TransferStatistics()
    private let now: @Sendable () -> UInt64
    nonisolated let notifier: Notifier
    /// What is answered from.
    nonisolated let shown = Shown()
    private var state: (value: TransferState, version: StoreVersion, history: Digest?)?
    /// Serials by the blob that they are in.
    private var tables: [Int: (digest: Digest, zones: [ZoneView: ZoneSerials])] = [:]
    private var files: SerialFiles
    /// The newest presentation that was looked at, whether or not it changed a zone.
    private var working: Snapshot
    private var presented: (manifest: Manifest, version: StoreVersion)?
    /// What servers were told of, or need not be.
    private var told: [ZoneView: Serial] = [:]
    private var recalls: [UInt64: Task<Void, Never>] = [:]
    private var turn: Task<Void, Never>?
    /// Follows changes to the servers of pools.
    private(set) lazy var pools = PoolStage(pools: settings.pools, store: store, logger: logger) { [weak self] in try await self?.current() }
    var ports: [Int] = []
    /// Why what is shown may be old.
    var fault: String?

    /// Over so many blobs serials are spread: a change writes one.
    static let spread = Sharding(count: 64)

    final class Shown: Sendable {
        private let value = Mutex<Presented?>(nil)
        var current: Presented? { value.withLock { $0 } }
        func set(_ presented: Presented) { value.withLock { $0 = presented } }
        /// Adds a presentation that was before.
        func remember(_ snapshot: Snapshot, before number: UInt64) {
            // Of another line of presentations it would be wrong.
            value.withLock { shown in
                if let now = shown, now.snapshot.number >= number { shown = now.remembering(snapshot) }
            }
        }
    }

    /// - Parameter now: seconds since 1970, for signatures alone.
    /// - Throws: if the directory cannot be made.
    public init(
        settings: TransferSettings, store: any Store, logger: Logger,
        now: @escaping @Sendable () -> UInt64 = { UInt64(max(0, Instant.now().milliseconds / 1000)) }
    ) throws {
        self.settings = settings
        self.store = store
        self.logger = logger
        self.now = now
        notifier = Notifier(settings: settings.notifying, statistics: statistics, logger: logger)
        files = try SerialFiles(directory: settings.directory, spread: Self.spread, logger: logger)
        working = Snapshot(views: settings.views)
    }

    /// Runs until cancelled.
    ///
    /// - Parameter ready: is told the ports once they can be asked.
    public func run(instance: String, ready: @escaping @Sendable ([Int]) -> Void = { _ in }) async throws {
        let loop = try StageLoop(role: "transfer", store: store, instance: instance, vitals: vitals, logger: logger)
        let limits = ConnectionLimits(most: settings.connections.most, mostOfOne: settings.connections.ofOne, statistics: statistics)
        let server = TransferServer(endpoints: settings.listen, responder: responder, limits: limits, idle: settings.idle)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run { ports in
                    Task { await self.listens(ports) }
                    ready(ports)
                }
            }
            group.addTask { await self.follow() }
            if !settings.pools.isEmpty { group.addTask { try await self.pools.run(instance: instance) } }
            group.addTask { try await loop.run(watching: [WellKnown.presentation, WellKnown.transfer]) { try await self.step() } }
            defer { group.cancelAll() }
            try await group.next()
        }
        await notifier.stop()
    }

    private func listens(_ ports: [Int]) { self.ports = ports }

    nonisolated var responder: Responder {
        Responder(
            access: Access(peers: settings.allPeers), presented: { [shown] in shown.current },
            recall: { [weak self] first, end in await self?.recall(first, end) }, statistics: statistics, now: now)
    }

    // MARK: Following

    private func follow() async {
        for await _ in store.watch([WellKnown.transfer]) {
            var wait = 250
            while !Task.isCancelled {
                do {
                    try await inTurn { try await self.adopt() }
                    fault = nil
                    break
                } catch {
                    fault = "what is transferred may be old: \(error)"
                    logger.warning("what is to be transferred cannot be read", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: .milliseconds(wait))
                    wait = min(30_000, wait * 2)
                }
            }
        }
    }

    /// One at a time: what is begun is finished before something else looks at it.
    private func inTurn<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let before = turn
        let task = Task {
            await before?.value
            return try await body()
        }
        turn = Task { _ = try? await task.value }
        return try await task.value
    }

    /// Takes up what the leading instance wrote.
    private func adopt() async throws {
        let stored = try await store.decoded(WellKnown.transfer, known: state.map { ($0.value, $0.version) }, TransferState.init(decoding:))
        guard let stored else {
            // Of a store that was lost nothing is known; what is shown stays.
            state = nil
            return
        }
        if state?.version == stored.version { return }
        let manifest = try Manifest(decoding: try await store.require(stored.value.manifest))
        let changed = Set((0..<stored.value.spread.count).filter { tables[$0]?.digest != stored.value.serials[$0] })
        for index in changed {
            guard let digest = stored.value.serials[index] else {
                tables[index] = nil
                continue
            }
            tables[index] = (digest, try ZoneSerials.decode(try await store.require(digest)))
        }
        let serials = tables.values.reduce(into: [:]) { all, table in all.merge(table.zones) { $1 } }
        let base = working.number > 0 ? working : shown.current?.snapshot ?? working
        let snapshot = base.number == manifest.number && base.digests == manifest.shards.mapValues(\.digest)
            ? base : try await base.updated(to: manifest, in: store)
        try files.note(serials, in: changed)
        let isLater = try await follows(manifest)
        if let old = shown.current, isLater {
            shown.set(old.followed(by: snapshot, serials: serials))
        } else {
            shown.set(Presented(snapshot, serials: serials, past: []))
        }
        working = snapshot
        state = (stored.value, stored.version, manifest.history)
    }

    /// What is transferred, as the store has it now.
    private func current() async throws -> Presented? {
        try await inTurn { try await self.adopt() }
        return shown.current
    }

    /// Whether what is shown led to a presentation: after a store was put back from a copy, numbers mean others.
    private func follows(_ manifest: Manifest) async throws -> Bool {
        guard let state, manifest.number > state.value.presentation else { return false }
        var next = manifest.history, number = UInt64.max
        while let digest = next {
            guard let blob = try await store.get(digest) else { return false }
            let entry = try HistoryEntry(decoding: blob)
            if entry.number <= state.value.presentation { return digest == state.history }
            // Numbers fall, so that no chain is a ring.
            guard entry.number < number else { return false }
            number = entry.number
            next = entry.previous
        }
        return manifest.history == nil && state.history == nil
    }

    private static let mostRecalls = 2

    /// Reads a presentation that is not in memory, so that a difference can be made from it.
    private func recall(_ first: UInt64, _ end: UInt64) async -> Presented? {
        // Many servers are as far behind as each other; who is alone in that must not take all our time.
        guard recalls[first] != nil || recalls.count < Self.mostRecalls else { return shown.current }
        let task = recalls[first] ?? Task { await self.read(first, end) }
        recalls[first] = task
        await task.value
        recalls[first] = nil
        return shown.current
    }

    private func read(_ first: UInt64, _ end: UInt64) async {
        guard let state, let now = shown.current else { return }
        do {
            let head = try Manifest(decoding: try await store.require(state.value.manifest))
            let history = try await History(of: head, retention: .init(keep: 100_000, age: .max), at: .now(), in: store)
            guard let number = history.entries.map(\.number).filter({ (first..<end).contains($0) }).max(),
                let manifest = history.presentation(number)
            else { return }
            shown.remember(try await now.snapshot.updated(to: manifest, in: store), before: now.snapshot.number)
        } catch {
            logger.warning("a presentation before cannot be read: the zone goes as a whole", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Leading

    /// Numbers what is presented, and tells servers of what changed.
    func step() async throws -> Instant? {
        try await inTurn { try await self.number() }
        await tell()
        return nil
    }

    private func number() async throws {
        try await adopt()
        guard let manifest = try await presentation() else { return }
        let basis = Self.basis(of: settings.views)
        let known = state == nil ? [:] : shown.current?.serials ?? [:]
        let old = state == nil ? Snapshot(views: settings.views) : shown.current?.snapshot ?? Snapshot(views: settings.views)
        let new = working.number == manifest.number && working.digests == manifest.shards.mapValues(\.digest)
            ? working : try await working.updated(to: manifest, in: store)
        working = new
        let serials = Numbering.serials(
            after: known, from: old, to: new, isRenewed: state.map { $0.value.basis != basis } ?? false, floor: files.highest)
        if state?.value.basis == basis, serials == known { return }
        try await write(serials, manifest, basis, known)
        try await adopt()
    }

    private func write(_ serials: [ZoneView: ZoneSerials], _ manifest: Manifest, _ basis: Digest, _ known: [ZoneView: ZoneSerials]) async throws {
        let grouped = Dictionary(grouping: serials) { Self.spread.index(of: $0.key.zone) }
        var references = state?.value.spread == Self.spread ? state?.value.serials ?? [:] : [:]
        let changed = grouped.filter { index, zones in references[index] == nil || zones.contains { known[$0.key] != $0.value } }
        let blobs = changed.map { ($0.key, ZoneSerials.encode(Dictionary(uniqueKeysWithValues: $0.value.map { ($0.key, $0.value) }))) }
        let digests = try await store.put([manifest.encoded] + blobs.map(\.1))
        for ((index, _), digest) in zip(blobs, digests.dropFirst()) { references[index] = digest }
        try await store.write(
            TransferState(presentation: manifest.number, manifest: digests[0], spread: Self.spread, serials: references, basis: basis).encoded,
            at: WellKnown.transfer, expecting: state?.version)
    }

    /// Decoded once for each version.
    private func presentation() async throws -> Manifest? {
        presented = try await store.decoded(
            WellKnown.presentation, known: presented.map { ($0.manifest, $0.version) }, Manifest.init(decoding:)
        ).map { ($0.value, $0.version) }
        return presented?.manifest
    }

    /// Raise it when the same presentation comes to be shown in another way.
    private static let format: UInt8 = 1

    private static func basis(of views: [View]) -> Digest {
        var octets = [format]
        for view in views.sorted(by: { $0.name < $1.name }) {
            octets += Array(view.name.utf8) + [0]
            octets += (view.location?.bytes ?? []) + [0]
            octets += (view.catalog?.canonicalWire ?? []) + [0]
        }
        return Digest(of: octets)
    }

    /// Tells servers of zones whose serial they were not told of; at first of all.
    private func tell() async {
        guard let shown = shown.current else { return }
        var notices: [(Notifier.Notice, Notifier.News)] = []
        for (key, serials) in shown.serials where told[key] != serials.serial {
            told[key] = serials.serial
            guard let (zone, serial) = shown.zone(key) else { continue }
            var soa = zone.start
            soa.serial = serial
            let start = ResourceRecord(owner: zone.apex, type: .soa, ttl: zone.ttl, rdata: soa.rdata)
            let isCatalog = shown.snapshot.isCatalog(key.zone, in: key.view)
            for peer in settings.allPeers where peer.view == key.view && (isCatalog || peer.takes(key.zone)) {
                for server in peer.notify { notices.append((.init(server: server, zone: key), .init(key: peer.key, start: start))) }
            }
            for pool in settings.pools where pool.view == key.view && pool.takes(key.zone) {
                for server in pool.alsoNotifies {
                    notices.append((.init(server: .init(server.address), zone: key), .init(key: pool.key(of: server), start: start)))
                }
            }
        }
        if !notices.isEmpty { await notifier.tell(notices) }
    }
}
