import Foundation
import Glibc
import Synchronization
import TestSupport

/// Running processes by name.
final class Processes: Sendable {
    private let byName = Mutex<[String: ChildProcess]>([:])

    func add(_ name: String, _ process: ChildProcess) { byName.withLock { $0[name] = process } }
    func remove(_ name: String) -> ChildProcess? { byName.withLock { $0.removeValue(forKey: name) } }
    func removeAll() -> [ChildProcess] {
        byName.withLock { table in
            defer { table = [:] }
            return Array(table.values)
        }
    }
}

/// Loopback addresses whose port 53 nobody has: tinydns knows no other port.
struct LoopbackAddresses: Sendable {
    private let list: [String]

    init(count: Int = 8) throws {
        for _ in 0..<50 {
            let prefix = "127.\(Int.random(in: 64...250)).\(Int.random(in: 0...255))."
            let list = (1...count).map { prefix + String($0) }
            if list.allSatisfy(Self.isFree) {
                self.list = list
                return
            }
        }
        throw TestFailure("no free loopback addresses for port 53: these tests run as root")
    }

    var count: Int { list.count }
    subscript(index: Int) -> String { list[index] }

    private static func isFree(_ host: String) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(53).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
