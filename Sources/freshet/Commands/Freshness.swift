import ArgumentParser
import Configurator
import Foundation
import Pipeline

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Waits until proxies show a change.",
        discussion: """
            Exit status 0 when they do, 1 at the timeout. A commit counts as shown when a release is that was made \
            of it or of one after it; also if it changes no record. What is held ('freshet status') is not shown.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "The change: a commit of the site's repository.") var commit: String?
    @Option(help: "The change: a release of at least this number.") var release: UInt64?
    @Option(help: "How many proxies.") var proxies = 1
    @Option(help: "Seconds.") var timeout = 60

    func run() async throws {
        let commit = commit, release = release, proxies = proxies
        let done = try await common.withStore { settings, store in
            let repository = try Wiring(settings).repository
            let wanted: Commit? = if let commit { try await repository.commit(commit) } else { nil }
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    // The first release that holds the change, once there is one.
                    var goal = wanted == nil ? release ?? 0 : nil
                    let keys = [WellKnown.proxies, WellKnown.release, WellKnown.presentation, WellKnown.configuration]
                    for await _ in store.watch(keys) {
                        if goal == nil, let wanted { goal = try await store.firstRelease(of: wanted, in: repository).map { max($0, release ?? 0) } }
                        guard let goal else { continue }
                        let shown = try await store.deployments().filter { proxy in
                            let complete = [proxy.tinydns, proxy.unbound].allSatisfy { $0?.fault == nil && $0?.release == proxy.release }
                            return complete && proxy.fault == nil && proxy.release >= goal
                        }
                        if shown.count >= proxies { return true }
                    }
                    return false
                }
                let seconds = timeout
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds))
                    return false
                }
                let first = try await group.next() ?? false
                group.cancelAll()
                return first
            }
        }
        if !done {
            FileHandle.standardError.write(Data("not shown by \(proxies) proxies after \(timeout) s: see freshet status\n".utf8))
            throw ExitCode(1)
        }
    }
}

extension Store {
    /// A release that was made of a commit or of one after it; `nil` if there is none yet.
    fileprivate func firstRelease(of commit: Commit, in repository: SiteRepository) async throws -> UInt64? {
        guard let configuration = try await decoded(WellKnown.configuration, Configuration.init(decoding:))?.value,
            let newest = configuration.commit,
            let presentation = try await decoded(WellKnown.presentation, Manifest.init(decoding:))?.value,
            presentation.basis.contains("configuration@\(configuration.number)"),
            let release = try await release(), release.presentation >= presentation.number
        else { return nil }
        let holds = newest.id == commit.id ? true : try await repository.isAncestor(commit, of: newest)
        return holds ? release.number : nil
    }
}
