internal import Foundation
internal import Glibc
internal import Logging
internal import Pipeline
internal import Subprocess
internal import SystemPackage

/// Keeps one daemon running: starts it, starts it again when it ends.
///
/// Daemons outlive a killed proxy, so that answers go on. The next proxy starts its
/// own beside the old one (both may bind: SO_REUSEADDR, SO_REUSEPORT), waits until it
/// serves, and only then ends the old.
struct Supervisor: Sendable {
    let name: String
    let program: String
    let arguments: [String]
    let environment: [String: String]
    let pidFile: String
    let logger: Logger
    /// Whether a process found under the old pid is this daemon, not a stranger.
    let isOurs: @Sendable (pid_t) -> Bool
    /// Waits until something serves where the daemon should.
    let serves: @Sendable () async -> Bool
    /// Opens when the first start is through, and an old daemon is gone: until then two
    /// may answer in turns.
    let settled: Latch
    /// Whether two can listen at once. Where not, the old one ends first.
    var canOverlap = true

    /// As in nice(2); ours is 0.
    private static let priority: Int32 = -10

    /// Runs until cancelled; then the daemon ends too.
    func run() async {
        var old = predecessors()
        var pause = Duration.milliseconds(100)
        while !Task.isCancelled {
            let begun = ContinuousClock.now
            await runOnce(replacing: old)
            old = old.filter(isOurs)
            if Task.isCancelled { break }
            if ContinuousClock.now - begun > .seconds(10) { pause = .milliseconds(100) }
            logger.error("daemon ended: starting it again", metadata: ["daemon": "\(name)", "after": "\(pause)"])
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    private func runOnce(replacing old: [pid_t]) async {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        // A group of its own: Ctrl-C in a terminal reaches the proxy, which ends it in order.
        options.processGroupID = 0
        if !canOverlap { await end(old) }
        do {
            let result = try await Subprocess.run(
                .path(.init(program)), arguments: Arguments(arguments),
                environment: .inherit.updating(Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(rawValue: $0.key)!, $0.value) })),
                platformOptions: options, input: .none, output: .discarded, error: .discarded
            ) { execution in
                let pid = execution.processIdentifier.value
                // Answers go before the work that brings them: while a bulk is deployed the kernel
                // would drop queries that the daemon comes to read too late. Who may not, does without.
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(pid), Self.priority)
                // The old ones stay on record until they are gone.
                note([pid] + old)
                logger.info("daemon started", metadata: ["daemon": "\(name)", "pid": "\(pid)"])
                let isServing = await serves()
                // A daemon that refuses its configuration is gone at once, and the old
                // one's answers are not its own.
                if !old.isEmpty { try? await Task.sleep(for: .milliseconds(300)) }
                if isServing, Self.isAlive(pid) {
                    await end(old)
                    note([pid])
                }
                settled.open()
            }
            logger.info("daemon ended", metadata: ["daemon": "\(name)", "status": "\(result.terminationStatus)"])
        } catch is CancellationError {
        } catch {
            logger.error("daemon cannot be started", metadata: ["daemon": "\(name)", "error": "\(error)"])
            settled.open()
        }
        note(old.filter(isOurs))
    }

    private func end(_ old: [pid_t]) async {
        for pid in old where isOurs(pid) { kill(pid, SIGTERM) }
        for _ in 0..<100 where old.contains(where: isOurs) { try? await Task.sleep(for: .milliseconds(20)) }
        for pid in old where isOurs(pid) { kill(pid, SIGKILL) }
    }

    /// Writes down whom the next proxy has to replace.
    private func note(_ pids: [pid_t]) {
        if pids.isEmpty {
            try? FileManager.default.removeItem(atPath: pidFile)
        } else {
            try? Data(pids.map { "\($0)\n" }.joined().utf8).write(to: URL(filePath: pidFile))
        }
    }

    /// Daemons of earlier proxies that still serve.
    private func predecessors() -> [pid_t] {
        let text = (try? String(contentsOfFile: pidFile, encoding: .utf8)) ?? ""
        let pids = text.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }.filter { $0 > 1 && isOurs($0) }
        for pid in pids {
            logger.info("a daemon of an earlier proxy still serves", metadata: ["daemon": "\(name)", "pid": "\(pid)"])
        }
        return pids
    }

    /// Running, and not merely waiting to be reaped.
    private static func isAlive(_ pid: pid_t) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let parenthesis = text.lastIndex(of: ")")
        else { return false }
        return text[parenthesis...].dropFirst(2).first != "Z"
    }
}
