public import DNSWire
public import Logging
public import Pipeline

/// What is known of the other sites, and this one's claim: follows the store in the
/// background, so that nobody waits for it.
public actor VIPBoard {
    public struct Settings: Sendable {
        public var host: String
        public var prefixes: [String]
        public var floor: VIPFloor
        public var bound: Duration

        public init(host: String, prefixes: [String], floor: VIPFloor, bound: Duration) {
            self.host = host
            self.prefixes = prefixes
            self.floor = floor
            self.bound = bound
        }
    }

    /// How long the store may be silent before it counts as not there.
    static let patience = Duration.seconds(3)

    private let settings: Settings
    private let store: (any Store)?
    private let logger: Logger
    /// Asks a site's tinydns itself for the time of its stamp, while the store is away.
    private let ask: @Sendable (VIPSite, [Name]) async -> Instant?
    public private(set) var view = VIPFloor.View()
    /// The zones that have stamps, as the store last said: the first of them in canonical order.
    public private(set) var zones: [Name] = []
    private var lastHeard: ContinuousClock.Instant?
    private var wantsClaim = false
    private var holdsClaim = false
    private var isReading = false
    private var readsAgain = false

    public init(
        _ settings: Settings, store: (any Store)?, logger: Logger, ask: @escaping @Sendable (VIPSite, [Name]) async -> Instant?
    ) {
        self.settings = settings
        self.store = store
        self.logger = logger
        self.ask = ask
    }

    public var isOnline: Bool { lastHeard.map { .now - $0 < Self.patience } ?? false }

    public func othersSuffice(now: Instant) -> Bool {
        settings.floor.isMet(for: settings.prefixes, beside: settings.host, in: view, bound: settings.bound, now: now)
    }

    /// Whether a site that is stale may be withdrawn, apart from the others' being enough.
    ///
    /// With the store: whoever holds a claim. Without: whoever serves a stamp, which is then
    /// older than those of the others that count; of two sites only one can say that of the
    /// other, so never both go.
    public func mayWithdraw(_ published: Instant?) -> Bool { isOnline ? holdsClaim : published != nil }

    /// Takes the claim, or gives it back, as soon as that can be.
    public func want(claim: Bool) {
        guard claim != wantsClaim else { return }
        wantsClaim = claim
        if !claim { holdsClaim = false }
        Task { await read() }
    }

    /// Follows the others until cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            if let store {
                group.addTask {
                    for await _ in store.watch([WellKnown.vips, WellKnown.vipClaims]) { await self.read() }
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    await self.read()
                    await self.askThem()
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    await self.readZones()
                    try? await Task.sleep(for: .seconds(self.zones.isEmpty ? 1 : 10))
                }
            }
        }
    }

    public func readZones() async {
        guard let manifest = try? await store?.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value else { return }
        let known = manifest.zones.lazy.filter { !Stamp.owners(in: [$0]).isEmpty }.prefix(3)
        // A presentation without any zone is no reason to forget whom to ask for.
        if !known.isEmpty { zones = Array(known) }
    }

    /// Reads claims and sites once, one read after another.
    public func read() async {
        readsAgain = true
        guard !isReading, let store else { return }
        isReading = true
        while readsAgain, !Task.isCancelled {
            readsAgain = false
            do {
                try await read(store)
                if lastHeard == nil || !isOnline { logger.info("the store is there") }
                lastHeard = .now
            } catch let error as StoreError where error.code == .conflict {
                readsAgain = true
            } catch {
                logger.debug("the store cannot be read", metadata: ["error": "\(error)"])
            }
        }
        isReading = false
    }

    private func read(_ store: any Store) async throws {
        // Claims first: see `View.claiming`.
        let claims = try await store.decoded(WellKnown.vipClaims, VIPClaims.init(decoding:))
        var sites: [VIPSite] = []
        for key in try await store.list(WellKnown.vips) {
            if let site = try await store.decoded(key, VIPSite.init(decoding:))?.value { sites.append(site) }
        }
        view = VIPFloor.View(sites: sites, claims: claims?.value ?? VIPClaims())
        let host = settings.host
        if wantsClaim, !holdsClaim {
            guard let claimed = view.claiming(host, for: settings.prefixes, floor: settings.floor, bound: settings.bound, now: .now())
            else { return }
            try await store.write(claimed.encoded, at: WellKnown.vipClaims, expecting: claims?.version)
            holdsClaim = wantsClaim
            readsAgain = !wantsClaim
        } else if !wantsClaim, view.claims.hosts[host] != nil {
            view.claims.hosts[host] = nil
            try await store.write(view.claims.encoded, at: WellKnown.vipClaims, expecting: claims?.version)
        }
    }

    /// Without the store the others can still be asked by DNS. Nothing is lost where an
    /// address leads nowhere, or back to this host, whose own stamp is never the younger one.
    private func askThem() async {
        guard !isOnline else { return }
        for site in view.sites where site.host != settings.host && site.state == .announced && !site.address.isEmpty {
            guard let published = await ask(site, zones), !isOnline, let index = view.sites.firstIndex(where: { $0.host == site.host })
            else { continue }
            view.sites[index].published = max(view.sites[index].published ?? published, published)
        }
    }
}
