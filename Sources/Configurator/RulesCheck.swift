internal import Foundation
internal import Pipeline

/// Builds packs and runs every rule twice, in surroundings that differ: what a rule
/// yields may depend on its inputs alone.
public struct RulesCheck: Sendable {
    /// What came of one rule.
    public struct Result: Sendable {
        /// `pack/Rule`; the pack's name alone if the pack itself failed.
        public var name: String
        /// RRsets.
        public var records: Int
        public var map: Int
        /// Empty: the rule is good.
        public var faults: [String]
    }

    private let settings: Assembly.Settings
    private let packBuild: PackBuild

    public init(settings: Assembly.Settings, packBuild: PackBuild) {
        self.settings = settings
        self.packBuild = packBuild
    }

    /// Checks the rules of `pack` (of all packs, if `nil`) on a tree's inputs. Needs no
    /// store: nobody has registered anything.
    public func results(in tree: SiteTree, pack name: String? = nil) async throws -> [Result] {
        let packs = settings.packs.filter { name == nil || $0.name == name }
        if let name, packs.isEmpty {
            let known = settings.packs.map(\.name).joined(separator: ", ")
            throw ConfiguratorError(.pack, "no pack is called '\(name)'; there are \(known)")
        }
        let scratch = "\(NSTemporaryDirectory())/freshet-check-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let registrations = "\(scratch)/registrations.json"
        try Data("[]\n".utf8).write(to: URL(filePath: registrations))
        var results: [Result] = []
        for pack in packs where name != nil || tree.has(pack) {
            do {
                let program = try await packBuild.program(pack, in: tree)
                let process = PackProcess(program: program.path, wire: pack.wire, limits: pack.limits)
                var elsewhere = process
                elsewhere.surroundings = .init(directory: scratch, locale: "tr_TR.UTF-8", timeZone: "LINT-14")
                for rule in try await process.describe() {
                    let name = "\(pack.name)/\(rule.name)"
                    func run(_ process: PackProcess) -> RuleRun {
                        RuleRun(
                            name: name, rule: rule, process: process, programDigest: program.digest, tree: tree,
                            settings: settings, registrations: registrations, sourceDirectory: pack.sourceDirectory)
                    }
                    results.append(try await result(name, run(process), run(elsewhere)))
                }
            } catch let error as ConfiguratorError {
                results.append(Result(name: pack.name, records: 0, map: 0, faults: error.faults))
            }
        }
        return results
    }

    private func result(_ name: String, _ first: RuleRun, _ second: RuleRun) async throws -> Result {
        var result = Result(name: name, records: 0, map: 0, faults: [])
        do {
            _ = try first.inputDigests()
            try first.validateInputs()
            let (records, map) = try await first.records()
            (result.records, result.map) = (records.count, map.count)
            result.faults = RecordLint.faults(in: records)
            let again = try await second.records()
            if let difference = difference(Shard(records: records, map: map), Shard(records: again.records, map: again.map)) {
                result.faults.append(
                    "\(name): not the same twice: \(difference); a rule may depend on its inputs alone (no clock, no random order, no locale)")
            }
        } catch let error as ConfiguratorError {
            result.faults += error.faults
        }
        return result
    }

    /// The first record that two runs do not share; order does not matter.
    private func difference(_ a: Shard, _ b: Shard) -> String? {
        var a = a, b = b
        a.sort()
        b.sort()
        if Digest(of: a.encoded) == Digest(of: b.encoded) { return nil }
        let first = Set(a.records), second = Set(b.records)
        if let record = a.records.first(where: { !second.contains($0) }) ?? b.records.first(where: { !first.contains($0) }) {
            let place = record.origin.file.isEmpty ? "" : " (\(record.origin.file):\(record.origin.line))"
            return "\(record.key)\(place)"
        }
        return a.map == b.map ? "the number of equal records" : "the location map"
    }
}
