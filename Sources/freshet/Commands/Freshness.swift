import ArgumentParser
import Configurator
import DNSClient
import DNSWire
import Foundation
import LocalProxy
import Pipeline

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Waits until proxies show a change.",
        discussion: """
            Exit status 0 when they do, 1 at the timeout. A commit is found by the release that it \
            set off: one that changes no record sets off none, and one that another overtakes may \
            not be seen.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "The change: a commit of the site's repository.") var commit: String?
    @Option(help: "The change: a release of at least this number.") var release: UInt64?
    @Option(help: "How many proxies.") var proxies = 1
    @Option(help: "Seconds.") var timeout = 60

    func run() async throws {
        let commit = commit, release = release, proxies = proxies
        let done = try await common.withStore { settings, store in
            var id: String?
            if let commit { id = String(try await Wiring(settings).repository.commit(commit).id.prefix(12)) }
            let cause = id
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for await _ in store.watch([WellKnown.proxies]) {
                        let shown = try await store.deployments().filter { proxy in
                            let complete = [proxy.tinydns, proxy.unbound].allSatisfy { $0?.fault == nil && $0?.release == proxy.release }
                            return complete && proxy.fault == nil && (cause == nil || proxy.trace.cause == cause) && proxy.release >= release ?? 1
                        }
                        if shown.count >= proxies { return true }
                    }
                    return false
                }
                let seconds = timeout
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds))
                    return false
                }
                let first = try await group.next() ?? false
                group.cancelAll()
                return first
            }
        }
        if !done {
            FileHandle.standardError.write(Data("not within \(timeout) s: see freshet status\n".utf8))
            throw ExitCode(1)
        }
    }
}

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "How fresh the answers of a name server are (a monitoring plugin).",
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
