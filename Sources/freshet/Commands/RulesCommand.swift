import ArgumentParser
import Configurator
import Foundation

struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Builds and checks rule packs.", subcommands: [Build.self, Check.self])

    struct Build: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Builds the Swift files of a directory into a rule pack, as the Configurator does for each commit.")

        @Argument(help: "The directory with the rules.") var directory = "rules"
        @Option(name: .shortAndLong, help: "Where the program goes.") var output = "rule-pack"
        @Option(help: "The rules kit; by default beside this program.") var kit: String?

        func run() async throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let kit =
                kit ?? ProcessInfo.processInfo.environment["FRESHET_KIT"]
                ?? URL(filePath: own).deletingLastPathComponent().appending(path: "kit").path
            let cache = FileManager.default.temporaryDirectory.appending(path: "freshet-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: cache) }
            let path = URL(filePath: directory).path
            let built = try await PackBuild(kit: kit, cache: cache).build(path, name: "pack")
            try? FileManager.default.removeItem(atPath: output)
            try FileManager.default.moveItem(atPath: built.path, toPath: output)
            print(output)
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs every rule of the working tree twice, in different surroundings, and compares.",
            discussion: "Exit status: 0 all rules are good, 1 some are not. Needs no store; registrations are taken as none.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The pack; all packs by default.") var pack: String?

        func run() async throws {
            let settings = try common.load(quiet: true)
            let check = RulesCheck(settings: settings.assembly, packBuild: Wiring.packBuild(settings))
            let results = try await check.results(in: SiteTree(directory: settings.repository), pack: pack)
            for result in results {
                let state = result.faults.isEmpty ? "ok" : Paint.red("failing")
                print("\(state)  \(result.name)  \(result.records) RRsets, \(result.map) map lines")
                for fault in result.faults { print("  \(fault)") }
            }
            if results.contains(where: { !$0.faults.isEmpty }) { throw ExitCode(1) }
        }
    }
}
