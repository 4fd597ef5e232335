import DNSClient
import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

extension PipelineTests {
    /// What the name servers may do, and for whom.
    @Suite(.serialized) struct DaemonRightsTests {
        @Test func asUsersOfTheirOwnAndForTheirClients() async throws {
            try await withFleet(.embedded) { fleet in
                let outside = Self.outsideAddress()
                try fleet.startProxy(0)
                try fleet.startProxy(1, outside.map { ["proxy.unbound.clients": "\($0)/32"] } ?? [:])
                try await fleet.waitForHead(2)

                let root = URL(filePath: "\(fleet.proxyDirectory(0))/tinydns").resolvingSymlinksInPath().path
                for (daemon, user) in [("tinydns", "tinydns"), ("unbound", "unbound")] {
                    let process = Process(try fleet.pid(of: daemon, 0))
                    #expect(process.users == [try Self.id(of: user)], "\(daemon)")
                    // Before the work of the proxy, where that may say so.
                    let which = __priority_which_t(PRIO_PROCESS.rawValue)
                    let ours = getpriority(which, 0), theirs = getpriority(which, id_t(try fleet.pid(of: daemon, 0)))
                    #expect(geteuid() != 0 || theirs < ours, "\(daemon) has priority \(theirs)")
                }
                #expect(Process(try fleet.pid(of: "tinydns", 0)).root == root)

                // axfrdns is there while somebody is connected.
                let listener = try fleet.pid(of: "axfrdns", 0)
                let client = try Connection(to: fleet.tinydns(0).host)
                let tinydnsUser = try Self.id(of: "tinydns")
                try await eventually("axfrdns has given up its rights") {
                    let servers = Process(listener).children
                    return !servers.isEmpty && servers.allSatisfy { $0.users == [tinydnsUser] && $0.root == root }
                }
                _ = client

                // Nobody gets a zone as a whole.
                let dig = try Program("dig", hint: "apt-get install bind9-dnsutils")
                for server in [fleet.tinydns(0), fleet.unbound(0)] {
                    let soa = try await dig.run(["@\(server.host)", "mirrors.test", "SOA", "+tcp", "+short"])
                    #expect(soa.text.contains("mirrors.test"), "TCP answers: \(soa.text)")
                    let zone = try await dig.run(["@\(server.host)", "mirrors.test", "AXFR", "+time=5", "+tries=1"])
                    #expect(!zone.text.contains("192.0.2."), "\(zone.text)")
                }
                // unbound answers whom it was told to.
                guard let outside else { return }
                func ask(_ index: Int) async throws -> String {
                    try await dig.run(["-b", outside, "@\(fleet.unbound(index).host)", "web1.mirrors.test", "A", "+time=2", "+tries=2"]).text
                }
                let refused = try await ask(0), answered = try await ask(1)
                #expect(refused.contains("status: REFUSED") && !refused.contains("192.0.2.10"), "\(refused)")
                #expect(answered.contains("192.0.2.10"), "\(answered)")
            }
        }

        /// An address of this host that is not on loopback, if it has one.
        private static func outsideAddress() -> String? {
            var first: UnsafeMutablePointer<ifaddrs>?
            guard getifaddrs(&first) == 0 else { return nil }
            defer { freeifaddrs(first) }
            for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
                guard let address = entry?.pointee.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else { continue }
                let text = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { String(cString: inet_ntoa($0.pointee.sin_addr)) }
                if !text.hasPrefix("127.") { return text }
            }
            return nil
        }

        private static func id(of user: String) throws -> UInt32 {
            guard let entry = getpwnam(user) else { throw TestFailure("no user \(user)") }
            return entry.pointee.pw_uid
        }
    }
}

/// A process as the kernel shows it (proc(5)).
private struct Process {
    private let directory: String

    init(_ pid: pid_t) { directory = "/proc/\(pid)" }

    /// Real, effective, saved and of the file system.
    var users: Set<UInt32> {
        let status = (try? String(contentsOfFile: directory + "/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }
        return Set((line ?? "").split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) })
    }

    var root: String? { try? FileManager.default.destinationOfSymbolicLink(atPath: directory + "/root") }

    var children: [Process] {
        let pid = directory.split(separator: "/")[1]
        let text = (try? String(contentsOfFile: "\(directory)/task/\(pid)/children", encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { pid_t($0).map { Process($0) } }
    }
}

/// Connected to port 53 for as long as it lives.
private final class Connection {
    private let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)

    init(to host: String) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(53).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard outcome == 0 else { throw TestFailure("no connection to \(host)") }
    }

    deinit { close(descriptor) }
}
