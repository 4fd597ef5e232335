public import Logging

/// A lease that comes back: shown again after an outage, always with the latest value.
public actor Presence {
    private let store: any Store
    private let key: StoreKey
    private let logger: Logger
    private var value: [UInt8] = []
    private var lease: (any Lease)?
    private var waiting: CheckedContinuation<Void, Never>?
    private var changed = false
    private var isLost = false
    private var ended = false

    public init(store: any Store, key: StoreKey, logger: Logger) {
        self.store = store
        self.key = key
        self.logger = logger
    }

    /// Sets what others see; at once if the store is there, else when it is back.
    public func show(_ value: [UInt8]) {
        self.value = value
        changed = true
        waiting?.resume()
        waiting = nil
    }

    /// Keeps the lease until cancelled or ended.
    public func run() async {
        var failures = 0
        while !Task.isCancelled, !ended {
            do {
                changed = false
                let lease = try await store.lease(key, value: value)
                self.lease = lease
                isLost = false
                failures = 0
                let lost = Task {
                    await lease.untilLost()
                    self.lose()
                }
                defer { lost.cancel() }
                try await refresh(lease)
            } catch {
                // What is still ours would be another's to the next attempt.
                await lease?.release()
                // Twenty times is ten seconds: longer than a dead session holds the key.
                failures += 1
                logger.log(
                    level: failures == 20 ? .warning : .debug, "presence is not shown: will try again",
                    metadata: ["key": "\(key)", "error": "\(error)"])
            }
            lease = nil
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Gives the lease back.
    public func end() async {
        ended = true
        await lease?.release()
        wake()
    }

    private func refresh(_ lease: any Lease) async throws {
        while !Task.isCancelled, !ended {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    if changed || ended || isLost || Task.isCancelled { continuation.resume() } else { waiting = continuation }
                }
            } onCancel: {
                Task { await self.wake() }
            }
            if isLost || ended || Task.isCancelled { return }
            changed = false
            do { try await lease.update(value) } catch let error as StoreError where error.code != .sessionExpired && error.code != .closed {
                // The session may outlive this: who took the lease anew would meet its own.
                logger.debug("presence is not up to date: will try again", metadata: ["key": "\(key)", "error": "\(error)"])
                changed = true
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func lose() {
        isLost = true
        wake()
    }

    private func wake() {
        waiting?.resume()
        waiting = nil
    }
}
