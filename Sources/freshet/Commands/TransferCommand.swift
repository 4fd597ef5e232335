import ArgumentParser
import DNSClient
import DNSWire
import Foundation
import Pipeline
import Transfer

struct TransferCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer", abstract: "Gives zones to name servers that run no proxy: AXFR, IXFR, NOTIFY (docs/transfer.md).",
        subcommands: [Serve.self, Status.self, Notify.self, Poll.self], defaultSubcommand: Serve.self)

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Serves transfers and follows pools; what 'freshet transfer' does by itself.")
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let wiring = try Wiring(try common.load())
            guard let transfer = try wiring.transfer() else {
                throw UserError("say where to listen: transfer.listen in the configuration, or --set transfer.listen=127.0.0.1:5300")
            }
            try await wiring.run([transfer])
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "How far changes have come on the name servers of pools.",
            discussion: "Without ZONE the zones that are not ACTIVE or have a warning, and how many there are of each.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "One zone, with all its servers.") var zone: String?
        @Flag(help: "For machines; all zones.") var json = false

        func run() async throws {
            let zone = try zone.map { try Name($0) }
            let records = try await common.withStore { _, store in
                let ledger = PoolLedger(store: store)
                if let zone { return try await ledger.records(of: zone) }
                return try await ledger.read().records
            }
            if let zone, records.isEmpty { throw UserError("no pool has \(zone), or nothing is known of it yet") }
            let statuses = Statuses(records, after: nil, most: .max)
            if json { return try printJSON(statuses) }
            let shown = zone == nil ? statuses.zones.filter { $0.status != PoolStatus.active.rawValue || !$0.warnings.isEmpty } : statuses.zones
            if !shown.isEmpty { print(TransferCommand.table(shown)) }
            for status in shown { for warning in status.warnings { print(Paint.yellow("warning  ") + "\(status.zone): \(warning)") } }
            if zone == nil {
                let counts = PoolStatus.allCases.map { status in "\(statuses.zones.count { $0.status == status.rawValue }) \(status.rawValue)" }
                print(counts.joined(separator: ", "))
            }
        }
    }

    struct Notify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tells the servers of a pool that a zone changed.")
        @OptionGroup var common: CommonOptions
        @Argument var zone: String
        @OptionGroup var patience: PatienceOptions
        @Flag(help: "For machines.") var json = false

        private struct Row: Encodable {
            var host: String
            var port: Int
            var response: String?
            var retries: Int
        }

        func run() async throws {
            let zone = try Name(zone)
            let told = try await patience.withService(common) { service in
                let pool = try await service.pool(patience.pool, having: zone)
                return try await service.notifyZoneChanged(
                    zone, pool: pool, server: try patience.address(), patience: try patience.over(pool.poll))
            }
            if json {
                try printJSON(told.map { Row(host: $0.server.host, port: $0.server.port, response: $0.response.map { "\($0)" }, retries: $0.retries) })
            } else {
                var table = Table(["SERVER", "ANSWER", "RETRIES"], numeric: [2])
                for one in told { table.add(["\(one.server)", one.response.map { "\($0)" } ?? "none", "\(one.retries)"]) }
                print(table.text)
            }
            if told.contains(where: { $0.response != .noError }) { throw ExitCode(1) }
        }
    }

    struct Poll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks the name servers of a pool for a zone until they have its last change; notes what they say.")
        @OptionGroup var common: CommonOptions
        @Argument var zone: String
        @OptionGroup var patience: PatienceOptions
        @Flag(help: "For machines.") var json = false

        func run() async throws {
            let zone = try Name(zone)
            let status = try await patience.withService(common) { service in
                let pool = try await service.pool(patience.pool, having: zone)
                let polled = try await service.pollForSerialNumber(
                    zone, pool: pool, server: try patience.address(), patience: try patience.over(pool.poll))
                return ZoneStatus(zone: "\(zone)", polled)
            }
            if json { try printJSON(status) } else { print(TransferCommand.table([status])) }
            if status.nameservers.contains(where: { $0.status != "SUCCESS" }) { throw ExitCode(1) }
        }
    }

    static func table(_ statuses: [ZoneStatus]) -> String {
        var table = Table(["ZONE", "POOL", "SERIAL", "STATUS", "SERVER", "HAS", "SAYS", "RETRIES"], numeric: [2, 5, 7])
        for status in statuses {
            for (place, server) in status.nameservers.enumerated() {
                let isFirst = place == 0
                table.add([
                    isFirst ? status.zone : "", isFirst ? status.pool : "", isFirst ? status.serial.map { "\($0)" } ?? "gone" : "",
                    isFirst ? status.status : "", "\(PoolRecord.Server(host: server.host, port: server.port))",
                    server.actual_serial.map { "\($0)" } ?? "-", server.response ?? server.status, "\(server.retries)",
                ])
            }
        }
        return table.text
    }
}

/// How long, how often, and whom.
struct PatienceOptions: ParsableArguments {
    @Option(help: "The pool, if several have the zone.") var pool: String?
    @Option(help: "One server of the pool: its address, with its port if that is not 53.") var server: String?
    @Option(help: "How long an answer is waited for, such as 3s.") var timeout: String?
    @Option(help: "From an answer to the next question.") var interval: String?
    @Option(help: "Questions after the first.") var retries: Int?
    @Option(help: "Before the first question.") var delay: String?

    func over(_ patience: SerialPoll.Patience) throws -> SerialPoll.Patience {
        func duration(_ text: String?, _ name: String, _ fallback: Duration) throws -> Duration {
            guard let text else { return fallback }
            guard let duration = SettingsReader.duration(text) else { throw UserError("--\(name) \(text): expected a time such as 3s") }
            return duration
        }
        return .init(
            delay: try duration(delay, "delay", .zero), timeout: try duration(timeout, "timeout", patience.timeout),
            interval: try duration(interval, "interval", patience.interval), retries: retries ?? patience.retries)
    }

    func address() throws -> PoolRecord.Server? {
        guard let server else { return nil }
        guard let parsed = TransferPart.server(server) else { throw UserError("--server \(server): expected ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT") }
        return .init(host: parsed.host, port: parsed.port)
    }

    func withService<T: Sendable>(_ common: CommonOptions, _ body: (PoolService) async throws -> T) async throws -> T {
        try await common.withStore { settings, store in
            guard let pools = try settings.transfer?.opened().pools, !pools.isEmpty else {
                throw UserError("there are no pools: transfer.pools in the configuration names their file")
            }
            do { return try await body(PoolService(pools: pools, store: store)) } catch let refusal as PoolService.Refusal {
                throw UserError("\(refusal)")
            }
        }
    }
}
