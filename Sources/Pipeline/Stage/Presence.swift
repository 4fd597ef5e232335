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
        while !Task.isCancelled, !ended {
            do {
                let lease = try await store.lease(key, value: value)
                self.lease = lease
                let lost = Task {
                    await lease.untilLost()
                    self.wake()
                }
                defer { lost.cancel() }
                try await refresh(lease)
            } catch {
                logger.debug("presence: will try again", metadata: ["key": "\(key)", "error": "\(error)"])
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
        changed = false
        while !Task.isCancelled, !ended {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    if changed || ended || Task.isCancelled { continuation.resume() } else { waiting = continuation }
                }
            } onCancel: {
                Task { await self.wake() }
            }
            guard changed else { return }  // lost, ended or cancelled
            changed = false
            try await lease.update(value)
        }
    }

    private func wake() {
        waiting?.resume()
        waiting = nil
    }
}
