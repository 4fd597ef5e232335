public import Logging
public import Pipeline

/// Follows the site's branch and the rules' inputs, and keeps the store's
/// ``Configuration`` what they make.
public struct ConfiguratorStage: Sendable {
    private let store: any Store
    private let repository: SiteRepository
    private let assembly: Assembly
    private let logger: Logger

    public init(store: any Store, repository: SiteRepository, assembly: Assembly, logger: Logger) {
        self.store = store
        self.repository = repository
        self.assembly = assembly
        self.logger = logger
    }

    /// Runs until cancelled.
    public func run(instance: String) async throws {
        let loop = try StageLoop(role: "configurator", store: store, instance: instance, logger: logger)
        let files = try await repository.references() + assembly.watchedInputs()
        try await loop.run(watching: [WellKnown.registrations], and: { FileWatcher.changes(of: files, recursively: true) }) {
            try await step()
            return nil
        }
    }

    /// Brings the configuration up to date with the branch's newest commit.
    public func step() async throws {
        let seen = Instant.now()
        let commit = try await repository.head()
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
