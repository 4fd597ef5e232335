internal import CZooKeeper
internal import Logging
internal import Synchronization

/// What a completion brought: the return code and whichever of the rest fits
/// the call.
struct Reply: Sendable {
    var code: Int32
    var data: [UInt8] = []
    var stat: NodeStat?
    var names: [String] = []

    /// Whether the node was there and the call done.
    var ok: Bool { code == ZOK.rawValue }
}

/// The parts of ZooKeeper's `Stat` that the store uses.
struct NodeStat: Sendable {
    /// The transaction that last changed the data: unique in the ensemble's life.
    var modified: Int64
    /// Counts changes of the data; starts again at 0 when a node is recreated.
    var version: Int32
    /// When the data last changed, by the leader's clock, in milliseconds since 1970.
    var time: Int64
    /// The session that owns an ephemeral node, else 0.
    var owner: Int64
    var length: Int32
    var children: Int32

    init(_ stat: Stat) {
        modified = stat.mzxid
        version = stat.version
        time = stat.mtime
        owner = stat.ephemeralOwner
        length = stat.dataLength
        children = stat.numChildren
    }
}

/// The way back from C: callbacks carry an integer, never a retained object.
///
/// A watch may never fire, and the callback of a failed call may never come: a
/// retained context would leak then, an unused number costs nothing.
enum Callbacks {
    typealias Completion = @Sendable (Reply) -> Void
    /// Gets type and state of an event.
    typealias Watcher = @Sendable (Int32, Int32) -> Void

    private struct Table {
        var last: UInt = 0
        var completions: [UInt: Completion] = [:]
        var watchers: [UInt: Watcher] = [:]

        mutating func next() -> UInt {
            last += 1
            return last
        }
    }

    private static let table = Mutex(Table())

    static func add(_ completion: @escaping Completion) -> UInt {
        table.withLock { table in
            let id = table.next()
            table.completions[id] = completion
            return id
        }
    }

    /// A number whose events go to `watcher` until ``removeWatcher(_:)``.
    static func add(watcher: @escaping Watcher) -> UInt {
        table.withLock { table in
            let id = table.next()
            table.watchers[id] = watcher
            return id
        }
    }

    static func removeWatcher(_ id: UInt) {
        table.withLock { _ = $0.watchers.removeValue(forKey: id) }
    }

    /// Completes the call `id`, once.
    static func complete(_ id: UInt, _ reply: Reply) {
        let completion = table.withLock { $0.completions.removeValue(forKey: id) }
        completion?(reply)
    }

    fileprivate static func complete(_ context: UnsafeRawPointer?, _ reply: Reply) {
        complete(UInt(bitPattern: context), reply)
    }

    fileprivate static func fire(_ context: UnsafeMutableRawPointer?, _ type: Int32, _ state: Int32) {
        let watcher = table.withLock { $0.watchers[UInt(bitPattern: context)] }
        watcher?(type, state)
    }
}

// The functions below run on the client's completion thread. They copy what C
// lends them and hand it on; none blocks.

func onVoid(_ code: Int32, _ context: UnsafeRawPointer?) {
    Callbacks.complete(context, Reply(code: code))
}

func onStat(_ code: Int32, _ stat: UnsafePointer<Stat>?, _ context: UnsafeRawPointer?) {
    Callbacks.complete(context, Reply(code: code, stat: stat.map { NodeStat($0.pointee) }))
}

func onCreated(
    _ code: Int32, _ path: UnsafePointer<CChar>?, _ stat: UnsafePointer<Stat>?, _ context: UnsafeRawPointer?
) {
    let names = path.map { [String(cString: $0)] } ?? []
    Callbacks.complete(context, Reply(code: code, stat: stat.map { NodeStat($0.pointee) }, names: names))
}

func onData(
    _ code: Int32, _ value: UnsafePointer<CChar>?, _ length: Int32, _ stat: UnsafePointer<Stat>?,
    _ context: UnsafeRawPointer?
) {
    // A node without data has no pointer and the length -1.
    let data = value.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: max(0, Int(length)))) } ?? []
    Callbacks.complete(context, Reply(code: code, data: data, stat: stat.map { NodeStat($0.pointee) }))
}

func onNames(_ code: Int32, _ vector: UnsafePointer<String_vector>?, _ context: UnsafeRawPointer?) {
    var names: [String] = []
    if code == ZOK.rawValue, let vector, let data = vector.pointee.data {
        for i in 0..<Int(vector.pointee.count) {
            if let name = data[i] { names.append(String(cString: name)) }
        }
    }
    Callbacks.complete(context, Reply(code: code, names: names))
}

func onEvent(
    _ handle: OpaquePointer?, _ type: Int32, _ state: Int32, _ path: UnsafePointer<CChar>?,
    _ context: UnsafeMutableRawPointer?
) {
    Callbacks.fire(context, type, state)
}

/// The C client's own log: the line is all we get, not which handle it is about.
func onLog(_ line: UnsafePointer<CChar>?) {
    guard let line else { return }
    clientLog.debug("\(String(cString: line))")
}

private let clientLog = Logger(label: "zookeeper.client")
