import ArgumentParser
import Configurator
import Foundation
import Pipeline
import Presenter

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what a working tree or a commit would change in DNS, and why.",
        discussion: "Exit status: 0 nothing would change, 2 something would, 1 it is not valid. Nothing is written to the store.")
    @OptionGroup var common: CommonOptions
    @Option(help: "A commit or branch of the site's repository; the working tree by default.") var commit: String?
    @Option(help: "text, markdown or json.") var format: PlanFormat = .text

    func run() async throws {
        let hasChanges = try await common.withStore { settings, store in
            let wiring = try Wiring(settings)
            let scratch = ScratchBlobs(over: store)
            let tree: SiteTree
            // Apart from the Configurator's, which removes what it does not need.
            let checkouts = FileManager.default.temporaryDirectory.appending(path: "freshet-plan-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: checkouts) }
            if let commit {
                let repository = wiring.repository(checkouts: checkouts)
                tree = try await repository.tree(of: try await repository.commit(commit))
            } else {
                tree = SiteTree(directory: settings.repository)
            }
            let live = try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))?.value
            let configuration = try await wiring.assembly(scratch).configuration(
                of: tree, after: live, trace: Trace(cause: "plan"))
            let failures = configuration.sources.compactMap { source in source.failure.map { "\(source.name): \($0)" } }
            guard failures.isEmpty else { throw UserError("the tree is not valid:\n" + failures.joined(separator: "\n")) }
            let registrations = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))?.value
            let before = try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value
            let after = try await Presenting(blobs: scratch, policy: settings.policy).presentation(
                of: configuration, registrations: registrations, previous: before, at: .now())
            let plan = Plan(
                diff: try await RecordDiff(from: before, to: after, in: scratch), zones: after.zones + (before?.zones ?? []),
                inputs: Plan.changedInputs(live, configuration))
            switch format {
            case .text: print(plan.text)
            case .markdown: print(plan.markdown)
            case .json: try printJSON(plan.json)
            }
            return !plan.diff.isEmpty
        }
        if hasChanges { throw ExitCode(2) }
    }
}

enum PlanFormat: String, ExpressibleByArgument, CaseIterable { case text, markdown, json }
