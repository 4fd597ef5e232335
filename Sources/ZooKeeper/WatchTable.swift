internal import Synchronization

/// What a watch looks at: the node (its appearing, data, going) or the list of
/// its children.
struct WatchKey: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case node, children }
    var path: String
    var kind: Kind
}

/// The watches of one session, shared by all who look at the same thing.
///
/// Each key has one context number for the session's life. The C client keeps a
/// watch of equal function and context once, so setting it again, after a
/// reconnect or for a second subscriber, costs no memory; and what is kept for a
/// key that nobody follows any more is bounded by the number of keys.
final class WatchTable: Sendable {
    typealias Fire = @Sendable (WatchKey) -> Void

    private struct State {
        var contexts: [WatchKey: UInt] = [:]
        var subscribers: [WatchKey: [UInt: Fire]] = [:]
    }

    private let state = Mutex(State())

    /// Subscribes `id` to the next event of `key`, and returns the context to set
    /// the C watch with. Subscribe first, then set: an event in between is then
    /// seen.
    func subscribe(_ id: UInt, to key: WatchKey, _ fire: @escaping Fire) -> UInt {
        state.withLock { state in
            state.subscribers[key, default: [:]][id] = fire
            if let context = state.contexts[key] { return context }
            let context = Callbacks.add { [weak self] type, _ in
                // Every path watch also gets the session's events, and survives them.
                if type > 0 { self?.fire(key) }
            }
            state.contexts[key] = context
            return context
        }
    }

    func unsubscribe(_ id: UInt) {
        state.withLock { state in
            for key in state.subscribers.keys {
                state.subscribers[key]?[id] = nil
                if state.subscribers[key]?.isEmpty == true { state.subscribers[key] = nil }
            }
        }
    }

    /// The watch is spent: everybody who still cares sets it again.
    private func fire(_ key: WatchKey) {
        let subscribers = state.withLock { $0.subscribers.removeValue(forKey: key) }
        for fire in (subscribers ?? [:]).values { fire(key) }
    }

    func removeAll() {
        let contexts = state.withLock { state in
            defer { state = State() }
            return Array(state.contexts.values)
        }
        for context in contexts { Callbacks.removeWatcher(context) }
    }
}
