internal import Synchronization

/// Tells a fetch of peers while it runs: of neighbours that come, and of everyone else if
/// nothing new was heard for a while.
package final class Introductions: Sendable {
    /// Whom it is told of at its start.
    package let first: [String]
    private let patience: Duration
    private let state: Mutex<(known: Set<String>, news: ContinuousClock.Instant, isPatient: Bool)>

    package init(_ first: [String], patience: Duration = .milliseconds(1500)) {
        self.first = first
        self.patience = patience
        state = Mutex((Set(first), .now, true))
    }

    /// Something new came from a peer.
    package func heard() { state.withLock { $0.news = .now } }

    /// Runs until cancelled.
    ///
    /// - Parameters:
    ///   - changes: members came or went.
    ///   - find: the neighbours, or, without patience, everyone.
    ///   - introduce: called with those that were not known. Dialling interrupts the
    ///     torrent for a moment, so not with others.
    package func run(
        changes: some AsyncSequence<Void, Never> & Sendable, find: @escaping @Sendable (_ isPatient: Bool) async -> [String],
        introduce: @escaping @Sendable ([String]) async -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in changes { await self.tell(find, introduce) }
            }
            group.addTask {
                guard await self.untilQuiet() else { return }
                self.state.withLock { $0.isPatient = false }
                await self.tell(find, introduce)
            }
        }
    }

    /// Returns when nothing new was heard for as long as the patience lasts; `false`: it was cancelled before.
    package func untilQuiet() async -> Bool {
        while true {
            let left = patience - (.now - state.withLock { $0.news })
            if left <= .zero { return !Task.isCancelled }
            guard (try? await Task.sleep(for: left)) != nil else { return false }
        }
    }

    private func tell(_ find: (Bool) async -> [String], _ introduce: ([String]) async -> Void) async {
        let found = await find(state.withLock { $0.isPatient })
        let new = state.withLock { state in
            defer { state.known.formUnion(found) }
            return Set(found).subtracting(state.known)
        }
        if !new.isEmpty { await introduce(new.sorted()) }
    }
}
