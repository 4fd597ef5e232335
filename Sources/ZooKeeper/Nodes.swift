internal import CZooKeeper
internal import Logging
internal import Pipeline

/// How a node lives.
enum NodeMode: Sendable {
    case persistent, ephemeral, ephemeralSequential

    var code: Int32 {
        switch self {
        case .persistent: ZOO_PERSISTENT
        case .ephemeral: ZOO_EPHEMERAL
        case .ephemeralSequential: ZOO_EPHEMERAL_SEQUENTIAL
        }
    }
}

/// One part of an atomic change.
enum NodeChange: Sendable {
    /// Requires the node to exist with that version, or with any if -1.
    case check(String, version: Int32)
    case set(String, [UInt8], version: Int32)
    case delete(String, version: Int32)
}

/// What to do when a reply is lost.
enum OnLoss: Sendable {
    /// The call may be repeated: doing it twice is the same as once.
    case again
    /// Report ``StoreError/Code/unavailable``: it may have happened or not.
    case report
}

/// Node operations below our root, with errors in the store's words.
///
/// A reply's code is one of success, no such node, node exists, bad version, not
/// empty; everything else is thrown.
struct Nodes: Sendable {
    let connection: Connection
    let root: String
    /// Nodes belong to the credentials, else to everybody.
    let owned: Bool

    private var acl: UnsafePointer<ACL_vector>? { owned ? freshet_creator_acl() : freshet_open_acl() }

    /// Ephemeral nodes bind to a session, so the caller names it.
    func create(
        _ path: String, _ data: [UInt8], mode: NodeMode = .persistent, in session: Session? = nil,
        onLoss: OnLoss
    ) async throws -> Reply {
        try await run("create", path, bytes: data.count, in: session, onLoss) { handle, context in
            lend(data) { zoo_acreate2(handle, root + path, $0, $1, acl, mode.code, onCreated, context) }
        }
    }

    func set(
        _ path: String, _ data: [UInt8], version: Int32 = -1, in session: Session? = nil, onLoss: OnLoss
    ) async throws -> Reply {
        try await run("set", path, bytes: data.count, in: session, onLoss) { handle, context in
            lend(data) { zoo_aset(handle, root + path, $0, $1, version, onStat, context) }
        }
    }

    func delete(
        _ path: String, version: Int32 = -1, in session: Session? = nil, onLoss: OnLoss
    ) async throws -> Reply {
        try await run("delete", path, in: session, onLoss) { handle, context in
            zoo_adelete(handle, root + path, version, onVoid, context)
        }
    }

    func get(_ path: String) async throws -> Reply {
        try await run("get", path, .again) { handle, context in
            zoo_aget(handle, root + path, 0, onData, context)
        }
    }

    /// The node's stat. `watch`: the context of a node watch, else 0.
    func exists(_ path: String, watch: UInt = 0, in session: Session? = nil) async throws -> Reply {
        try await run("look at", path, in: session, .again) { handle, context in
            zoo_awexists(
                handle, root + path, watch == 0 ? nil : onEvent, UnsafeMutableRawPointer(bitPattern: watch), onStat,
                context)
        }
    }

    /// The children's names. `watch`: the context of a child watch, else 0.
    func children(_ path: String, watch: UInt = 0, in session: Session? = nil) async throws -> Reply {
        try await run("list", path, in: session, .again) { handle, context in
            zoo_awget_children(
                handle, root + path, watch == 0 ? nil : onEvent, UnsafeMutableRawPointer(bitPattern: watch), onNames,
                context)
        }
    }

    /// All of `changes` or none.
    func commit(_ changes: [NodeChange], onLoss: OnLoss) async throws -> Reply {
        let bytes = changes.reduce(0) { sum, change in
            if case .set(_, let data, _) = change { sum + data.count } else { sum }
        }
        return try await run("change", "\(changes.count) nodes", bytes: bytes, onLoss) { handle, context in
            commitChanges(changes, root: root, handle, context)
        }
    }

    // MARK: One call

