public import Logging
public import Pipeline

/// Follows the site's branch and the rules' inputs, and keeps the store's
/// ``Configuration`` what they make.
public struct ConfiguratorStage: Sendable {
    let store: any Store
    private let repository: SiteRepository
    let assembly: Assembly
    let vitals = StageVitals()
    let fetches = FetchRecord()
    private let poll: Duration
    private let logger: Logger

    /// - Parameter poll: how often to look at a repository elsewhere; one that is here tells by itself.
    public init(
        store: any Store, repository: SiteRepository, assembly: Assembly, poll: Duration = .seconds(30), logger: Logger
    ) {
        self.store = store
        self.poll = poll
        self.repository = repository
        self.assembly = assembly
        self.logger = logger
    }

    /// Runs until cancelled.
    public func run(instance: String) async throws {
        let loop = try StageLoop(role: "configurator", store: store, instance: instance, vitals: vitals, logger: logger)
        let files = try await (repository.isRemote ? [] : repository.references()) + assembly.watchedInputs()
        try await loop.run(watching: [WellKnown.registrations], and: { FileWatcher.changes(of: files, recursively: true) }) {
            guard repository.isRemote else {
                try await step()
                return assembly.retry
            }
            // Nothing tells of news elsewhere: also after a fault it is for us to look again.
            do { try await step() } catch let error as ConfiguratorError {
                logger.error("step failed", metadata: ["error": "\(error)"])
                vitals.note("\(error)")
            }
            let next = Instant.now().advanced(byMilliseconds: poll.wholeMilliseconds)
            return min(next, assembly.retry ?? next)
        }
    }

    /// Brings the configuration up to date with the branch, commit by commit: each is
    /// judged by itself, as it was reviewed.
    public func step() async throws {
        try await Registrar(store: store, sharding: assembly.settings.sharding).reshard()
        do {
            try await repository.fetch()
            if repository.isRemote { fetches.succeeded(at: .now()) }
        } catch {
            fetches.failed()
            vitals.note("the site's repository cannot be fetched: \(error)")
            // What was fetched before goes on; inputs elsewhere may have changed.
            logger.warning("the site's repository cannot be fetched", metadata: ["error": "\(error)"])
        }
        let last = try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))?.value.commit
        let commits = try await repository.commits(after: last)
        for (index, commit) in commits.enumerated() {
            do {
                try await take(commit)
            } catch let error as ConfiguratorError where index < commits.count - 1 {
                // A commit is a whole tree: the one after it, which may mend it, stands for itself.
                logger.warning("a commit is passed over", metadata: ["commit": "\(commit.id.prefix(12))", "error": "\(error)"])
            }
        }
    }

    private func take(_ commit: Commit) async throws {
        let seen = Instant.now()
        let stored = try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))
        let previous = stored?.value
        let isNew = previous?.commit?.id != commit.id
        let cause = isNew ? String(commit.id.prefix(12)) : "inputs"
        let tree = try await repository.tree(of: commit)
        // Also when the commit cannot be configured: each would leave its files.
        defer {
            repository.forget(except: [commit.id, previous?.commit?.id ?? commit.id])
            assembly.sweepPrograms()
        }
        let registrations = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))?.value
        let configuration = try await assembly.configuration(
            of: tree, after: previous, registrations: registrations, trace: Trace(cause: cause).adding(.seen, at: seen))
        if let previous, !isNew, previous.sources == configuration.sources { return }
        try await store.write(configuration.encoded, at: WellKnown.configuration, expecting: stored?.version)
        logger.info(
            "configuration",
            metadata: ["number": "\(configuration.number)", "commit": "\(commit.id.prefix(12))", "subject": "\(commit.subject)"])
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
