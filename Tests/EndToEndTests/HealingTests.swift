import DNSClient
import DNSWire
import Foundation
import Glibc
import Pipeline
import TestSupport
import Testing

/// A proxy returns to a good state by itself, and says what happened.
@Suite(.serialized)
struct HealingTests {
    private func web1(_ fleet: Fleet, at server: DNSClient.Server) async -> [String]? {
        try? await DNSClient().query(try Name("web1.mirrors.test"), .a, at: server, recursionDesired: true, timeout: .milliseconds(300))
            .answers.filter { $0.type == .a }.map { $0.rdata.text(type: .a) }.sorted()
    }

    private func untilServed(_ fleet: Fleet, _ what: String, _ addresses: [String] = ["192.0.2.10"]) async throws {
        for server in [fleet.tinydns(0), fleet.unbound(0)] {
            try await eventually("\(what): served", within: .seconds(40)) { await web1(fleet, at: server) == addresses }
        }
    }

    private func untilSaid(_ fleet: Fleet, _ words: String) async throws {
        try await eventually("the log says '\(words)'", within: .seconds(40)) {
            try String(contentsOfFile: fleet.directory.path + "/p0.log", encoding: .utf8).contains(words)
        }
    }

    /// Tries at random places, so that it is a record more often than not.
    private func flipBits(in path: String, _ random: inout Seeded, times: Int) throws {
        var octets = try Data(contentsOf: URL(filePath: path))
        for _ in 0..<times { octets[2048 + random.below(octets.count - 2048)] ^= UInt8(1 << random.below(8)) }
        // In place: the inode that tinydns opens.
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.write(contentsOf: octets)
        try handle.close()
    }

