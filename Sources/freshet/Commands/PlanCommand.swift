import ArgumentParser
import Foundation
import Pipeline
import Review

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what a working tree or a commit would change in DNS, and why.",
        discussion: """
            Compared with what is live, or with another commit (--from). Nothing is written to the store; \
            a copy of it made by 'freshet snapshot' does as well (--set store=DIRECTORY), so that a plan \
            needs no credentials.

            Exit status: 0 nothing would change, 2 something would, 1 it is not valid (a rule or an edit fails, \
            or it brings an error that 'freshet validate' names).

            EXAMPLES
              freshet plan                                 the working tree against what is live
              freshet plan --commit feature                a branch
              freshet plan --from main --commit feature    two commits
              freshet plan --format markdown               for a pull request
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "A commit or branch of the site's repository; the working tree by default.") var commit: String?
    @Option(help: "A commit or branch to compare with; what is live by default.") var from: String?
    @Option(help: "text, markdown, html or json.") var format: PlanFormat = .text
    @Flag(inversion: .prefixedNo, help: "Judge the records of the zones that change.") var validate = true

    func run() async throws {
        let plan = try await common.withStore { settings, store in
            try await withCheckouts { checkouts in
                let planning = try Planning(settings, store)
                let after = try await planning.make(try await planning.tree(commit, checkouts: checkouts))
                guard let from else { return try await planning.plan(from: planning.live(), to: after, validates: validate) }
                let before = try await planning.make(try await planning.tree(from, checkouts: checkouts))
                return try await planning.plan(from: (before.configuration, before.presentation), to: after, validates: validate)
            }
        }
        switch format {
        case .text: print(PlanText.of(plan))
        case .markdown: print(plan.markdown)
        case .html: print(plan.html)
        case .json: try printJSON(plan.document)
        }
        if plan.isInvalid { throw ExitCode(1) }
        if !plan.isEmpty { throw ExitCode(2) }
    }
}

enum PlanFormat: String, ExpressibleByArgument, CaseIterable { case text, markdown, html, json }

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Lets a reviewed plan go live that is too large to go by itself.",
        discussion: """
            The approval is for this plan and no other: if anything about the change is different by then, it \
            stays held. It may be given before the commit is on the branch, and is kept for a week. \
            'freshet status' shows what is held; 'freshet plan' shows a plan's digest.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "The digest of the plan that was reviewed, 64 hexadecimal digits.") var plan: String
    @Option(help: "Who approves.") var person = NSUserName()
    @Option(help: "Why.") var reason = ""

    func run() async throws {
        guard let digest = Digest(hex: plan) else {
            throw ValidationError("--plan \(plan): expected the 64 digits that 'freshet plan' prints")
        }
        let held = try await common.withStore { _, store in
            let now = Instant.now()
            while true {
                let known = try await store.decoded(WellKnown.approvals, Approval.decode)
                var approvals = (known?.value ?? []).filter { $0.isValid(at: now) && $0.plan != digest }
                approvals.append(Approval(plan: digest, person: person, reason: reason, at: now))
                do {
                    try await store.write(Approval.encode(approvals), at: WellKnown.approvals, expecting: known?.version)
                    break
                } catch let error as StoreError where error.code == .conflict {}
            }
            return try await store.decoded(WellKnown.held, Held.init(decoding:))?.value
        }
        if held?.plan == digest {
            print("approved; it goes live now: \(held?.summary ?? "")")
        } else {
            print("approved; it goes live when it comes")
            if let held { print("another plan is held at present: \(held.plan) (\(held.summary))") }
        }
    }
}

/// A plan on a terminal.
enum PlanText {
    static func of(_ plan: Plan) -> String {
        var lines = plan.lines().map { line in
            var line = line
            line.text = Visible.text(line.text)
            return switch line.kind {
            case .zone, .summary: line.kind == .zone ? Paint.bold(line.text) : line.text
            case .added: Paint.green("  + \(line.text)")
            case .changed: Paint.yellow("  ~ \(line.text)")
            case .removed: Paint.red("  - \(line.text)")
            case .cause: "      \(line.text)"
            case .conflict: Paint.yellow("conflict: ") + line.text
            case .finding(let isError): (isError ? Paint.red : Paint.yellow)(line.text)
            case .breach: Paint.red("needs an acknowledgement: ") + line.text
            case .input, .map, .more: line.text
            }
        }
        if !plan.isEmpty { lines.append("plan \(plan.digest)") }
        if !plan.breaches.isEmpty { lines.append("to let it go live: freshet apply --plan \(plan.digest) --reason …") }
        return lines.joined(separator: "\n")
    }
}
