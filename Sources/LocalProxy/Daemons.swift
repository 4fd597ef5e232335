internal import DNSClient
internal import DNSWire
internal import Foundation
internal import Glibc
internal import Logging
internal import Pipeline
internal import Subprocess
internal import SystemPackage

/// The name servers of a proxy: their configuration, their processes, unbound's control.
///
/// tinydns answers over UDP only. What does not fit 512 octets is asked again over TCP
/// (RFC 1035 section 4.2), which djbdns' axfrdns answers from the same database; transfers
/// it refuses.
struct Daemons: Sendable {
    let settings: ProxySettings
    let logger: Logger

    private var configuration: String { "\(settings.unboundDirectory)/unbound.conf" }
    private var zones: String { "\(settings.unboundDirectory)/zones.conf" }

    /// Makes the directories and unbound's configuration of this host, with the zones of `template`.
    func prepare(zonesTemplate template: String?) throws {
        for directory in [settings.tinydnsRoot, settings.unboundDirectory] {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        }
        let remote = """
            remote-control:
                control-enable: yes
                control-interface: "\(settings.unboundDirectory)/control.sock"
                control-use-cert: no

            """
        let server = settings.unbound.server
        let own = server.host.contains(":") ? "\(server.host)/128" : "\(server.host)/32"
        let access = (["127.0.0.0/8", "::1/128", own] + settings.clients)
            .map { "    access-control: \($0) allow" }.joined(separator: "\n")
        let main = """
            # Made by the Freshet proxy of \(settings.host).
            server:
                interface: \(server.host)@\(server.port)
                port: \(server.port)
            \(access)
                username: "\(settings.unbound.user ?? "")"
                chroot: ""
                directory: "\(settings.unboundDirectory)"
                pidfile: ""
                use-syslog: no
                verbosity: 0
                do-daemonize: no
                do-not-query-localhost: no
                num-threads: 1
                so-reuseport: yes
                extended-statistics: yes
                hide-identity: yes
                hide-version: yes

            """
        try Data((main + remote + "include: \"\(zones)\"\n").utf8).write(to: URL(filePath: configuration), options: .atomic)
        if let template {
            try Data(filled(template).utf8).write(to: URL(filePath: zones), options: .atomic)
        } else if !FileManager.default.fileExists(atPath: zones) {
            try Data(Self.closed.utf8).write(to: URL(filePath: zones))
        }
    }

    /// Until the first release nobody knows which names are ours: that there are none would be a lie, and
    /// one that clients remember. Who is refused asks another resolver.
    private static let closed = """
        server:
            unblock-lan-zones: yes
            local-zone: "test." nodefault
            local-zone: "." refuse

        """

    /// Returns when both are started, and no daemon of an earlier proxy answers.
    func untilSettled() async {
        await tinydnsSettled.wait()
        await unboundSettled.wait()
    }

    private let tinydnsSettled = Latch()
    private let unboundSettled = Latch()

