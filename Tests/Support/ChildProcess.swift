internal import Dispatch
internal import Glibc
internal import Synchronization

/// A process that never outlives the test: killed with its owner, and also when
/// the test itself is killed.
public final class ChildProcess: Sendable {
    private let process: pid_t
    private let lifeline: Mutex<Int32?>
    private let output: Int32
    private let state = Status()
    private let exit = DispatchGroup()

    private final class Status: Sendable { let running = Mutex(true) }

    /// Starts `command`, found in PATH or given with its path, in `directory`. Its
    /// errors go to the file `log` if given.
    ///
    /// A shell in between holds the command's life on a pipe of ours: when the pipe
    /// closes, for whatever reason, it kills the command with SIGKILL. It then also
    /// removes `directoryToRemove`, and the directory above that if it is empty.
    public init(
        _ command: [String], directory: String = "/", log: String = "/dev/null", directoryToRemove: String = ""
    ) throws {
        let script = """
            cd "$0" || exit
            remove=$1; shift
            "$@" </dev/null 3<&- & child=$!
            { cat <&3; kill -9 $child; } >/dev/null 2>&1 & reaper=$!
            wait $child; status=$?
            kill $reaper 2>/dev/null
            if [ -n "$remove" ] && [ $status = 137 ]; then cd / && rm -rf "$remove" && rmdir "${remove%/*}"; fi 2>/dev/null
            exit $status
            """
        let arguments = ["/bin/sh", "-c", "exec 3<&0; " + script, directory, directoryToRemove] + command

        // One at a time: a process started between the two steps of `pipe` would
        // inherit the lifeline and keep the command alive.
        let (process, lifeline, output) = try Self.starting.withLock { _ in
            let (input, lifeline) = try Self.pipe()
            let (output, end) = try Self.pipe()
            defer {
                close(input)
                close(end)
            }
            return (try Self.spawn(arguments, input, end, log), lifeline, output)
        }
        self.process = process
        self.lifeline = Mutex(lifeline)
        self.output = output
        // Holds the state and not `self`, which would then never be released.
        exit.enter()
        DispatchQueue(label: "child").async { [state, exit] in
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            state.running.withLock { $0 = false }
            exit.leave()
        }
    }

    private static func spawn(_ arguments: [String], _ input: Int32, _ output: Int32, _ log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT, 0o600)
        // A connection of ours that a child has too does not end when we close it. Those that
        // are not open do no harm.
        for descriptor in 3..<1000 as Range<Int32> { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Our threads block signals, and a shell that inherits that never hears of
        // its children's end.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, arguments[0], &actions, &attributes, &strings, environ)
        guard code == 0 else { throw TestFailure("cannot start \(arguments): \(code)") }
        return process
    }

    /// The next line of the command's output; `nil` when that has ended. Blocks a
    /// thread, not the cooperative pool.
    public func line() async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [output] in
                var line: [UInt8] = []
                var byte: UInt8 = 0
                while read(output, &byte, 1) == 1 {
                    if byte == UInt8(ascii: "\n") {
                        return continuation.resume(returning: String(decoding: line, as: UTF8.self))
                    }
                    line.append(byte)
                }
                continuation.resume(returning: nil)
            }
        }
    }

    public var isRunning: Bool { state.running.withLock { $0 } }

    /// Kills the command with SIGKILL; returns when it is gone.
    public func kill() async {
        cut()
        await withCheckedContinuation { continuation in
            exit.notify(queue: .global()) { continuation.resume() }
        }
    }

    private func cut() {
        lifeline.withLock { end in
            if let end { close(end) }
            end = nil
        }
    }

    deinit {
        cut()
        close(output)
    }

    private static let starting = Mutex(())

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw TestFailure("pipe: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
