import ArgumentParser
import Configurator
import Foundation

struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Builds rule packs.", subcommands: [Build.self])

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
}
