internal import Dispatch
internal import Glibc
internal import Synchronization

/// The process's one inotify instance: the kernel grants a user only 128.
///
/// Unchecked: `state` is touched on `queue` alone, except for the counter, which
/// is a mutex.
final class Inotify: @unchecked Sendable {
    static let shared = Inotify()

    private struct Subscription {
        var paths: [String]
        var isRecursive: Bool
        var interests: Set<Interest> = []
        var tick: @Sendable () -> Void
    }

    /// A directory's watch and the name that matters in it; `nil`: every name.
    private struct Interest: Hashable {
        var watch: Int32
        var name: String?
    }

    private struct State {
        var subscriptions: [UInt: Subscription] = [:]
        /// Who has an interest in a watch, and how many of them.
        var users: [Int32: [UInt: Int]] = [:]
    }

    private let queue = DispatchQueue(label: "inotify")
    private let descriptor: Int32
    private var source: (any DispatchSourceRead)?
    private var state = State()
    private let last = Mutex<UInt>(0)

    private init() {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { [unowned self] in self.read() }
        self.source = source
        source.resume()
    }

    /// Calls `tick` once the watches are set, and after every change.
    func subscribe(_ paths: [String], recursively: Bool = false, _ tick: @escaping @Sendable () -> Void) -> UInt {
        let id = last.withLock { last in
            last += 1
            return last
        }
        queue.async {
            self.state.subscriptions[id] = Subscription(paths: paths, isRecursive: recursively, tick: tick)
            self.arm(id)
            tick()
        }
        return id
    }

    func unsubscribe(_ id: UInt) {
        queue.async {
            guard let gone = self.state.subscriptions.removeValue(forKey: id) else { return }
            self.drop(gone.interests, of: id)
        }
    }

    // MARK: Setting watches

    /// Sets what `id` needs now, and drops what it no longer needs.
    private func arm(_ id: UInt) {
        guard let subscription = state.subscriptions[id] else { return }
        var interests: Set<Interest> = []
        var complete = descriptor >= 0
        for path in subscription.paths {
            PathWalk.visit(path, recursively: subscription.isRecursive) { directory, name in
                let watch = inotify_add_watch(descriptor, directory, Self.mask)
                if watch >= 0 {
                    interests.insert(Interest(watch: watch, name: name))
                } else if errno == ENOSPC || errno == ENOMEM {
                    complete = false
                }
            }
        }
        for interest in interests.subtracting(subscription.interests) {
            state.users[interest.watch, default: [:]][id, default: 0] += 1
        }
        let stale = subscription.interests.subtracting(interests)
        state.subscriptions[id]?.interests = interests
        drop(stale, of: id)
        guard !complete else { return }
        queue.asyncAfter(deadline: .now() + 1) { [weak self] in
            guard let self, let subscription = state.subscriptions[id] else { return }
            arm(id)
            subscription.tick()
        }
    }

    private func drop(_ interests: Set<Interest>, of id: UInt) {
        for interest in interests {
            guard let count = state.users[interest.watch]?[id] else { continue }
            state.users[interest.watch]?[id] = count > 1 ? count - 1 : nil
            guard state.users[interest.watch]?.isEmpty == true else { continue }
            state.users[interest.watch] = nil
            inotify_rm_watch(descriptor, interest.watch)
        }
    }

    private static let mask = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)
        | UInt32(IN_ONLYDIR)

    // MARK: Events

    private func read() {
        var touched: Set<UInt> = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { break }
            var offset = 0
            while offset < count {
                let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                offset += MemoryLayout<inotify_event>.size
                let name = String(decoding: buffer[offset..<(offset + Int(event.len))].prefix { $0 != 0 }, as: UTF8.self)
                offset += Int(event.len)
                touched.formUnion(concerned(event, name))
            }
        }
        for id in touched {
            // The watches first: what changes after this is an event again.
            arm(id)
            state.subscriptions[id]?.tick()
        }
    }

    private func concerned(_ event: inotify_event, _ name: String) -> [UInt] {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return Array(state.subscriptions.keys) }
        guard let users = state.users[event.wd]?.keys else { return [] }
        if event.mask & UInt32(IN_IGNORED) != 0 {
            // The directory is gone, and its number with it.
            state.users[event.wd] = nil
            for id in users {
                guard let interests = state.subscriptions[id]?.interests else { continue }
                state.subscriptions[id]?.interests = interests.filter { $0.watch != event.wd }
            }
            return Array(users)
        }
        return users.filter { id in
            guard event.len > 0, let interests = state.subscriptions[id]?.interests else { return true }
            return interests.contains(Interest(watch: event.wd, name: name))
                || interests.contains(Interest(watch: event.wd, name: nil))
        }
    }
}
