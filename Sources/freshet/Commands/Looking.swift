import ArgumentParser
import DNSWire
import Foundation
import Pipeline
import TinyDNSData

extension Store {
    /// What all proxies report, by host.
    func deployments() async throws -> [Deployment] {
        var deployments: [Deployment] = []
        for key in try await list(WellKnown.proxies) {
            if let lease = try await read(key) { deployments.append(try Deployment(decoding: lease.value)) }
        }
        return deployments.sorted { $0.host < $1.host }
    }

    /// Who announces anycast prefixes, by host.
    func sites() async throws -> [VIPSite] {
        var sites: [VIPSite] = []
        for key in try await list(WellKnown.vips) {
            if let site = try await decoded(key, VIPSite.init(decoding:)) { sites.append(site.value) }
        }
        return sites
    }

    /// The current release; who signed it is for proxies to judge.
    func release() async throws -> Release? {
        try await decoded(WellKnown.release, SignedRelease.init(decoding:)).map { try Release(decoding: $0.value.body) }
    }

    /// The shards of the presentation, one after the other.
    func presentedShards() async throws -> [Shard] {
        guard let manifest = try await decoded(WellKnown.presentation, Manifest.init(decoding:))?.value else { return [] }
        let references = manifest.shards.sorted { $0.key < $1.key }.map(\.value.digest)
        return try await concurrentMap(references) { try Shard(decoding: try await self.require($0)) }
    }
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "The fleet at a glance.")
    @OptionGroup var common: CommonOptions
    @Flag(help: "For machines.") var json = false

    struct Report: Encodable {
        /// What waits for 'freshet apply'.
        struct HeldPlan: Encodable {
            var plan, cause, since, summary: String
            var reasons: [String]
        }

        struct Proxy: Encodable {
            var host: String
            var release: UInt64
            var tinydnsAgeMilliseconds: Int64?
            var unboundAgeMilliseconds: Int64?
            var movedFiles, keptFiles: Int
            var downloadedBytes: UInt64
            var fault: String?
        }

        /// Who announces the anycast prefixes.
        struct Site: Encodable {
            var host, state, reason, since: String
            var prefixes: [String]
            var stampAgeMilliseconds: Int64?
        }
        var commit: String?
        var configuration: UInt64?
        var presentation: UInt64?
        var records: Int?
        var zones: [String]
        var conflicts: Int
        var failures: [String]
        /// RRsets with emergency edits, by whom and until when.
        var emergencies: [String]
        var held: HeldPlan?
        var release: UInt64?
        var published: String?
        var leaders: [String: String]
        var proxies: [Proxy]
        var sites: [Site]
    }

    func run() async throws {
        let report = try await common.withStore { _, store in try await self.report(store) }
        if json { return try printJSON(report) }
        print("commit        \(report.commit ?? "none")")
        print("presentation  \(report.presentation.map(String.init) ?? "none"): \(report.records ?? 0) RRsets and map lines, \(report.zones.count) zones, \(report.conflicts) conflicts")
        print("release       \(report.release.map(String.init) ?? "none") \(report.published ?? "")")
        for (stage, who) in report.leaders.sorted(by: { $0.key < $1.key }) { print("leads         \(stage): \(who)") }
        for failure in report.failures { print(Paint.red("failing       ") + failure) }
        for emergency in report.emergencies { print(Paint.red("emergency     ") + emergency) }
        if let held = report.held {
            print(Paint.red("held          ") + "since \(held.since), by \(held.cause): \(held.summary)")
            for reason in held.reasons { print("              \(reason)") }
            print("              freshet apply --plan \(held.plan)")
        }
        var table = Table(["PROXY", "RELEASE", "TINYDNS AGE", "UNBOUND AGE", "LAST MOVED", "STATE"], numeric: [1, 2, 3])
        for proxy in report.proxies {
            table.add([
                proxy.host, "\(proxy.release)", seconds(proxy.tinydnsAgeMilliseconds), seconds(proxy.unboundAgeMilliseconds),
                "\(proxy.movedFiles) of \(proxy.movedFiles + proxy.keptFiles) files",
                proxy.fault ?? (proxy.release == report.release ? "ok" : "behind"),
            ])
        }
        print(table.text)
        if report.sites.isEmpty { return }
        var sites = Table(["SITE", "ROUTES", "STAMP AGE", "SINCE", "STATE", "WHY"], numeric: [2])
        for site in report.sites {
            sites.add([
                site.host, site.prefixes.joined(separator: " "), seconds(site.stampAgeMilliseconds), site.since, site.state, site.reason,
            ])
        }
        print(sites.text)
    }

    private func seconds(_ milliseconds: Int64?) -> String {
        milliseconds.map { String(format: "%.1f s", Double($0) / 1000) } ?? "-"
    }

    private func report(_ store: any Store) async throws -> Report {
        let configuration = try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))?.value
        let presentation = try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value
        let release = try await store.release()
        let held = try await store.decoded(WellKnown.held, Held.init(decoding:))?.value
        var leaders: [String: String] = [:]
        for key in try await store.list(WellKnown.leaders) {
            if let value = try await store.read(key) { leaders[key.name] = String(decoding: value.value, as: UTF8.self) }
        }
        let now = Instant.now()
        return Report(
            commit: configuration?.commit.map { "\($0.id.prefix(12)) \($0.subject)" }, configuration: configuration?.number,
            presentation: presentation?.number, records: presentation?.count, zones: presentation?.zones.map { "\($0)" } ?? [],
            conflicts: presentation?.conflicts ?? 0,
            failures: configuration?.sources.compactMap { source in source.failure.map { "\(source.name): \($0)" } } ?? [],
            emergencies: try await (store.decoded(WellKnown.emergency, EmergencyEdit.decode)?.value ?? []).map {
                "\($0.edit.action) \($0.edit.key) by \($0.key), until \($0.edit.expires.map(\.description) ?? "it is withdrawn")"
            },
            held: held.map {
                Report.HeldPlan(
                    plan: "\($0.plan)", cause: $0.cause, since: "\($0.since)", summary: $0.summary, reasons: $0.reasons)
            },
            release: release?.number, published: release.map { "\($0.published)" }, leaders: leaders,
            proxies: try await store.deployments().map { proxy in
                Report.Proxy(
                    host: proxy.host, release: proxy.release,
                    tinydnsAgeMilliseconds: proxy.tinydns.map { now - $0.published },
                    unboundAgeMilliseconds: proxy.unbound.map { now - $0.published },
                    movedFiles: proxy.movedFiles, keptFiles: proxy.keptFiles, downloadedBytes: proxy.downloaded,
                    fault: proxy.fault ?? proxy.tinydns?.fault ?? proxy.unbound?.fault)
            },
            sites: try await store.sites().map { site in
                Report.Site(
                    host: site.host, state: site.state.rawValue, reason: site.reason, since: "\(site.since)", prefixes: site.prefixes,
                    stampAgeMilliseconds: site.published.map { now - $0 })
            })
    }
}

