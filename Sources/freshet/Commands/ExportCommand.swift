import ArgumentParser
import Configurator
import DNSWire
import Exchange
import Foundation
import Pipeline

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes the records of a working tree, or what is live, for other tools.",
        discussion: """
            One file a zone, of tinydns one for all. What the format cannot say is listed: records for some clients only \
            (tinydns has them), and for octoDNS the SOA and some types.

            Exit status: 0 written, 1 not, 2 records are refused (--strict).

            EXAMPLES
              freshet export --to zones                             the working tree, as zone files
              freshet export --live --format octodns --to config    what is live, for octoDNS
              freshet export --live --format tinydns --to /etc/tinydns/root
            """)
    @OptionGroup var common: CommonOptions
    @Flag(help: "What is live.") var live = false
    @Option(help: "The site's working tree; by default that of the configuration.") var site: String?
    @Option(help: "Only these zones.") var zone: [String] = []
    @Option(help: "zone, octodns or tinydns.") var format: WrittenFormat = .zone
    @Option(help: "The directory to write to.") var to: String
    @Flag(help: "Write nothing if a record is refused.") var strict = false
    @Flag(help: "Overwrite files that are there.") var force = false
    @Flag(help: "For machines.") var json = false

    func validate() throws {
        guard !live || site == nil else { throw ValidationError("--live and --site: one or the other") }
    }

    func run() async throws {
        let names = try zone.map { text in
            do { return try Name(text) } catch { throw ValidationError("--zone: \(error)") }
        }
        let holding = try await common.withStore { settings, store in
            let planning = try Planning(settings, store)
            if live { return try await self.holding(try await planning.live().presentation, in: planning.scratch) }
            return try await withCheckouts { checkouts in
                let tree =
                    if let site { SiteTree(directory: URL(filePath: site).standardizedFileURL.path) } else {
                        try await planning.tree(nil, checkouts: checkouts)
                    }
                let made = try await planning.make(tree)
                return try await self.holding(made.presentation, in: planning.scratch)
            }
        }
        if let unknown = names.first(where: { !holding.zones.contains($0) }) { throw UserError("\(unknown) is not a zone here") }
        let export = Export(holding, format: format.format, zones: names.isEmpty ? nil : names)
        var report = ExchangeReport(
            read: holding.read, records: export.files.reduce(0) { $0 + $1.count }, refusals: export.refusals, notes: export.notes)
        if !(strict && !export.refusals.isEmpty) { report.files = try ExchangeReport.write(export.files, to: to, force: force) }
        try report.show(json: json)
        if strict, !export.refusals.isEmpty { throw ExitCode(2) }
    }

    private func holding(_ presentation: Manifest?, in blobs: ScratchBlobs) async throws -> Holding {
        guard let presentation else { throw UserError("there is no presentation yet") }
        let digests = presentation.shards.sorted { $0.key < $1.key }.map(\.value.digest)
        let shards = try await concurrentMap(digests) { try Shard(decoding: try await blobs.require($0)) }
        return Holding(records: shards.flatMap(\.records), map: shards.flatMap(\.map), zones: presentation.zones)
    }
}
