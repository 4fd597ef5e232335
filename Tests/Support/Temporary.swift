internal import Foundation
internal import Glibc
internal import Synchronization

/// A directory of its own for a test, removed with its owner.
public final class TemporaryDirectory: Sendable {
    /// Absolute, without a final slash.
    public let path: String

    public init(_ name: String = "test") throws {
        var template = Array("\(NSTemporaryDirectory())/freshet-\(name)-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw TestFailure("mkdtemp: \(errno)") }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Why a test's surroundings could not be made.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// TCP ports on 127.0.0.1 that were free a moment ago, all different.
public func freePorts(_ count: Int) throws -> [UInt16] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    var ports: [UInt16] = []
    for _ in 0..<count {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        sockets.append(descriptor)
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw TestFailure("no free port: \(errno)") }
        ports.append(UInt16(bigEndian: address.sin_port))
    }
    return ports
}

func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}

/// Waits until `condition` holds, looking again every few milliseconds, and
/// throws after `deadline`.
///
/// For what has no notice of its own; where a stream or a call can be awaited,
/// do that within ``within(_:_:)``.
public func eventually(
    _ what: String, within deadline: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + deadline
    while try await !condition() {
        guard ContinuousClock.now < end else { throw TestFailure("not within \(deadline): \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Runs `body`, cancels it after `deadline` and throws.
public func within<T: Sendable>(
    _ deadline: Duration = .seconds(20), _ what: String = "operation",
    _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await withThrowingTaskGroup(of: T.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: deadline)
            throw TestFailure("not within \(deadline): \(what)")
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw TestFailure("nothing ran: \(what)") }
        return result
    }
}

/// On or off, for closures that run elsewhere.
public final class Switch: Sendable {
    private let state = Mutex(false)

    public init() {}

    public var isOn: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
