import DNSClient
import DNSWire
import Foundation
import Pipeline
import Subprocess
import SystemPackage
import TestSupport
import Testing
import ZooKeeper

/// A whole pipeline of real processes on loopback: a site's repository, the stages,
/// proxies with their tinydns and unbound. Nothing of it outlives the test.
final class Fleet: Sendable {
    enum Backend: String, CaseIterable, Sendable { case embedded, zooKeeper }

    let directory: TemporaryDirectory
    let zooKeeper: ZooKeeperServer?
    let store: String
    private let addresses: LoopbackAddresses
    private let program: String
    private let stages = Processes()

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Lays out the site (the project's own rules, small inputs) and starts all but proxies.
    ///
    /// - Parameter more: goes at the end of the configuration file.
    init(_ backend: Backend, more: String = "") async throws {
        directory = try TemporaryDirectory("fleet")
        // The daemons' users must get through.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
        addresses = try LoopbackAddresses()
        let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        program = (here as NSString).deletingLastPathComponent + "/freshet"
        switch backend {
        case .embedded:
            zooKeeper = nil
            store = directory.path + "/store"
        case .zooKeeper:
            let server = try await ZooKeeperServer.start()
            zooKeeper = server
            store = "zookeeper://\(server.hosts)/freshet"
        }
        try layOutSite(more)
        try await git("init", "-qb", "main")
        try await git("config", "user.name", "Test")
        try await git("config", "user.email", "test@example.org")
        _ = try await freshet("keys", "generate")
        // A person's, for those tests whose configuration names her.
        _ = try await freshet("keys", "generate", "--name", "ada")
        try await commit("first")
        for stage in ["configurator", "presenter", "publisher"] { try start(stage) }
    }

    private func layOutSite(_ more: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: site + "/edits", withIntermediateDirectories: true)
        try files.copyItem(atPath: Self.root + "/rules", toPath: site + "/rules")
        try files.copyItem(atPath: Self.root + "/demo/site/inventory", toPath: site + "/inventory")
        try write("site/edits/README", "edits/*.yaml")
        try write("mirrors", "#LOC:AT\nhttp://ftp.at.debian.org/debian/\n#LOC:SE\nhttp://ftp.se.debian.org/debian/\n")
        // 193.170.0.0/15 and 130.239.0.0/16.
        try write("geoip", "3249143808,3249274879,AT\n2196701184,2196766719,SE\n")
        try write(
            "pipeline.yaml",
            """
            pipeline: test
            store: \(store)
            shards: 16
            site: {repository: site}
            inputs: {debian-mirrors: mirrors, geoip: geoip}
            publisher: {heartbeat: 2s}
            proxy: {probe: 200ms}
            \(more)
            """)
    }

    var site: String { directory.path + "/site" }

    func write(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: directory.path + "/" + path))
    }

    // MARK: Processes

    func start(_ stage: String, _ settings: [String: String] = [:], name: String? = nil) throws {
        let name = name ?? stage
        let overrides = settings.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        let process = try ChildProcess(
            [program, stage, "--config", directory.path + "/pipeline.yaml", "--log-format", "text", "--log-level", "debug"] + overrides,
            directory: directory.path, log: "\(directory.path)/\(name).log")
        stages.add(name, process)
    }

    func startProxy(_ index: Int, _ settings: [String: String] = [:]) throws {
        try start(
            "proxy",
            settings.merging([
                "proxy.host": "p\(index)", "proxy.tinydns.address": tinydns(index).host,
                "proxy.unbound.address": unbound(index).host, "proxy.metrics": "\(unbound(index).host):9153",
            ]) { $1 }, name: "p\(index)")
    }

    /// SIGKILL: its daemons stay.
    func kill(_ name: String) async { await stages.remove(name)?.kill() }

    func tinydns(_ index: Int) -> DNSClient.Server { .init(host: addresses[2 * index]) }
    func unbound(_ index: Int) -> DNSClient.Server { .init(host: addresses[2 * index + 1]) }

    func proxyDirectory(_ index: Int) -> String { "\(directory.path)/state/proxy-p\(index)" }

    func pid(of daemon: String, _ index: Int) throws -> pid_t {
        let text = try String(contentsOfFile: "\(proxyDirectory(index))/\(daemon).pid", encoding: .utf8)
        guard let pid = text.split(whereSeparator: \.isWhitespace).first.flatMap({ pid_t($0) }) else { throw TestFailure("no pid of \(daemon)") }
        return pid
    }

    /// Ends every process, the daemons of killed proxies too.
    func stop() async {
        for process in stages.removeAll() { await process.kill() }
        for index in 0..<addresses.count / 2 {
            for daemon in ["tinydns", "axfrdns", "unbound"] {
                let text = (try? String(contentsOfFile: "\(proxyDirectory(index))/\(daemon).pid", encoding: .utf8)) ?? ""
                for pid in text.split(whereSeparator: \.isWhitespace).compactMap({ pid_t($0) }) { Glibc.kill(pid, SIGKILL) }
            }
        }
        await zooKeeper?.stop()
    }

    // MARK: Commands

    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    func freshet(_ arguments: String...) async throws -> Outcome { try await freshet(arguments) }

    func freshet(_ arguments: [String]) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments),
            environment: .inherit.updating(["FRESHET_CONFIG": directory.path + "/pipeline.yaml"]),
            workingDirectory: FilePath(directory.path), output: .string(limit: 4 << 20), error: .string(limit: 1 << 20))
        guard case .exited(let code) = result.terminationStatus else { throw TestFailure("freshet \(arguments) crashed") }
        return Outcome(status: code, output: result.standardOutput, errors: result.standardError)
    }

    func git(_ arguments: String...) async throws {
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(["-C", site] + arguments), output: .discarded, error: .string(limit: 65536))
        guard result.terminationStatus.isSuccess else { throw TestFailure("git \(arguments): \(result.standardError)") }
    }

    func commit(_ subject: String) async throws {
        try await git("add", "-A")
        try await git("commit", "-qm", subject)
    }

    /// Waits until `count` proxies show the branch's newest commit.
    func waitForHead(_ count: Int) async throws {
        let outcome = try await freshet("wait", "--commit", "main", "--proxies", "\(count)", "--timeout", "60")
        guard outcome.status == 0 else { throw TestFailure("\(outcome.errors)\n\(logs)") }
    }

    /// What a name server answers, in presentation format, sorted.
    func ask(_ name: String, _ type: RRType, at server: DNSClient.Server, from source: String? = nil) async throws -> [String] {
        let answer = try await DNSClient().query(
            try Name(name), type, at: server, recursionDesired: true, timeout: .seconds(5), source: source)
        return answer.answers.filter { $0.type == type }.map { $0.rdata.text(type: type) }.sorted()
    }

    /// The last lines of every process's log, for failures.
    var logs: String {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".log") }.sorted().map { file in
            let text = (try? String(contentsOfFile: directory.path + "/" + file, encoding: .utf8)) ?? ""
            return "--- \(file)\n" + text.split(separator: "\n").suffix(8).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}

/// Runs `body` with a fleet that is stopped whatever happens.
func withFleet(_ backend: Fleet.Backend, more: String = "", _ body: (Fleet) async throws -> Void) async throws {
    let fleet = try await Fleet(backend, more: more)
    do {
        try await body(fleet)
    } catch {
        Issue.record("\(error)\n\(fleet.logs)")
    }
    await fleet.stop()
}
