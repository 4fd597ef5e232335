import ArgumentParser
import DNSWire
import Foundation
import Pipeline

struct ConflictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts", abstract: "RRsets that two sources want, and how each was settled; edits that end soon.",
        discussion: """
            Also what is in force as somebody wrote it and should not be forgotten: pins and emergency edits. \
            How conflicts are settled: docs/reconciling.md.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "Edits that end within this time, such as 168h; a week by default.") var expiring = "168h"
    @Flag(help: "For machines.") var json = false

    struct Report: Encodable {
        var conflicts: [Item]
        var expiring: [Ending]
    }

    struct Item: Encodable {
        struct Party: Encodable {
            var source, file: String
            var line: Int
            var person, reason: String
            var ttl: UInt32
            var values: [String]
            var removes, wins: Bool
        }
        var name, type: String
        var location: String?
        /// Nothing had to be settled: a pin, an emergency edit.
        var notice: Bool
        var policy, explanation: String
        var since: String?
        var parties: [Party]
    }

    struct Ending: Encodable {
        var name, type, action, source, file: String
        var line: Int
        var person, reason, expires: String
    }

    func run() async throws {
        guard let within = SettingsReader.duration(expiring) else {
            throw ValidationError("--expiring \(expiring): expected a time such as 12h")
        }
        let now = Instant.now()
        let (conflicts, edits) = try await common.withStore { _, store in
            (try await store.presentedShards().flatMap(\.conflicts), try await store.edits())
        }
        let ending = Edit.expiring(edits, within: Int64(within / .milliseconds(1)), at: now)
        if json { return try printJSON(Report(conflicts: conflicts.map(Item.init), expiring: ending.map(Ending.init))) }
        for conflict in conflicts { Self.show(conflict) }
        for edit in ending {
            let left = (edit.expires ?? now) - now
            print(Paint.yellow("ends in \(left / 3_600_000) h: ") + "\(edit.action) \(edit.key), \(edit.origin), \(edit.expires.map(\.description) ?? "")")
        }
        let notices = conflicts.count(where: \.isNotice), count = conflicts.count - notices
        print((count == 0 ? "no conflicts" : count == 1 ? "1 conflict" : "\(count) conflicts") + (notices > 0 ? ", \(notices) to remember" : ""))
    }

    private static func show(_ conflict: Conflict) {
        print(Paint.bold("\(conflict.key)") + (conflict.since.map { " since \($0)" } ?? ""))
        for (index, party) in conflict.parties.enumerated() {
            let values = party.rdata.map { $0.text(type: conflict.key.type) }.joined(separator: ", ")
            let wants = party.removes ? (values.isEmpty ? "remove it" : "remove \(values)") : values
            let reason = party.origin.reason.isEmpty ? "" : " (\(party.origin.reason))"
            print("  \(conflict.winner == index ? "serves " : "refuses") \(party.origin)\(reason): \(wants)")
        }
        print("  policy '\(conflict.policy)': \(conflict.explanation)")
    }
}

extension ConflictsCommand.Item {
    fileprivate init(_ conflict: Conflict) {
        self.init(
            name: "\(conflict.key.owner)", type: "\(conflict.key.type)", location: conflict.key.location.map { "\($0)" },
            notice: conflict.isNotice, policy: conflict.policy, explanation: conflict.explanation, since: conflict.since.map { "\($0)" },
            parties: conflict.parties.enumerated().map { index, party in
                Party(
                    source: party.origin.source, file: party.origin.file, line: party.origin.line, person: party.origin.person,
                    reason: party.origin.reason, ttl: party.ttl, values: party.rdata.map { $0.text(type: conflict.key.type) },
                    removes: party.removes, wins: conflict.winner == index)
            })
    }
}

extension ConflictsCommand.Ending {
    fileprivate init(_ edit: Edit) {
        self.init(
            name: "\(edit.key.owner)", type: "\(edit.key.type)", action: edit.action.rawValue, source: edit.origin.source,
            file: edit.origin.file, line: edit.origin.line, person: edit.origin.person, reason: edit.origin.reason,
            expires: edit.expires.map(\.description) ?? "")
    }
}

extension Store {
    /// All that people want: reviewed edits of the live configuration, and emergency edits.
    func edits() async throws -> [Edit] {
        var edits = try await decoded(WellKnown.emergency, EmergencyEdit.decode)?.value.map(\.edit) ?? []
        let sources = try await decoded(WellKnown.configuration, Configuration.init(decoding:))?.value.sources ?? []
        for source in sources where source.kind == .edits {
            let manifest = try Manifest(decoding: try await require(source.manifest))
            for (_, shard) in manifest.shards.sorted(by: { $0.key < $1.key }) { edits += try Edit.decode(try await require(shard.digest)) }
        }
        return edits
    }
}
