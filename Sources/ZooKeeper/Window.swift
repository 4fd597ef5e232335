internal import Synchronization

/// Bounds what is under way: the C client queues without limit, so the waiting
/// happens here. First come, first served.
final class Window: Sendable {
    private struct State {
        var free: Int
        var waiting: [(cost: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var head = 0
    }

    private let size: Int
    private let state: Mutex<State>

    /// A call costs one unit and one more for each 16 KiB that it carries: the
    /// default admits 256 small calls or 4 MiB.
    init(size: Int = 256) {
        self.size = size
        state = Mutex(State(free: size))
    }

    func cost(bytes: Int) -> Int { min(size, 1 + bytes / 16_384) }

    /// Returns when `cost` units are taken; give them back with ``leave(_:)``.
    func enter(_ cost: Int) async {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if state.head == state.waiting.count, state.free >= cost {
                    state.free -= cost
                    return true
                }
                state.waiting.append((cost, continuation))
                return false
            }
            if now { continuation.resume() }
        }
    }

    func leave(_ cost: Int) {
        let next = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.free += cost
            var next: [CheckedContinuation<Void, Never>] = []
            while state.head < state.waiting.count, state.waiting[state.head].cost <= state.free {
                state.free -= state.waiting[state.head].cost
                next.append(state.waiting[state.head].continuation)
                state.head += 1
            }
            // Taken from the front in bulk: removing one by one would be quadratic.
            if state.head == state.waiting.count || state.head > 1024 {
                state.waiting.removeFirst(state.head)
                state.head = 0
            }
            return next
        }
        for continuation in next { continuation.resume() }
    }
}
