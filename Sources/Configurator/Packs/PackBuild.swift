internal import Foundation
public import Pipeline
internal import Subprocess

/// Builds the Swift files of a pack into a program, once for each content.
///
/// Needs the Swift compiler and the rules kit (library, modules, module maps) that
/// `make build` lays beside the `freshet` program.
public struct PackBuild: Sendable {
    private let kit: String
    private let cache: String

    public init(kit: String, cache: String) {
        self.kit = kit
        self.cache = cache
    }

    /// The program of `settings` in `tree`, and a digest that changes when it does.
    func program(_ settings: PackSettings, in tree: SiteTree) async throws -> (path: String, digest: Digest) {
        switch settings.program {
        case .executable(let path):
            let absolute = path.hasPrefix("/") ? path : "\(tree.directory)/\(path)"
            return (absolute, try FileDigest.of(absolute))
        case .script(let directory, let executable):
            let root = "\(tree.directory)/\(directory)"
            return ("\(root)/\(executable)", try FileDigest.ofTree(root))
        case .sources(let directory):
            return try await build("\(tree.directory)/\(directory)", name: settings.name)
        }
    }

    /// Builds the Swift files below `directory` and returns the program.
    public func build(_ directory: String, name: String) async throws -> (path: String, digest: Digest) {
        let sources = try SiteFiles.list(directory).filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Tests/") }
        guard !sources.isEmpty else { throw ConfiguratorError(.packBuild, "\(directory): no Swift file") }
        let library = "\(kit)/libRulesKit.a"
        guard FileManager.default.fileExists(atPath: library) else {
            throw ConfiguratorError(
                .packBuild, "\(kit) holds no rules kit: run 'make build', or say where it is (--kit, FRESHET_KIT)")
        }
        var octets = try FileDigest.of(library).bytes
        for source in sources { octets += Array(source.utf8) + [0] + (try FileDigest.of("\(directory)/\(source)").bytes) }
        let digest = Digest(of: octets)
        let program = "\(cache)/\(name)-\(digest.short)"
        if FileManager.default.isExecutableFile(atPath: program) {
            // The time of its last use, by which `sweep` goes.
            try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: program)
            return (program, digest)
        }
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        try await compile(sources, in: directory, to: program)
        return (program, digest)
    }

    /// How many programs of each pack stay: the live one, and those that a revert would bring back.
    private static let kept = 4

    /// Removes programs that were used longest ago, and what interrupted builds left.
    func sweep() {
        let files = FileManager.default
        var programs: [String: [(path: String, used: Date)]] = [:]
        for file in (try? files.contentsOfDirectory(atPath: cache)) ?? [] {
            let path = "\(cache)/\(file)"
            guard let used = (try? files.attributesOfItem(atPath: path))?[.modificationDate] as? Date else { continue }
            // NAME-DIGEST, and NAME-DIGEST-UUID while it is built.
            let parts = file.split(separator: "-")
            if parts.count > 5, UUID(uuidString: parts.suffix(5).joined(separator: "-")) != nil {
                if used < Date().addingTimeInterval(-3600) { try? files.removeItem(atPath: path) }
            } else if let dash = file.lastIndex(of: "-") {
                programs[String(file[..<dash]), default: []].append((path, used))
            }
        }
        for list in programs.values {
            for program in list.sorted(by: { $0.used > $1.used }).dropFirst(Self.kept) { try? files.removeItem(atPath: program.path) }
        }
    }

    private func compile(_ sources: [String], in directory: String, to program: String) async throws {
        let partial = "\(program)-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: partial) }
        let maps = try SiteFiles.list("\(kit)/include").filter { $0.hasSuffix("module.modulemap") }
        let arguments =
            ["-O", "-parse-as-library", "-swift-version", "6", "-module-name", "SiteRules", "-I", "\(kit)/modules"]
            + maps.flatMap { ["-Xcc", "-fmodule-map-file=\(kit)/include/\($0)"] }
            + sources.map { "\(directory)/\($0)" }
            // The archive by its path: only then does the compiler link what it says it needs.
            + ["\(kit)/libRulesKit.a", "-lstdc++", "-o", partial]
        let result = try await run(
            .name("swiftc"), arguments: Arguments(arguments), output: .discarded, error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            let lines = result.standardError.replacingOccurrences(of: directory + "/", with: "")
            throw ConfiguratorError(
                .packBuild, lines.split(separator: "\n").filter { $0.contains("error:") }.map(String.init))
        }
        try FileManager.default.moveItem(atPath: partial, toPath: program)
    }
}
