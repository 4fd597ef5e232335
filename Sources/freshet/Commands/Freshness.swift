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
            Exit status 0 when they do, 1 at the timeout. A commit counts as shown when a release is that was made \
            of it or of one after it; also if it changes no record. What is held ('freshet status') is not shown.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "The change: a commit of the site's repository.") var commit: String?
    @Option(help: "The change: a release of at least this number.") var release: UInt64?
    @Option(help: "How many proxies.") var proxies = 1
    @Option(help: "Seconds.") var timeout = 60

    func run() async throws {
        let commit = commit, release = release, proxies = proxies
        let done = try await common.withStore { settings, store in
            let repository = try Wiring(settings).repository
            let wanted: Commit? = if let commit { try await repository.commit(commit) } else { nil }
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    // The first release that holds the change, once there is one.
                    var goal = wanted == nil ? release ?? 0 : nil
                    let keys = [WellKnown.proxies, WellKnown.release, WellKnown.presentation, WellKnown.configuration]
                    for await _ in store.watch(keys) {
                        if goal == nil, let wanted { goal = try await store.firstRelease(of: wanted, in: repository).map { max($0, release ?? 0) } }
                        guard let goal else { continue }
                        let shown = try await store.deployments().filter { proxy in
                            let complete = [proxy.tinydns, proxy.unbound].allSatisfy { $0?.fault == nil && $0?.release == proxy.release }
                            return complete && proxy.fault == nil && proxy.release >= goal
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
            FileHandle.standardError.write(Data("not shown by \(proxies) proxies after \(timeout) s: see freshet status\n".utf8))
            throw ExitCode(1)
        }
    }
}

extension Store {
    /// A release that was made of a commit or of one after it; `nil` if there is none yet.
    fileprivate func firstRelease(of commit: Commit, in repository: SiteRepository) async throws -> UInt64? {
        guard let configuration = try await decoded(WellKnown.configuration, Configuration.init(decoding:))?.value,
            let newest = configuration.commit,
            let presentation = try await decoded(WellKnown.presentation, Manifest.init(decoding:))?.value,
            presentation.basis.contains("configuration@\(configuration.number)"),
            let release = try await release(), release.presentation >= presentation.number
        else { return nil }
        let holds = newest.id == commit.id ? true : try await repository.isAncestor(commit, of: newest)
        return holds ? release.number : nil
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
