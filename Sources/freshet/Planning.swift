import Configurator
import DNSWire
import Foundation
import Pipeline
import Presenter
import Review
import Validation

/// Makes plans: what a tree would present, compared with what is live or with a commit.
/// Writes nothing to the store.
struct Planning {
    let settings: PipelineSettings
    let store: any Store
    let scratch: ScratchBlobs
    let wiring: Wiring

    init(_ settings: PipelineSettings, _ store: any Store) throws {
        self.settings = settings
        self.store = store
        scratch = ScratchBlobs(over: store)
        wiring = try Wiring(settings)
    }

    /// What a tree makes.
    struct Made {
        var tree: SiteTree
        var configuration: Configuration
        var presentation: Manifest
    }

    /// The site's working tree, or that of a commit, laid out below `checkouts`.
    func tree(_ commit: String?, checkouts: String) async throws -> SiteTree {
        let repository = wiring.repository(checkouts: checkouts)
        guard let commit else {
            guard !repository.isRemote else {
                throw UserError("site.repository is elsewhere: give --commit, or your working tree with --set site.repository=.")
            }
            return SiteTree(directory: settings.repository)
        }
        try await repository.fetch()
        return try await repository.tree(of: try await repository.commit(commit))
    }

    /// The presentation of a tree, with what servers registered.
    func make(_ tree: SiteTree) async throws -> Made {
        let live = try await live()
        let registrations = try await store.decoded(WellKnown.registrations, Manifest.init(decoding:))?.value
        let configuration = try await wiring.assembly(scratch).configuration(
            of: tree, after: live.configuration, registrations: registrations, trace: Trace(cause: "plan"))
        let failures = configuration.sources.compactMap { source in source.failure.map { "\(source.name): \($0)" } }
        guard failures.isEmpty else { throw UserError("the tree is not valid:\n" + failures.joined(separator: "\n")) }
        let presentation = try await Presenting(blobs: scratch, policy: settings.policy).presentation(
            of: configuration, registrations: registrations, previous: live.presentation, at: .now())
        return Made(tree: tree, configuration: configuration, presentation: presentation)
    }

    /// What is live, without emergency edits: nobody plans these.
    func live() async throws -> (configuration: Configuration?, presentation: Manifest?) {
        (
            try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))?.value,
            try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value.reviewed
        )
    }

    /// What changes from one to the other, with what is wrong in the zones that it touches.
    func plan(
        from before: (configuration: Configuration?, presentation: Manifest?), to after: Made, validates: Bool = true
    ) async throws -> Plan {
        let diff = try await RecordDiff(from: before.presentation, to: after.presentation, in: scratch)
        guard !diff.isEmpty else { return Plan(diff: diff, apexes: [], existing: [:]) }
        let apexes = after.presentation.zones + (before.presentation?.zones ?? [])
        // Most shards are of both, and are decoded once.
        let shards = try await shards(of: [before.presentation].compactMap(\.self) + (validates ? [after.presentation] : []))
        var findings: [Finding] = []
        if validates {
            let zones = ZoneSet(apexes)
            let touched = Set(diff.records.compactMap { zones.zone(of: $0.key.owner) })
            let waivers = try WaiverFile.read(in: after.tree)
            findings = try await validation(after.presentation, shards, waivers, by: after.tree, zones: touched).findings(in: touched)
                .filter { $0.level > .advice }
            // What is wrong already is not the plan's; where nothing is wrong nobody need ask.
            if !findings.isEmpty {
                let known = Set(
                    try await validation(before.presentation, shards, [], by: after.tree, zones: touched).findings(in: touched)
                        .map(Known.init))
                findings.removeAll { known.contains(Known($0)) }
            }
        }
        return Plan(
            diff: diff, apexes: apexes, existing: counts(of: before.presentation, shards),
            inputs: changedInputs(before.configuration, after.configuration), findings: findings,
            moves: diff.map.isEmpty ? nil : try await MapMoves(from: before.presentation, to: after.presentation, in: scratch),
            blocking: settings.policy.blocking(diff.newConflicts), radius: settings.radius)
    }

    /// Ready to tell what is wrong with a presentation.
    ///
    /// - Parameters:
    ///   - tree: whose policies judge, beside what is built in.
    ///   - zones: those that policies judge; none: all.
    func validation(
        _ presentation: Manifest?, _ waivers: [Waiver], by tree: SiteTree, zones: Set<Name> = []
    ) async throws -> Validation {
        let shards = try await shards(of: [presentation].compactMap(\.self))
        return try await validation(presentation, shards, waivers, by: tree, zones: zones)
    }

    private func validation(
        _ presentation: Manifest?, _ shards: [Digest: Shard], _ waivers: [Waiver], by tree: SiteTree, zones: Set<Name>
    ) async throws -> Validation {
        let shards = Self.shards(of: presentation, among: shards)
        var profile = settings.profile
        profile.locations = Set(shards.flatMap { $0.map.map(\.location) })
        let records = shards.flatMap(\.records)
        let reported = try await Policies(settings: settings.assembly, packBuild: wiring.packBuild()).findings(
            in: tree, records: records, zones: Array(zones), privateZones: profile.privateZones)
        return Validation(records: records, waivers: waivers, profile: profile, reported: reported, now: .now())
    }

    /// The shards of presentations, those that several have once.
    private func shards(of presentations: [Manifest]) async throws -> [Digest: Shard] {
        let digests = Array(Set(presentations.flatMap { $0.shards.values.map(\.digest) }))
        let scratch = scratch
        let shards = try await concurrentMap(digests) { try Shard(decoding: try await scratch.require($0)) }
        return Dictionary(uniqueKeysWithValues: zip(digests, shards))
    }

    private static func shards(of presentation: Manifest?, among shards: [Digest: Shard]) -> [Shard] {
        (presentation?.shards ?? [:]).sorted { $0.key < $1.key }.compactMap { shards[$0.value.digest] }
    }

    /// How many RRsets each zone has; under `nil` those in none.
    private func counts(of presentation: Manifest?, _ shards: [Digest: Shard]) -> [Name?: Int] {
        let zones = ZoneSet(presentation?.zones ?? [])
        var counts: [Name?: Int] = [:]
        for shard in Self.shards(of: presentation, among: shards) {
            for record in shard.records { counts[zones.zone(of: record.key.owner), default: 0] += 1 }
        }
        return counts
    }

    /// A finding is the same if it says the same of the same records, wherever they come from now.
    private struct Known: Hashable {
        var code: Code
        var key: RecordKey
        var message: String
        init(_ finding: Finding) { (code, key, message) = (finding.code, finding.key, finding.message) }
    }

    private func changedInputs(_ old: Configuration?, _ new: Configuration) -> [String] {
        let known = Dictionary((old?.sources ?? []).map { ($0.name, $0.inputs) }) { a, _ in a }
        return new.sources.flatMap { source in
            source.inputs.filter { known[source.name]?[$0.key] != $0.value }.keys.sorted().map { "\(source.name) reads \($0)" }
        }
    }
}

/// A directory for checkouts that lasts as long as `body`; apart from the Configurator's,
/// which removes what it does not need.
func withCheckouts<T>(_ body: (String) async throws -> T) async throws -> T {
    let path = FileManager.default.temporaryDirectory.appending(path: "freshet-plan-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
