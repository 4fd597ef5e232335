internal import Foundation
internal import Glibc
internal import Logging
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
    /// Called with each start; returns when the daemon serves.
    let serves: @Sendable () async -> Bool

    /// Runs until cancelled; then the daemon ends too.
    func run(started: @escaping @Sendable () -> Void) async {
        var old = predecessor()
        var pause = Duration.milliseconds(100)
        while !Task.isCancelled {
            let begun = ContinuousClock.now
            await runOnce(replacing: old, started: started)
            old = nil
            if Task.isCancelled { break }
            if ContinuousClock.now - begun > .seconds(10) { pause = .milliseconds(100) }
            logger.error("daemon ended: starting it again", metadata: ["daemon": "\(name)", "after": "\(pause)"])
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    private func runOnce(replacing old: pid_t?, started: @escaping @Sendable () -> Void) async {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        // A group of its own: Ctrl-C in a terminal reaches the proxy, which ends it in order.
        options.processGroupID = 0
        do {
            let result = try await Subprocess.run(
                .path(.init(program)), arguments: Arguments(arguments),
                environment: .inherit.updating(Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(rawValue: $0.key)!, $0.value) })),
                platformOptions: options, input: .none, output: .discarded, error: .discarded
            ) { execution in
                try? Data("\(execution.processIdentifier.value)\n".utf8).write(to: URL(filePath: pidFile))
                logger.info("daemon started", metadata: ["daemon": "\(name)", "pid": "\(execution.processIdentifier.value)"])
                if await serves() {
                    if let old, isOurs(old) { kill(old, SIGTERM) }
                    started()
                }
            }
            logger.info("daemon ended", metadata: ["daemon": "\(name)", "status": "\(result.terminationStatus)"])
        } catch is CancellationError {
        } catch {
            logger.error("daemon cannot be started", metadata: ["daemon": "\(name)", "error": "\(error)"])
        }
        try? FileManager.default.removeItem(atPath: pidFile)
    }

    private func predecessor() -> pid_t? {
        guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
            let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 1, isOurs(pid)
        else { return nil }
        logger.info("a daemon of an earlier proxy still serves", metadata: ["daemon": "\(name)", "pid": "\(pid)"])
        return pid
    }
}
