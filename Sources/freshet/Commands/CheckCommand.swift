import ArgumentParser
import DNSClient
import DNSWire
import Foundation
import LocalProxy
import Pipeline
import Publisher

/// For Nagios, Icinga and their like (docs/monitoring.md).
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Monitoring plugins: a name server's freshness, the fleet, conflicts, the rollout.",
        discussion: """
            Exit status as monitoring expects: 0 fine, 1 warning, 2 critical, 3 not known. Without a subcommand: \
            the timestamp TXT record of one server, as in 'freshet check --zone example.net --pipeline prod --server 192.0.2.53'.
            """,
        subcommands: [StampCheckCommand.self, Fleet.self, Conflicts.self, Rollout.self], defaultSubcommand: StampCheckCommand.self)

    struct Fleet: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Every proxy as it reports: release, faults, freshness through tinydns and unbound.",
            discussion: "Thresholds are ranges as plugins have them: 120 alerts above 120, 3: below 3, @5:10 from 5 to 10.")
        @OptionGroup var common: CommonOptions
        @Option(help: "Seconds: a stamp's age, and how far a proxy is behind the newest release.") var warning = AlertRange(upTo: 120)
        @Option(help: "The same.") var critical = AlertRange(upTo: 300)
        @Option(help: "By how many releases a proxy may be behind.") var warningReleases: AlertRange?
        @Option(help: "The same.") var criticalReleases: AlertRange?
        @Option(help: "So many proxies report, or it is critical.") var expect: Int?

        func run() async throws {
            let check = FleetCheck(
                seconds: Limits(warning: warning, critical: critical),
                releases: Limits(warning: warningReleases, critical: criticalReleases), expected: expect)
            try await common.plugin { _, store in
                let release = try await store.release()
                return check.judge(
                    newest: release.map { ($0.number, $0.published) }, proxies: try await store.deployments(), at: .now())
            }
        }
    }

    struct Conflicts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "How many RRsets two sources want; edits that end soon.",
            discussion: "Pins and emergency edits are no conflicts. 'freshet conflicts' shows them all.")
        @OptionGroup var common: CommonOptions
        @Option(help: "The number of conflicts.") var warning = AlertRange(upTo: 0)
        @Option(help: "The same.") var critical: AlertRange?
        @Option(help: "Edits that end within this time, such as 24h, are a warning.") var expiring = "24h"

        func run() async throws {
            guard let soon = SettingsReader.duration(expiring) else { throw ValidationError("--expiring \(expiring): expected a time such as 12h") }
            let check = ConflictsCheck(limits: Limits(warning: warning, critical: critical), soon: Int64(soon / .milliseconds(1)))
            try await common.plugin { _, store in
                check.judge(conflicts: try await store.conflicts(), edits: try await store.edits(), at: .now())
            }
        }
    }

    struct Rollout: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whether changes go their way: halted is critical; held, paused or long in a ring a warning.")
        @OptionGroup var common: CommonOptions
        @Option(help: "Seconds that something is in one ring.") var warning = AlertRange(upTo: 1800)
        @Option(help: "The same.") var critical: AlertRange?

        func run() async throws {
            let limits = Limits(warning: warning, critical: critical)
            try await common.plugin { settings, store in
                let check = RolloutCheck(limits: limits, rings: settings.publisher.rings.stops.map(\.ring.name))
                return check.judge(
                    try await store.decoded(WellKnown.rollout, Pipeline.Rollout.init(decoding:))?.value ?? Pipeline.Rollout(),
                    halt: try await store.decoded(WellKnown.halt, Halt.init(decoding:))?.value,
                    held: try await store.decoded(WellKnown.held, Held.init(decoding:))?.value, at: .now())
            }
        }
    }
}

extension CommonOptions {
    /// Prints what `judge` says and ends with its exit status; whatever keeps it from judging is "not known".
    fileprivate func plugin(_ judge: (PipelineSettings, any Store) async throws -> PluginResult) async throws {
        let result: PluginResult
        do {
            result = try await withStore(judge)
        } catch {
            var unknown = PluginResult()
            unknown.add(.unknown, "\(error)")
            print(unknown.text)
            throw ExitCode(PluginResult.State.unknown.rawValue)
        }
        print(result.text)
        if result.state != .ok { throw ExitCode(result.state.rawValue) }
    }
}

extension Store {
    /// What the presentation reports, notices too; reads the shards that have any.
    fileprivate func conflicts() async throws -> [Conflict] {
        let shards = try await decoded(WellKnown.presentation, Manifest.init(decoding:))?.value.shards ?? [:]
        return try await concurrentMap(shards.filter { $0.value.conflicts > 0 }.sorted { $0.key < $1.key }.map(\.value.digest)) {
            try Shard(decoding: try await self.require($0)).conflicts
        }.flatMap(\.self)
    }
}

struct StampCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stamp", abstract: "How fresh the answers of a name server are; needs no configuration.",
        discussion: """
            Reads the timestamp TXT record. Exit status as monitoring expects: 0 fresh, 1 older than \
            --warning, 2 older than --critical or missing or invalid, 3 the server cannot be asked.
            """)
    @Option(help: "The zone whose stamp is read.") var zone: String
    @Option(help: "The pipeline's name.") var pipeline: String
    @Option(help: "The name server.") var server = "127.0.0.1"
    @Option(help: "Its port.") var port = 53
    @Option(help: "Seconds.") var warning = 120
    @Option(help: "Seconds.") var critical = 300
    @Flag(help: "Ask for recursion: for a resolver.") var recurse = false

    func run() async throws {
        guard let owner = try? Stamp.owner(in: Name(zone)) else { throw UserError("'\(zone)' is not a domain name") }
        let check = await StampCheck.read(
            owner, at: DNSClient.Server(host: server, port: port), recursionDesired: recurse, pipeline: pipeline,
            bound: .seconds(warning), client: DNSClient())
        let bounds = "\(warning);\(critical);0"
        switch check {
        case .fresh(let reading, let age):
            print("OK - release \(reading.release) is \(age) ms old | age=\(Double(age) / 1000)s;\(bounds) release=\(reading.release)")
        case .stale(let reading, let age):
            let isCritical = age > Int64(critical) * 1000
            print("\(isCritical ? "CRITICAL" : "WARNING") - release \(reading.release) is \(age) ms old | age=\(Double(age) / 1000)s;\(bounds) release=\(reading.release)")
            throw ExitCode(isCritical ? 2 : 1)
        case .missing, .invalid, .future:
            print("CRITICAL - \(check.fault ?? "")")
            throw ExitCode(2)
        case .unreachable:
            print("UNKNOWN - \(check.fault ?? "")")
            throw ExitCode(3)
        }
    }
}
