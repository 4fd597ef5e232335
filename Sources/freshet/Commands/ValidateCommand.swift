import ArgumentParser
import Configurator
import DNSWire
import Foundation
import Pipeline
import Validation

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Judges all records of a working tree, a commit or what is live.",
        discussion: """
            Three levels: errors, warnings, advice. What is known and accepted is waived in waivers.yaml, with a \
            reason; levels and private zones are set in pipeline.yaml (validation:).

            Exit status: 0 no error that is not waived, 1 otherwise.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "A commit or branch of the site's repository; the working tree by default.") var commit: String?
    @Flag(help: "What is live, with the waivers of the working tree.") var live = false
    @Option(help: "Only these zones.") var zone: [String] = []
    @Option(help: "The least level shown: advice, warning, error.") var level: ShownLevel = .warning
    @Flag(help: "For machines.") var json = false
    @Option(help: "Explains a code and how to mend it, or 'all'.") var explain: String?

    enum ShownLevel: String, ExpressibleByArgument, CaseIterable { case advice, warning, error }

    struct Row: Encodable {
        var level, code, owner, type, message, origin: String
        var location, waiver: String?
    }

    func run() async throws {
        if let explain { return try printExplanation(explain) }
        let names = try zone.map { text in
            do { return try Name(text) } catch { throw ValidationError("--zone: \(error)") }
        }
        let findings = try await common.withStore { settings, store in
            try await withCheckouts { checkouts in
                let planning = try Planning(settings, store)
                let tree = try await planning.tree(commit, checkouts: checkouts)
                let waivers = try WaiverFile.read(in: tree)
                let presentation = live ? try await planning.live().presentation : try await planning.make(tree).presentation
                let validation = try await planning.validation(presentation, waivers, by: tree, zones: Set(names))
                return names.isEmpty ? validation.findings() : validation.findings(in: names)
            }
        }
        let least = Level(rawValue: level.rawValue) ?? .advice
        let shown = findings.filter { $0.level >= least }
        if json {
            try printJSON(shown.map { finding in
                Row(
                    level: finding.level.rawValue, code: "\(finding.code)", owner: "\(finding.key.owner)", type: "\(finding.key.type)",
                    message: finding.message, origin: "\(finding.origin)", location: finding.key.location.map { "\($0)" },
                    waiver: finding.waiver?.reason)
            })
        } else {
            for finding in shown {
                let place = finding.origin.file.isEmpty ? finding.origin.source : "\(finding.origin.file):\(finding.origin.line)"
                let word = finding.isWaived ? "waived" : finding.level.rawValue
                let painted = finding.isWaived ? word : finding.level == .error ? Paint.red(word) : Paint.yellow(word)
                print("\(place): \(painted) \(finding.code): \(finding.key): \(finding.message)" + (finding.waiver.map { " — \($0.reason)" } ?? ""))
            }
            func count(_ level: Level) -> Int { findings.count { $0.level == level && !$0.isWaived } }
            print("\(count(.error)) errors, \(count(.warning)) warnings, \(count(.advice)) pieces of advice, \(findings.count { $0.isWaived }) waived")
        }
        if findings.contains(where: { $0.level == .error && !$0.isWaived }) { throw ExitCode(1) }
    }

    private func printExplanation(_ code: String) throws {
        let wanted = Explanation.all.filter { code == "all" || $0.fault.rawValue == code }
        guard !wanted.isEmpty else { throw ValidationError("--explain \(code): no such code; 'all' lists them") }
        for entry in wanted {
            print("\(Paint.bold(entry.fault.rawValue)) (\(entry.level.rawValue)\(entry.isWaivable ? "" : ", cannot be waived")): \(entry.title)")
            print("  \(entry.why) [\(entry.source)]\n  \(entry.mend)")
        }
    }
}
