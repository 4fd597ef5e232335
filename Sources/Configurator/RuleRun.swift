internal import Pipeline

extension PackSettings {
    /// Where its sources are in the tree, for the names of files in origins.
    var sourceDirectory: String? { if case .sources(let directory) = program { directory } else { nil } }
}

/// One run of one rule.
struct RuleRun: Sendable {
    /// `pack/Rule`.
    let name: String
    let rule: RuleDescription
    let process: PackProcess
    let programDigest: Digest
    let tree: SiteTree
    let settings: Assembly.Settings
    /// The file with what servers registered.
    let registrations: String
    let sourceDirectory: String?

    private var paths: [String: String] {
        Dictionary(uniqueKeysWithValues: Set(rule.inputs).map { ($0, path($0)) })
    }

    private func path(_ input: String) -> String {
        if input == RegistrationFile.inputName { return registrations }
        return settings.inputs[input] ?? "\(tree.directory)/\(input)"
    }

    private var schemas: InputSchemas { InputSchemas(tree: tree, named: settings.schemas) }

    /// Of all inputs, and of their schemas, which decide whether the rule may run.
    func inputDigests() throws -> [String: Digest] {
        var digests: [String: Digest] = [:]
        var faults: [String] = []
        for (input, path) in paths {
            do {
                try checkIsNoRule(input, path)
                digests[input] = try FileDigest.ofTree(path)
                if let schema = schemas.file(of: input) { digests[schema] = try FileDigest.of("\(tree.directory)/\(schema)") }
            } catch let error as ConfiguratorError {
                faults += error.faults.map { "input \(input): \($0)" }
            }
        }
        guard faults.isEmpty else { throw ConfiguratorError(.input, faults.sorted()) }
        return digests
    }

    /// Records of one rule that decide those of another would make the order of runs part
    /// of the result.
    private func checkIsNoRule(_ input: String, _ path: String) throws {
        let parts = input.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, settings.packs.contains(where: { $0.name == parts[0] }), settings.inputs[input] == nil,
            !FileDigest.exists(path)
        else { return }
        throw ConfiguratorError(
            .input, "this is a rule's name; another rule's output is not an input: read what it reads, or the registrations")
    }

    /// Throws every fault of the inputs by their schemas.
    func validateInputs() throws {
        let faults = try paths.sorted { $0.key < $1.key }.flatMap { try schemas.faults(of: $0.key, at: $0.value) }
        guard faults.isEmpty else { throw ConfiguratorError(.input, faults) }
    }

    /// Digest of all that the generation depends on.
    func basis(_ inputs: [String: Digest]) -> Digest {
        var octets = Array("generation 1 \(name) \(settings.sharding.count)\0".utf8) + programDigest.bytes
        for (input, digest) in inputs.sorted(by: { $0.key < $1.key }) { octets += Array(input.utf8) + [0] + digest.bytes }
        return Digest(of: octets)
    }

    func records() async throws -> (records: [RecordSet], map: [MapEntry]) {
        var records: [RecordSet]
        var map: [MapEntry]
        do {
            (records, map) = try await process.run(PackRequest(rule: rule.name, inputs: paths))
        } catch let error as ConfiguratorError {
            // The same failure has the same text each time, and people know that name.
            throw ConfiguratorError(error.code, error.faults.map { registrations.isEmpty ? $0 : $0.replacing(registrations, with: RegistrationFile.inputName) })
        }
        var origins: [Origin: Origin] = [:]
        var last: (theirs: Origin, ours: Origin)?
        func renamed(_ theirs: Origin) -> Origin {
            if let last, last.theirs == theirs { return last.ours }
            let ours = origins[theirs] ?? origin(theirs)
            origins[theirs] = ours
            last = (theirs, ours)
            return ours
        }
        for i in records.indices { records[i].origin = renamed(records[i].origin) }
        for i in map.indices { map[i].origin = renamed(map[i].origin) }
        return (records, map)
    }

    /// The pack says `Module/File.swift`; people want the file in the tree.
    private func origin(_ origin: Origin) -> Origin {
        var file = origin.file
        if let sourceDirectory, let slash = file.firstIndex(of: "/") {
            file = "\(sourceDirectory)\(file[slash...])"
        }
        return Origin(source: name, file: file, line: origin.line)
    }
}
