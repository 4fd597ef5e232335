import Foundation
import Subprocess
import SystemPackage
import TestSupport

/// BIRD as the router, and an ExaBGP for each site, whose process is `freshet vip`. All
/// on loopback, without a privileged port.
final class Router: Sendable {
    static let prefix = "192.0.2.53/32"

    private let directory: String
    private let address: String
    private let sites: [String]
    private let processes = Processes()

    /// - Parameters:
    ///   - address: the router's own.
    ///   - sites: one address for each site, from which its ExaBGP speaks.
    init(in directory: String, address: String, sites: [String]) throws {
        self.directory = directory
        self.address = address
        self.sites = sites
        let sessions = sites.enumerated().map { index, site in
            """
            protocol bgp site\(index) {
                local \(address) port 1790 as 65000; strict bind yes;
                neighbor \(site) as 65001; multihop; passive yes;
                ipv4 { import all; export none; };
            }
            """
        }
        try write("bird.conf", (["router id 10.0.0.100;", "log stderr all;", "protocol device {}"] + sessions).joined(separator: "\n"))
        let bird = try ChildProcess(
            ["bird", "-f", "-c", directory + "/bird.conf", "-s", control, "-P", directory + "/bird.pid"], directory: directory,
            log: directory + "/bird.log")
        processes.add("bird", bird)
    }

    private var control: String { directory + "/bird.ctl" }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
    }

    /// Starts a site's ExaBGP with `command` as its process.
    func start(_ site: Int, running command: [String]) throws {
        // ExaBGP takes the words of "run" apart as a shell does.
        try write("vip\(site).sh", "#!/bin/sh\nexec \(command.joined(separator: " ")) 2>>\(directory)/vip\(site).log\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(directory)/vip\(site).sh")
        try write(
            "exabgp\(site).conf",
            """
            process freshet {
                run \(directory)/vip\(site).sh;
                encoder text;
            }
            neighbor \(address) {
                router-id 10.0.0.\(site + 1);
                local-address \(sites[site]);
                local-as 65001;
                peer-as 65000;
                connect 1790;
                family { ipv4 unicast; }
                api { processes [ freshet ]; }
            }
            """)
        let exabgp = try ChildProcess(
            [
                "env", "exabgp.daemon.user=root", "exabgp.tcp.delay=0", "exabgp.log.destination=stderr", "exabgp.api.cli=false", "exabgp",
                "\(directory)/exabgp\(site).conf",
            ], directory: directory, log: "\(directory)/exabgp\(site).log")
        processes.add("exabgp\(site)", exabgp)
    }

    func kill(_ name: String) async { await processes.remove(name)?.kill() }

    func stop() async {
        for process in processes.removeAll() { await process.kill() }
    }

    private func ask(_ words: String...) async throws -> String {
        let result = try await Subprocess.run(
            .name("birdc"), arguments: Arguments(["-s", control] + words), output: .string(limit: 1 << 20), error: .discarded)
        return result.standardOutput
    }

    /// The sites that a route to the prefix leads to.
    func routes() async throws -> Set<Int> {
        let text = try await ask("show", "route", "all", "for", Self.prefix)
        return Set(sites.indices.filter { text.contains("[site\($0) ") })
    }

    /// The MED (RFC 4271 §5.1.4) of each site's route, 0 if it has none, and the site that the
    /// router prefers.
    func preferences() async throws -> (meds: [Int: UInt32], best: Int?) {
        var meds: [Int: UInt32] = [:], best: Int?, site: Int?
        for line in try await ask("show", "route", "all", "for", Self.prefix).split(separator: "\n") {
            if let next = sites.indices.first(where: { line.contains("[site\($0) ") }) {
                site = next
                meds[next] = 0
                if line.contains("] * (") { best = next }
            } else if let site, let med = line.firstMatch(of: #/BGP\.med:\s*(\d+)/#) {
                meds[site] = UInt32(med.1)
            }
        }
        return (meds, best)
    }

    func waitForMEDs(_ wanted: [Int: UInt32], best: Int, _ why: String, within limit: Duration = .seconds(30)) async throws {
        var seen = try await preferences()
        do {
            try await eventually("MEDs are \(wanted), \(best) is preferred: \(why)", within: limit) {
                seen = try await self.preferences()
                return seen.meds == wanted && seen.best == best
            }
        } catch { throw TestFailure("\(error); seen: \(seen)") }
    }

    /// How many routes a site has withdrawn since the start.
    func withdrawals(_ site: Int) async throws -> Int {
        let text = try await ask("show", "protocols", "all", "site\(site)")
        guard let line = text.split(separator: "\n").first(where: { $0.contains("Import withdraws:") }),
            let number = line.split(whereSeparator: \.isWhitespace).dropFirst(2).first.flatMap({ Int($0) })
        else { throw TestFailure("BIRD does not count withdrawals: \(text)") }
        return number
    }

    func waitForRoutes(_ wanted: Set<Int>, _ why: String, within limit: Duration = .seconds(20)) async throws {
        try await eventually("routes lead to \(wanted.sorted()): \(why)", within: limit) { try await self.routes() == wanted }
    }
}