    @Test func damagedDatabases() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0, ["proxy.scrub": "500ms"])
            try await fleet.waitForHead(1)
            let database = fleet.proxyDirectory(0) + "/tinydns/data.cdb"
            for damage in [Data(), Data("not a database".utf8)] {
                try damage.write(to: URL(filePath: database))
                try await untilServed(fleet, "truncated")
            }
            try FileManager.default.removeItem(atPath: database)
            try await untilServed(fleet, "removed")
            try await untilSaid(fleet, "the database is damaged: it is made anew")

            // All of it is compared: afterwards every record is as in the files.
            var random = Seeded(8)
            let before = try repairs(fleet)
            try flipBits(in: database, &random, times: 400)
            // By a scrub, or by a heartbeat that came first and met them in the copy.
            try await eventually("flipped bits are found", within: .seconds(30)) { try repairs(fleet) > before }
            try await untilServed(fleet, "flipped bits")

            // What it is made of is damaged as well: fetched anew.
            let contents = fleet.proxyDirectory(0) + "/contents"
            for name in try FileManager.default.contentsOfDirectory(atPath: contents) {
                let path = contents + "/" + name
                try FileManager.default.removeItem(atPath: path)
                try Data("torn".utf8).write(to: URL(filePath: path))
            }
            try Data().write(to: URL(filePath: database))
            try await untilServed(fleet, "damaged files")
            // By a scrub again, or by a heartbeat.
            try await untilSaid(fleet, "is damaged on this disk")
            try await eventually("healthy again", within: .seconds(30)) { try await fleet.freshet("status").output.contains(" ok") }
        }
    }

    private func repairs(_ fleet: Fleet) throws -> Int {
        try String(contentsOfFile: fleet.directory.path + "/p0.log", encoding: .utf8)
            .split(separator: "\n").count { $0.contains("the database is damaged") || $0.contains("makes the database anew") || $0.contains("is made anew") }
    }

    @Test func daemonsThatDieOrHang() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            for daemon in ["tinydns", "unbound", "axfrdns"] {
                for signal in [SIGKILL, SIGTERM] {
                    let pid = try fleet.pid(of: daemon, 0)
                    #expect(kill(pid, signal) == 0)
                    try await eventually("\(daemon) runs again", within: .seconds(40)) {
                        (try? fleet.pid(of: daemon, 0)).map { $0 != pid && kill($0, 0) == 0 } ?? false
                    }
                    try await untilServed(fleet, daemon)
                }
            }
            // One that hangs is no release's fault: it is told, and all is well when it goes on.
            let pid = try fleet.pid(of: "tinydns", 0)
            #expect(kill(pid, SIGSTOP) == 0)
            try await eventually("the silence is told", within: .seconds(40)) {
                !(try await fleet.freshet("status").output.contains(" ok"))
            }
            #expect(kill(pid, SIGCONT) == 0)
            try await untilServed(fleet, "it hung")
        }
    }

    /// Files as a power loss leaves them: empty, cut, or absent, at random.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func halfWrittenDirectories(_ seed: UInt64) async throws {
        try await withFleet(.embedded) { fleet in
            var random = Seeded(seed)
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            await fleet.kill("p0")
            for daemon in ["tinydns", "unbound", "axfrdns"] { kill(try fleet.pid(of: daemon, 0), SIGKILL) }
            let root = fleet.proxyDirectory(0)
            for path in try FileManager.default.subpathsOfDirectory(atPath: root).sorted() where random.chance(2) {
                var isDirectory: ObjCBool = false
                guard FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isDirectory), !isDirectory.boolValue else { continue }
                guard let octets = try? Data(contentsOf: URL(filePath: "\(root)/\(path)")) else { continue }
                try FileManager.default.removeItem(atPath: "\(root)/\(path)")
                switch random.below(3) {
                case 0: break
                case 1: try Data().write(to: URL(filePath: "\(root)/\(path)"))
                default: try octets.prefix(random.below(max(1, octets.count))).write(to: URL(filePath: "\(root)/\(path)"))
                }
            }
            try fleet.startProxy(0)
            try await untilServed(fleet, "after the power loss")
            try await eventually("healthy again", within: .seconds(30)) { try await fleet.freshet("status").output.contains(" ok") }
        }
    }

    @Test func aFullDisk() async throws {
        try await withFleet(.embedded) { fleet in
            let root = fleet.proxyDirectory(0)
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            try #require(mount("tmpfs", root, "tmpfs", 0, "size=2m,mode=755") == 0, "a small file system: these tests run as root")
            defer { umount2(root, Int32(MNT_DETACH)) }
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            let filler = root + "/filler"
            #expect(FileManager.default.createFile(atPath: filler, contents: nil))
            let handle = try FileHandle(forWritingTo: URL(filePath: filler))
            while (try? handle.write(contentsOf: Data(count: 4096))) != nil {}
            try handle.close()
            try fleet.write(
                "site/edits/full.yaml",
                "edits:\n  - {action: set, name: web1.mirrors.test, type: A, ttl: 60, values: [192.0.2.77], overrides: site/Servers, owner: o, reason: r}\n")
            try await fleet.commit("while the disk is full")
            try await eventually("the full disk is told", within: .seconds(40)) {
                !(try await fleet.freshet("status").output.contains(" ok"))
            }
            #expect(await web1(fleet, at: fleet.tinydns(0)) == ["192.0.2.10"])
            try FileManager.default.removeItem(atPath: filler)
            try await untilServed(fleet, "room again", ["192.0.2.77"])
            await fleet.stop()
        }
    }

    /// The proxy's clock a day ahead, and behind: it serves, follows, and says what is odd.
    @Test(arguments: [86_400, -86_400])
    func aClockThatJumped(_ seconds: Int) async throws {
        try await withFleet(.embedded) { fleet in
            let library = fleet.directory.path + "/clock_skew.so"
            let compiled = try await Program("cc", hint: "install the package gcc").run(
                ["-shared", "-fPIC", "-o", library, Fleet.root + "/Tests/Oracles/clock_skew.c"])
            #expect(FileManager.default.fileExists(atPath: library), "\(compiled.text)")
            setenv("LD_PRELOAD", library, 1)
            setenv("CLOCK_SKEW", "\(seconds)", 1)
            let started = Result { try fleet.startProxy(0) }
            for name in ["LD_PRELOAD", "CLOCK_SKEW"] { unsetenv(name) }
            try started.get()
            try await untilServed(fleet, "with a wrong clock")
            try fleet.write(
                "site/edits/clock.yaml",
                "edits:\n  - {action: set, name: web1.mirrors.test, type: A, ttl: 60, values: [192.0.2.78], overrides: site/Servers, owner: o, reason: r}\n")
            try await fleet.commit("the clock is wrong")
            try await untilServed(fleet, "it follows", ["192.0.2.78"])
            try await eventually("the odd clock is told", within: .seconds(40)) {
                try await fleet.freshet("status").output.contains(seconds > 0 ? "ms old" : "from the future")
            }
        }
    }
}