    init(settings: ProxySettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Supervises them until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await supervisor(.tinydns).run() }
            group.addTask { await supervisor(.unbound).run() }
            let missing = [Self.tcpserver, Self.axfrdns].filter { !FileManager.default.isExecutableFile(atPath: $0) }
            if missing.isEmpty {
                group.addTask { await supervisor(.axfrdns).run() }
            } else {
                logger.warning(
                    "answers over 512 octets are not served: install the packages axfrdns and ucspi-tcp",
                    metadata: ["missing": "\(missing.joined(separator: ", "))"])
            }
        }
    }

    private static let tcpserver = "/usr/bin/tcpserver"
    private static let axfrdns = "/usr/sbin/axfrdns"
    /// Connections at once; more wait to be accepted (tcpserver(1)).
    private static let tcpConnections = 100

    /// Gives unbound other zones, checked first: one by one while it goes on answering, or,
    /// if they are many, by a reload that keeps its cache.
    func setZones(_ template: String) async throws {
        let text = filled(template)
        let old = (try? String(contentsOfFile: zones, encoding: .utf8)) ?? ""
        guard text != old else { return }
        try Data(text.utf8).write(to: URL(filePath: zones), options: .atomic)
        do {
            try await run("unbound-checkconf", [configuration])
            let before = stubs(in: old), after = stubs(in: text)
            let added = after.subtracting(before), removed = before.subtracting(after)
            guard added.count + removed.count <= Self.mostLive, old != Self.closed else { return try await control.run([["reload_keep_cache"]]) }
            // What it knew of the names from elsewhere goes last.
            try await control.run(
                removed.flatMap { [["stub_remove", $0], ["local_zone_remove", $0], ["insecure_remove", $0]] }
                    + added.flatMap {
                        [["insecure_add", $0], ["local_zone", $0, "transparent"], ["stub_add", $0, settings.tinydns.server.host]]
                    }
                    + (removed.union(added)).map { ["flush_zone", $0] })
        } catch {
            // The next try finds all of them to do again; doing it twice is harmless.
            try Data(old.utf8).write(to: URL(filePath: zones), options: .atomic)
            // Unless unbound cannot start with what was there, as after a power loss: then it is not
            // running, and starts with the new ones.
            if (try? await run("unbound-checkconf", [configuration])) == nil {
                try Data(text.utf8).write(to: URL(filePath: zones), options: .atomic)
                if (try? await run("unbound-checkconf", [configuration])) == nil {
                    try Data(old.utf8).write(to: URL(filePath: zones), options: .atomic)
                }
            }
            throw error
        }
    }

    /// A reload takes 50 ms for as many zones and more; each by itself takes some tenths of one.
    private static let mostLive = 100

    /// The stub zones of a configuration of ours, as they are written there.
    private func stubs(in text: String) -> Set<String> {
        let start = "    name: \""
        return Set(text.split(separator: "\n").filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count).dropLast()) })
    }

    /// Makes unbound forget what changed, so that its clients see it at once and not a
    /// TTL later.
    func flush(_ stale: StaleNames) async throws {
        var commands = stale.zones.map { ["flush_zone", "\($0)"] }
        for (name, types) in stale.names {
            // Also a cached denial; `flush` covers the common types, not TXT or CAA.
            commands.append(["flush", "\(name)"])
            for type in types where !Self.flushedTypes.contains(type) {
                // By number: unbound says ok to mnemonics that it does not know.
                commands.append(["flush_type", "\(name)", "TYPE\(type.rawValue)"])
            }
        }
        try await control.run(commands)
    }

    /// What `flush NAME` removes (unbound-control(8)).
    private static let flushedTypes: Set<RRType> = [.a, .aaaa, .ns, .soa, .cname, .dname, .mx, .ptr, .srv, .naptr]

    func statistics() async throws -> UnboundStatistics { try await control.statistics() }

    private var control: UnboundControl { UnboundControl(socketPath: "\(settings.unboundDirectory)/control.sock") }

    private func filled(_ template: String) -> String {
        template.replacingOccurrences(of: "@tinydns@", with: settings.tinydns.server.host)
    }

    private func run(_ program: String, _ arguments: [String]) async throws {
        let result = try await Subprocess.run(
            .path(.init("/usr/sbin/\(program)")), arguments: Arguments(arguments), output: .string(limit: 64 << 10), error: .string(limit: 16 << 20))
        guard result.terminationStatus.isSuccess else {
            let said = (result.standardError + result.standardOutput).trimmingCharacters(in: .whitespacesAndNewlines)
            throw ProxyError(.daemon, "\(program) \(arguments.dropFirst(2).joined(separator: " ")): \(said)")
        }
    }

    private enum Kind { case tinydns, axfrdns, unbound }

    private func supervisor(_ kind: Kind) -> Supervisor {
        switch kind {
        case .tinydns:
            // As the kernel shows it: without symbolic links.
            let chroot = URL(filePath: settings.tinydnsRoot).resolvingSymlinksInPath().path
            return Supervisor(
                name: "tinydns", program: "/usr/sbin/tinydns", arguments: [],
                environment: tinydnsEnvironment,
                pidFile: "\(settings.directory)/tinydns.pid", logger: logger,
                isOurs: { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/root")) == chroot },
                serves: { await answers(settings.tinydns.server) }, settled: tinydnsSettled)
        case .axfrdns:
            // No look-ups of whom it serves, and no zone that may be transferred (AXFR).
            let arguments = [
                "-D", "-R", "-H", "-l", "0", "-c", "\(Self.tcpConnections)", settings.tinydns.server.host, "53", Self.axfrdns,
            ]
            return Supervisor(
                name: "axfrdns", program: Self.tcpserver, arguments: arguments,
                environment: tinydnsEnvironment.merging(["AXFR": ""]) { $1 }, pidFile: "\(settings.directory)/axfrdns.pid",
                logger: logger, isOurs: { commandLine(of: $0).dropFirst().elementsEqual(arguments) },
                serves: { await answers(settings.tinydns.server) }, settled: Latch(), canOverlap: false)
        case .unbound:
            let configuration = configuration
            return Supervisor(
                name: "unbound", program: "/usr/sbin/unbound", arguments: ["-d", "-c", configuration], environment: [:],
                pidFile: "\(settings.directory)/unbound.pid", logger: logger,
                isOurs: { commandLine(of: $0).contains(configuration) },
                serves: { await answers(settings.unbound.server) }, settled: unboundSettled)
        }
    }

    /// Gives a daemon the time to bind. Silence tells nothing, since tinydns is silent
    /// about names that it has not; that its process lives is looked at besides.
    private func answers(_ server: DNSClient.Server) async -> Bool {
        for _ in 0..<5 {
            do {
                _ = try await DNSClient().query(.root, .ns, at: server, timeout: .milliseconds(100))
                return true
            } catch let error as DNSClientError where error.code == .timeout {
                return true
            } catch {
                if Task.isCancelled { return false }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        return false
    }

    private var tinydnsEnvironment: [String: String] {
        let ids = userIDs(settings.tinydns.user ?? "nobody")
        return [
            "IP": settings.tinydns.server.host, "ROOT": settings.tinydnsRoot, "UID": "\(ids.user)", "GID": "\(ids.group)",
        ]
    }

    private func commandLine(of pid: pid_t) -> [String] {
        guard let octets = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")) else { return [] }
        return String(decoding: octets, as: UTF8.self).split(separator: "\0").map(String.init)
    }

    private func userIDs(_ user: String) -> (user: UInt32, group: UInt32) {
        guard let entry = getpwnam(user) else { return (65534, 65534) }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }
}
