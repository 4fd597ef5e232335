internal import Foundation
internal import Glibc

/// ZooKeeper servers from Debian's package on loopback: one, or an ensemble.
///
/// Ports are free ones, data lives in a temporary directory, and the processes
/// end with their owner.
public final class ZooKeeperServer: Sendable {
    /// `127.0.0.1:port,…` of all members.
    public let hosts: String
    private let ports: [UInt16]
    private let directory: TemporaryDirectory
    private let members: [ChildProcess]

    /// Starts `count` members and returns when all serve.
    ///
    /// - Throws: ``TestFailure`` if Java or the package is missing, or a server
    ///   does not come up.
    public static func start(members count: Int = 1) async throws -> ZooKeeperServer {
        // Somebody else may take a port between our looking and the server's start.
        var attempt = 0
        while true {
            let server = try ZooKeeperServer(count)
            do {
                try await eventually("ZooKeeper serves", within: .seconds(30)) {
                    let modes = await server.modes()
                    if let dead = server.members.firstIndex(where: { !$0.isRunning }) {
                        throw TestFailure("ZooKeeper did not start: \(server.log(dead))")
                    }
                    return modes.allSatisfy { $0 != nil }
                }
                return server
            } catch {
                await server.stop()
                attempt += 1
                if attempt == 2 { throw error }
            }
        }
    }

    private init(_ count: Int) throws {
        let jars = ["/usr/share/java/zookeeper.jar", "/usr/share/java/slf4j-simple.jar"]
        for jar in jars where !FileManager.default.fileExists(atPath: jar) {
            throw TestFailure("\(jar) is missing: install Debian's 'zookeeper'")
        }
        directory = try TemporaryDirectory("zookeeper")
        let free = try freePorts(3 * count)
        ports = Array(free.prefix(count))
        hosts = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
        let ensemble = (0..<count).map { "server.\($0 + 1)=127.0.0.1:\(free[count + $0]):\(free[2 * count + $0])\n" }
        var members: [ChildProcess] = []
        for (i, port) in ports.enumerated() {
            let home = "\(directory.path)/\(i + 1)"
            try FileManager.default.createDirectory(atPath: "\(home)/data", withIntermediateDirectories: true)
            let configuration = """
                dataDir=\(home)/data
                clientPort=\(port)
                clientPortAddress=127.0.0.1
                tickTime=200
                minSessionTimeout=400
                maxSessionTimeout=60000
                maxClientCnxns=0
                admin.enableServer=false
                4lw.commands.whitelist=*
                initLimit=25
                syncLimit=10
                \(count > 1 ? ensemble.joined() : "")
                """
            try configuration.write(toFile: "\(home)/zoo.cfg", atomically: true, encoding: .utf8)
            try "\(i + 1)".write(toFile: "\(home)/data/myid", atomically: true, encoding: .utf8)
            members.append(
                try ChildProcess(
                    [
                        "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                        jars.joined(separator: ":"), "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                        "\(home)/zoo.cfg",
                    ], directory: home, log: "\(home)/log", directoryToRemove: home))
        }
        self.members = members
    }

    /// Each member's mode, `leader`, `follower` or `standalone`; `nil` if it does
    /// not serve. (`ruok` says `imok` before that.)
    public func modes() async -> [String?] {
        var modes: [String?] = []
        for i in ports.indices {
            let answer = await ask("srvr", member: i)
            modes.append(answer.split(separator: "\n").first { $0.hasPrefix("Mode: ") }.map { String($0.dropFirst(6)) })
        }
        return modes
    }

    /// Kills one member with SIGKILL.
    public func kill(_ member: Int) async { await members[member].kill() }

    /// What one member answers to a four-letter word.
    public func ask(_ word: String, member: Int = 0) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [port = ports[member]] in continuation.resume(returning: Self.ask(word, port)) }
        }
    }

    public func stop() async {
        for member in members { await member.kill() }
    }

    private func log(_ member: Int) -> String {
        let text = (try? String(contentsOfFile: "\(directory.path)/\(member + 1)/log", encoding: .utf8)) ?? ""
        return String(text.suffix(600))
    }

    private static func ask(_ word: String, _ port: UInt16) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = loopback(port: port)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0, send(descriptor, word, word.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else { return "" }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { answer += buffer.prefix(count) }
        return String(decoding: answer, as: UTF8.self)
    }
}