struct TimelineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline", abstract: "Where the last change spent its time, on each proxy.",
        discussion: "Milliseconds since the change was seen. Heartbeats, which change no record, are left out.")
    @OptionGroup var common: CommonOptions
    @Flag(help: "For machines.") var json = false

    struct Row: Encodable {
        var host: String
        var release: UInt64
        var cause: String
        var milliseconds: [String: Int64]
        var movedFiles, keptFiles: Int
        var downloadedBytes: UInt64
    }

    private static let columns: [(Milestone.Stage, String)] = [
        (.packBuilt, "pack built"), (.rulesRun, "rules run"), (.presented, "presented"), (.published, "published"),
        (.fetched, "fetched"), (.deployed, "deployed"), (.seenThroughTinydns, "tinydns TXT"), (.seenThroughUnbound, "unbound TXT"),
    ]

    func run() async throws {
        let deployments = try await common.withStore { _, store in try await store.deployments() }
        let rows = deployments.filter { !$0.trace.milestones.isEmpty }.map { proxy in
            let start = proxy.trace.time(of: .seen) ?? proxy.trace.milestones[0].at
            return Row(
                host: proxy.host, release: proxy.tracedRelease, cause: proxy.trace.cause,
                milliseconds: Dictionary(
                    Self.columns.compactMap { stage, _ in proxy.trace.time(of: stage).map { (stage.rawValue, $0 - start) } }
                ) { $1 },
                movedFiles: proxy.movedFiles, keptFiles: proxy.keptFiles, downloadedBytes: proxy.downloaded)
        }
        if json { return try printJSON(rows) }
        guard let first = rows.first else { return print("no proxy has deployed a release yet") }
        print("release \(first.release), set off by \(first.cause); milliseconds since that was seen")
        var table = Table(["proxy"] + Self.columns.map(\.1), numeric: Set(1...Self.columns.count))
        for row in rows {
            let same = row.release == first.release
            table.add(
                [row.host + (same ? "" : " (\(row.release))")]
                    + Self.columns.map { stage, _ in row.milliseconds[stage.rawValue].map(String.init) ?? "-" })
        }
        print(table.text)
    }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Where each value of a name comes from, and what it took the place of.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The owner name.") var name: String
    @Argument(help: "Only this type.") var type: String?

    /// How a value came to be served.
    private struct Way {
        var entry: HistoryEntry
        var reach: Reach

        var text: String {
            var text = "  since presentation \(entry.number) (\(entry.at), \(entry.cause))"
            guard let release = reach.release else { return text + "; not released yet" }
            text += reach.isExact ? "; first in release \(release)" : "; in release \(release) at the latest"
            text += "\n  served by " + (reach.serving.isEmpty ? "no proxy" : reach.serving.joined(separator: ", "))
            return reach.behind.isEmpty ? text : text + "; on an older release: " + reach.behind.joined(separator: ", ")
        }
    }

    func run() async throws {
        let owner = try parseName(name), only = try type.map(parseType)
        let (shard, commit, reaches) = try await common.withStore { settings, store in
            let manifest = try await store.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value
            let reference = manifest.flatMap { $0.shards[$0.sharding.index(of: owner)] }
            let commit = try await store.decoded(WellKnown.configuration, Configuration.init(decoding:))?.value.commit
            guard let reference else { return (Shard(), commit, [:] as [RecordKey: Way]) }
            let history = try await store.history(settings)
            let release = try await store.release(), deployments = try await store.deployments()
            let log = try await store.decoded(WellKnown.releases, ReleaseLog.init(decoding:))?.value ?? ReleaseLog()
            var ways: [RecordKey: Way] = [:]
            // The newest event of each RRset is first.
            for event in try await history.events(of: owner, type: only, in: store) where ways[event.change.key] == nil {
                ways[event.change.key] = Way(
                    entry: event.entry, reach: Reach(of: event.entry.number, release: release, log: log, deployments: deployments))
            }
            return (try Shard(decoding: try await store.require(reference.digest)), commit, ways)
        }
        let records = shard.records.filter { $0.key.owner == owner && (only == nil || $0.key.type == only) }
        guard !records.isEmpty else { throw UserError("\(owner) is not in the presentation") }
        for record in records {
            print(Paint.bold("\(record.key)") + " \(record.ttl) " + record.rdata.map { $0.text(type: record.key.type) }.joined(separator: ", "))
            print("  from \(record.origin)\(record.origin.reason.isEmpty ? "" : " (\(record.origin.reason))")")
            for origin in record.overrode { print("  in place of \(origin)") }
            print(reaches[record.key]?.text ?? "  served since before what history keeps")
        }
        for conflict in shard.conflicts where conflict.key.owner == owner { print("  conflict: \(conflict.explanation)") }
        if let commit { print("as of commit \(commit.id.prefix(12)) by \(commit.author): \(commit.subject)") }
    }
}

struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "What is served, as tinydns data text: tinydns-data makes the proxies' database of it.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let (shards, release) = try await common.withStore { _, store in
            (try await store.presentedShards(), try await store.release())
        }
        let zones = shards.flatMap(\.records).filter { $0.key.type == .soa && $0.key.location == nil }.map(\.key.owner)
        let stamps = release.map { Shard(stamps: Stamp.owners(in: zones.sorted { $0.precedes($1) }), $0.stamp) }
        for shard in shards + [stamps ?? Shard()] {
            let lines = DataText.lines(of: shard)
            if !lines.isEmpty { print(lines.joined(separator: "\n")) }
        }
    }
}
