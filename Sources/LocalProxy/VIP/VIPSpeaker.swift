public import DNSClient
public import DNSWire
public import Logging
public import Pipeline

/// Probes this host's name servers and says to the router which routes lead here.
public struct VIPSpeaker: Sendable {
    public struct Settings: Sendable {
        public var host: String
        public var pipeline: String
        public var commands: RouteCommands
        /// Whose stamp is read; `nil`: of the first zone that the store knows.
        public var zone: Name?
        /// Asked beside it: who answers one of these is not dark.
        public var names: [Name]
        public var tinydns: DNSClient.Server
        /// Has to answer too, if it is there.
        public var unbound: DNSClient.Server?
        /// A stamp older than this is stale.
        public var bound: Duration
        public var interval: Duration
        /// How long an answer is waited for.
        public var timeout: Duration
        public var rules: VIPMachine.Rules
        public var floor: VIPFloor

        public init(
            host: String, pipeline: String, commands: RouteCommands, zone: Name?, names: [Name] = [], tinydns: DNSClient.Server,
            unbound: DNSClient.Server? = nil, bound: Duration = .seconds(180), interval: Duration = .milliseconds(100),
            timeout: Duration = .milliseconds(250), rules: VIPMachine.Rules = .init(), floor: VIPFloor = .init()
        ) {
            self.host = host
            self.pipeline = pipeline
            self.commands = commands
            self.zone = zone
            self.names = names
            self.tinydns = tinydns
            self.unbound = unbound
            self.bound = bound
            self.interval = interval
            self.timeout = timeout
            self.rules = rules
            self.floor = floor
        }

        var prefixes: [String] { commands.prefixes.map(\.description) }
    }

    let settings: Settings
    let store: (any Store)?
    let logger: Logger
    let client = DNSClient()

    public init(settings: Settings, store: (any Store)?, logger: Logger) {
        self.settings = settings
        self.store = store
        self.logger = logger
    }

    /// Goes on until cancelled or `say` throws; then withdraws.
    ///
    /// - Parameters:
    ///   - say: takes lines for the router; empty ones with every probe, so that it can
    ///     tell that nobody listens any more, by throwing.
    public func run(say: @escaping @Sendable ([String]) async throws -> Void) async throws {
        let board = self.board()
        let presence = try store.map {
            Presence(store: $0, key: try WellKnown.vips.appending(settings.host), logger: logger)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await board.run() }
            if let presence { group.addTask { await presence.run() } }
            let result: Result<Void, any Error>
            do {
                try await probe(board, presence, say)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            // Not for the cancelled task, whose writes would not be made.
            await Task { try? await say(settings.commands.lines(for: .withdrawn)) }.value
            await presence?.end()
            group.cancelAll()
            try result.get()
        }
    }

    func board() -> VIPBoard {
        VIPBoard(
            .init(host: settings.host, prefixes: settings.prefixes, floor: settings.floor, bound: settings.bound), store: store,
            logger: logger
        ) { site, zones in
            guard let questions = questions(zones) else { return nil }
            let server = DNSClient.Server(host: site.address)
            return await stamp(questions.stamp, at: server, recursionDesired: false).reading?.published
        }
    }

    private func probe(
        _ board: VIPBoard, _ presence: Presence?, _ say: @escaping @Sendable ([String]) async throws -> Void
    ) async throws {
        var machine = VIPMachine(settings.rules)
        var site = VIPSite(
            host: settings.host, prefixes: settings.prefixes, state: .unknown, published: nil, since: .now(),
            address: settings.tinydns.host)
        await presence?.show(site.encoded)
        while !Task.isCancelled {
            let next = ContinuousClock.now + settings.interval
            var lines: [String] = []
            if let questions = questions(await board.zones) {
                let probe = await probe(questions)
                try Task.checkCancellation()
                let suffice = await board.othersSuffice(now: .now())
                machine.step(probe.health, othersSuffice: suffice, mayWithdraw: await board.mayWithdraw(probe.health.published))
                await board.want(claim: machine.wantsClaim)
                var shown = site
                shown.published = probe.health.published
                if machine.state != site.state {
                    shown.state = machine.state
                    shown.since = .now()
                    shown.reason = reason(machine, probe)
                    lines = settings.commands.lines(for: machine.state)
                    logger.notice("\(machine.state.rawValue)", metadata: ["because": "\(shown.reason)"])
                } else if machine.state == .announced {
                    shown.reason = reason(machine, probe)
                }
                // First the route, then whom it may concern.
                try await say(lines)
                if shown != site { await presence?.show(shown.encoded) }
                site = shown
            } else {
                try await say([])
            }
            try await Task.sleep(until: next, clock: .continuous)
        }
    }

    /// Why, without what changes from one probe to the next: it is shown in the lease.
    private func reason(_ machine: VIPMachine, _ probe: Probe) -> String {
        switch (machine.state, probe.health) {
        case (.withdrawn, .dark): "no answer"
        case (.withdrawn, _): machine.isDark ? "no answer" : "stale; other sites are fresh"
        case (.raised, _): "stale: for those who have no better"
        case (_, .fresh): "fresh"
        case (_, .stale): "stale; too few other sites are fresh"
        case (_, .dark): ""
        }
    }
}
