internal import Foundation
internal import Glibc

/// A process that never outlives the test: killed with its owner, and also when
/// the test itself is killed.
public final class ChildProcess: Sendable {
    private let process: Process
    private let lifeline: FileHandle
    private let output: FileHandle

    /// Starts `command`, found in PATH or given with its path. Its errors go to the
    /// file `log` if given.
    ///
    /// A shell in between holds the command's life on a pipe of ours: when the pipe
    /// closes, for whatever reason, it kills the command with SIGKILL.
    public init(_ command: [String], directory: String? = nil, log: String? = nil) throws {
        let script = """
            "$@" </dev/null 3<&- & child=$!
            { cat <&3; kill -9 $child; } >/dev/null 2>&1 & reaper=$!
            wait $child; status=$?
            kill $reaper 2>/dev/null
            exit $status
            """
        // One at a time: a process started between the two steps of `pipe` would
        // inherit the lifeline and keep the command alive.
        Self.starting.lock()
        defer { Self.starting.unlock() }
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "exec 3<&0; " + script, "sh"] + command
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        let (inRead, inWrite) = try Self.pipe()
        let (outRead, outWrite) = try Self.pipe()
        process.standardInput = inRead
        process.standardOutput = outWrite
        if let log {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
            guard let handle = FileHandle(forWritingAtPath: log) else { throw TestFailure("cannot write \(log)") }
            process.standardError = handle
        }
        lifeline = inWrite
        output = outRead
        try process.run()
        try inRead.close()
        try outWrite.close()
    }

    /// The next line of the command's output; `nil` when that has ended. Blocks a
    /// thread, not the cooperative pool.
    public func line() async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [output] in
                var line: [UInt8] = []
                while let byte = try? output.read(upToCount: 1)?.first {
                    if byte == UInt8(ascii: "\n") { return continuation.resume(returning: String(decoding: line, as: UTF8.self)) }
                    line.append(byte)
                }
                continuation.resume(returning: nil)
            }
        }
    }

    public var isRunning: Bool { process.isRunning }

    /// Kills the command with SIGKILL; returns when it is gone.
    public func kill() async {
        try? lifeline.close()
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                process.waitUntilExit()
                continuation.resume()
            }
        }
    }

    deinit { try? lifeline.close() }

    private static let starting = NSLock()

    private static func pipe() throws -> (read: FileHandle, write: FileHandle) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw TestFailure("pipe: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (
            FileHandle(fileDescriptor: ends[0], closeOnDealloc: true),
            FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        )
    }
}
