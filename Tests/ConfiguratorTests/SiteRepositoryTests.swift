import Foundation
import Logging
import Pipeline
import TestSupport
import Testing

@testable import Configurator

/// Real git, on repositories of the test's own.
@Suite struct SiteRepositoryTests {
    let directory: TemporaryDirectory
    let origin: String

    init() async throws {
        directory = try TemporaryDirectory("repository")
        origin = "\(directory.path)/origin"
        try FileManager.default.createDirectory(atPath: origin, withIntermediateDirectories: true)
        try await git("init", "-q", "-b", "main")
    }

    @discardableResult
    private func git(_ arguments: String...) async throws -> String {
        let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.test", "-c", "commit.gpgsign=false"]
        let outcome = try await Program("git", hint: "apt-get install git").run(["-C", origin] + identity + arguments)
        guard outcome.succeeded else { throw TestFailure(outcome.errors) }
        return outcome.text.trimmingCharacters(in: .newlines)
    }

    @discardableResult
    private func commit(_ subject: String, file: String = "file") async throws -> String {
        try write(subject, to: "\(origin)/\(file)")
        try await git("add", "-A")
        try await git("commit", "-qm", subject)
        return try await git("rev-parse", "HEAD")
    }

    private func repository(_ location: String? = nil) -> SiteRepository {
        SiteRepository(
            location: location ?? "file://\(origin)", copy: "\(directory.path)/copy.git", branch: "main", checkouts: "\(directory.path)/checkouts")
    }

    @Test(arguments: [
        ("https://example.test/site.git", true), ("ssh://git@example.test/site", true), ("git@example.test:site.git", true), ("file:///srv/site", true),
        ("/srv/site", false), (".", false), ("/srv/a@b:c", false), ("../site", false),
    ])
    func elsewhere(_ location: String, _ isRemote: Bool) { #expect(SiteRepository.isRemote(location) == isRemote) }

    /// Each commit comes in order, whether the repository is here or elsewhere.
    @Test(arguments: [true, false])
    func inOrder(_ isElsewhere: Bool) async throws {
        let first = try await commit("one")
        let repository = repository(isElsewhere ? nil : origin)
        try await repository.fetch()
        #expect(try await repository.commits(after: nil).map(\.id) == [first])
        let known = try await repository.head()
        #expect(known.author == "Ada <ada@example.test>" && known.subject == "one")
        let second = try await commit("two"), third = try await commit("three")
        try await repository.fetch()
        #expect(try await repository.commits(after: known).map(\.id) == [second, third])
        #expect(try await repository.commits(after: known, limit: 1).map(\.id) == [third])
        let newest = try await repository.head()
        #expect(try await repository.commits(after: newest).map(\.id) == [third])
        let tree = try await repository.tree(of: newest)
        #expect(String(decoding: try contents("\(tree.directory)/file"), as: UTF8.self) == "three")
        // Merged work comes as the merge that was reviewed.
        try await git("checkout", "-q", "-b", "feature")
        try await commit("aside", file: "other")
        try await git("checkout", "-q", "main")
        try await git("merge", "-q", "--no-ff", "-m", "merge", "feature")
        try await repository.fetch()
        #expect(try await repository.commits(after: newest).map(\.subject) == ["merge"])
    }

    /// History that was rewritten is followed, in one step.
    @Test func rewritten() async throws {
        try await commit("one")
        let repository = repository()
        try await repository.fetch()
        let known = try await repository.head()
        try await git("commit", "-q", "--amend", "-m", "another one")
        try await commit("two")
        try await repository.fetch()
        #expect(try await repository.commits(after: known).map(\.subject) == ["two"])
    }

    /// What the Configurator tells of its fetches, and of what it made.
    @Test func metrics() async throws {
        let commit = try await commit("one")
        let store = try EmbeddedStore(directory: "\(directory.path)/store")
        func stage(_ repository: SiteRepository) -> ConfiguratorStage {
            let assembly = Assembly(
                store: store, settings: .init(packs: [], inputs: [:], sharding: Sharding(count: 4)),
                packBuild: PackBuild(kit: "/nonexistent", cache: "\(directory.path)/cache"), logger: Logger(label: "test"))
            return ConfiguratorStage(store: store, repository: repository, assembly: assembly, logger: Logger(label: "test"))
        }
        func text(_ stage: ConfiguratorStage) async -> String { await stage.health().metrics.text }
        let elsewhere = stage(repository())
        let first = await text(elsewhere)
        #expect(!first.contains("\nfreshet_configurator_fetched") && !first.contains("\nfreshet_configurator_source_failed"))
        let before = Instant.now()
        try await elsewhere.step()
        let told = await text(elsewhere)
        let fetched = try #require(told.firstMatch(of: /\nfreshet_configurator_fetched_timestamp_seconds (\S+)/).flatMap { Double($0.1) })
        #expect(fetched >= Double(before.milliseconds) / 1000 && fetched <= Double(Instant.now().milliseconds) / 1000)
        for line in ["fetch_failures_total 0", "commit_info{commit=\"\(commit)\"} 1", "configuration_number 1", "source_failed{source=\"edits\"} 0"] {
            #expect(told.contains("\nfreshet_configurator_\(line)\n"), "\(told)")
        }
        try FileManager.default.moveItem(atPath: origin, toPath: origin + "-away")
        try await elsewhere.step()
        #expect(await text(elsewhere).contains("\nfreshet_configurator_fetch_failures_total 1\n"))
        try FileManager.default.moveItem(atPath: origin + "-away", toPath: origin)
        // One that is here tells by itself: nothing is fetched.
        let here = stage(repository(origin))
        try await here.step()
        #expect(await !text(here).contains("\nfreshet_configurator_fetched"))
        await store.close()
    }

    /// What was fetched stays when the other side is away; what cannot be fetched at all is told.
    @Test func away() async throws {
        try await commit("one")
        let repository = repository()
        try await repository.fetch()
        try FileManager.default.moveItem(atPath: origin, toPath: origin + "-away")
        await #expect(throws: ConfiguratorError.self) { try await repository.fetch() }
        #expect(try await repository.head().subject == "one")
        let hostile = SiteRepository(
            location: "ext::sh -c 'touch \(directory.path)/pwned' // x://", copy: "\(directory.path)/hostile.git", branch: "main", checkouts: "\(directory.path)/c")
        await #expect(throws: ConfiguratorError.self) { try await hostile.fetch() }
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/pwned"))
    }
}