    private func run(
        _ verb: String, _ path: String, bytes: Int = 0, in fixed: Session? = nil, _ onLoss: OnLoss,
        _ send: @Sendable (OpaquePointer, UnsafeRawPointer?) -> Int32
    ) async throws -> Reply {
        // Attempts, not time: each waits for a connection, and that has a deadline.
        for _ in 0..<5 {
            let session = if let fixed { fixed } else { try await connection.session() }
            let (reply, sent) = await session.call(bytes: bytes, send)
            switch ZOO_ERRORS(reply.code) {
            case ZOK, ZNONODE, ZNODEEXISTS, ZBADVERSION, ZNOTEMPTY:
                return reply
            case ZNOAUTH, ZAUTHFAILED, ZINVALIDACL:
                throw StoreError(.unauthorized, "ZooKeeper does not let us \(verb) \(root)\(path)")
            case ZCONNECTIONLOSS, ZOPERATIONTIMEOUT, ZSESSIONMOVED, ZTHROTTLEDOP, ZSESSIONEXPIRED, ZINVALIDSTATE, ZCLOSING:
                if fixed != nil {
                    // The answer may be known to the session only; whoever names a
                    // session has to find out.
                    let over = reply.code != ZCONNECTIONLOSS.rawValue && reply.code != ZOPERATIONTIMEOUT.rawValue
                    throw lost(verb, path, reply.code, over ? .sessionExpired : .unavailable)
                }
                if sent, onLoss == .report { throw lost(verb, path, reply.code, .unavailable) }
            default:
                throw StoreError(.unavailable, "cannot \(verb) \(root)\(path): \(String(cString: zerror(reply.code)))")
            }
        }
        throw lost(verb, path, ZCONNECTIONLOSS.rawValue, .unavailable)
    }

    private func lost(_ verb: String, _ path: String, _ code: Int32, _ kind: StoreError.Code) -> StoreError {
        StoreError(kind, "no answer to '\(verb) \(root)\(path)', which may have happened: \(String(cString: zerror(code)))")
    }
}

private func lend<R>(_ data: [UInt8], _ body: (UnsafePointer<CChar>?, Int32) -> R) -> R {
    data.withUnsafeBytes { body($0.bindMemory(to: CChar.self).baseAddress, Int32($0.count)) }
}

/// Sends a multi. Its arguments are serialised before `zoo_amulti` returns; the
/// results must stay until the completion, which is where they are freed.
private func commitChanges(
    _ changes: [NodeChange], root: String, _ handle: OpaquePointer, _ context: UnsafeRawPointer?
) -> Int32 {
    var lent: [UnsafeMutableRawPointer] = []
    defer { for pointer in lent { pointer.deallocate() } }
    func lend(_ bytes: some Collection<UInt8>) -> UnsafeMutablePointer<CChar> {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        buffer.copyBytes(from: bytes)
        lent.append(buffer.baseAddress!)
        return buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
    }
    func path(_ text: String) -> UnsafeMutablePointer<CChar> { lend(Array((root + text).utf8) + [0]) }

    let results = MultiResults(count: changes.count)
    var operations = [zoo_op_t](repeating: zoo_op_t(), count: changes.count)
    for (i, change) in changes.enumerated() {
        switch change {
        case .check(let node, let version):
            zoo_check_op_init(&operations[i], path(node), version)
        case .set(let node, let data, let version):
            zoo_set_op_init(&operations[i], path(node), lend(data), Int32(data.count), version, results.stats + i)
        case .delete(let node, let version):
            zoo_delete_op_init(&operations[i], path(node), version)
        }
    }
    let original = UInt(bitPattern: context)
    let id = Callbacks.add { reply in
        results.free()
        Callbacks.complete(original, reply)
    }
    let code = zoo_amulti(
        handle, Int32(changes.count), operations, results.results, onVoid, UnsafeRawPointer(bitPattern: id))
    if code != ZOK.rawValue { Callbacks.complete(id, Reply(code: code)) }
    // Completed above if it failed, and completing twice does nothing.
    return code
}

/// Where the C client writes the results of a multi.
///
/// Unchecked: the C client alone touches the memory until the completion, which
/// frees it once.
private struct MultiResults: @unchecked Sendable {
    let results: UnsafeMutablePointer<zoo_op_result_t>
    let stats: UnsafeMutablePointer<Stat>

    init(count: Int) {
        results = .allocate(capacity: count)
        results.initialize(repeating: zoo_op_result_t(), count: count)
        stats = .allocate(capacity: count)
        stats.initialize(repeating: Stat(), count: count)
    }

    func free() {
        results.deallocate()
        stats.deallocate()
    }
}
