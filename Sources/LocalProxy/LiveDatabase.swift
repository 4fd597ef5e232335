internal import DNSWire
internal import Foundation
internal import Glibc
internal import Pipeline

/// The file that tinydns reads, and a copy of it that nobody reads.
///
/// tinydns opens `data.cdb` anew for each query. So a change is made in the copy, in
/// place, read back there, and then the two change their names: the cost is that of the
/// change and not of the file. What was live until then is brought up to date once
/// tinydns has answered from the other, and is the copy for the next change.
///
/// Deltas leave records behind that nobody refers to, and tables that fill up; then, and
/// for a bulk, the file is made anew.
struct LiveDatabase: Sendable {
    typealias Changes = [[UInt8]: ReleaseContents.KeyChange]

    let path: String
    private var standby: String { path + ".standby" }
    private var aside: String { path + ".aside" }

    /// What the live file has and the other lacks; `nil`: the other cannot be used.
    private var pending: Changes?
    /// Size of the file when it was made.
    private var made = 0
    /// The stamps in the live file; `nil`: nobody knows.
    private var stamps: Changes?

    init(path: String) { self.path = path }

    // MARK: Boots

    /// Which boot of this machine wrote the file: what another one wrote may not have
    /// reached the disk as a whole.
    private var bootPath: String { path + ".boot" }
    private var boot: String { (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? "unknown" }

    /// Takes the file away from tinydns if another boot wrote it: silence is better than
    /// answers from a torn file. True if it did.
    func setAsideAfterBoot() -> Bool {
        guard FileManager.default.fileExists(atPath: path), (try? String(contentsOfFile: bootPath, encoding: .utf8)) != boot else { return false }
        return rename(path, path + ".suspect") == 0
    }

    /// Removes what an interrupted change left.
    private func removeLeftovers() {
        let directory = (path as NSString).deletingLastPathComponent, name = (aside as NSString).lastPathComponent
        for file in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where file.hasPrefix(name) {
            try? FileManager.default.removeItem(atPath: "\(directory)/\(file)")
        }
    }

    /// A larger change makes the file anew: about as quick, and it comes out compact.
    static let mostChanges = 10_000

    // MARK: Changing

    /// Makes the file anew of fragments and stamps, reads names back from it, and gives it
    /// to tinydns. The file before stays, for ``takeBack()``.
    mutating func replace(fragments: [[UInt8]], stamps: Shard) throws {
        let stamp = CdbFragment(stamps)
        removeLeftovers()
        let database = try Cdb.assemble(fragments + [stamp.octets])
        // Not waited for to reach the disk: after a power loss it is made anew of the
        // contents, which were.
        try Files.replace(aside, with: database)
        let editor = try CdbEditor(aside)
        for octets in fragments {
            guard let first = try CdbFragment.first(octets) else { continue }
            guard try editor.values(of: first.key).contains(first.data) else { throw Self.unproven }
        }
        let new = try Self.changes(stamp)
        try Self.prove(new, editor)
        pending = nil
        made = database.count
        // What is live becomes the way back.
        if FileManager.default.fileExists(atPath: path) {
            try? FileManager.default.removeItem(atPath: standby)
            try FileManager.default.linkItem(atPath: path, toPath: standby)
        }
        try Files.replace(bootPath, with: Array(boot.utf8))
        try move(aside, to: path)
        self.stamps = new
    }

    /// Whether ``apply(_:stamps:)`` is the way to go.
    func canApply(_ changes: Changes) -> Bool { pending != nil && stamps != nil && changes.count <= Self.mostChanges }

    /// Changes keys of the copy, reads them back, and gives it to tinydns.
    ///
    /// - Throws: ``CdbError/full`` and others; the live file is untouched then, and
    ///   ``replace(fragments:stamps:)`` is the way out.
    mutating func apply(_ changes: Changes, stamps new: Shard) throws {
        guard let late = pending, let stamps else { throw Self.unproven }
        var all = changes
        let after = try Self.changes(CdbFragment(new))
        for key in Set(stamps.keys).union(after.keys) {
            all[key] = ReleaseContents.KeyChange(before: stamps[key]?.after ?? [], after: after[key]?.after ?? [])
        }
        // Half changed, it is of no use.
        pending = nil
        let editor = try CdbEditor(standby)
        try Self.edit(editor, late)
        try Self.edit(editor, all)
        try Self.prove(all, editor)
        guard editor.size < max(2 * made, made + (1 << 20)) else { throw CdbError.full }
        try exchange()
        self.stamps = after
        pending = all
    }

    /// Puts the file before the last change back. The next change makes it anew.
    mutating func takeBack() throws {
        try exchange()
        pending = nil
        stamps = nil
    }

    /// Brings the other file up to date: tinydns has answered from the live one, so nobody
    /// reads it any more.
    ///
    /// - Parameter isAnswered: false if nobody asked tinydns, as where no zone has a stamp: a
    ///   query may still read the other file, which is then replaced and not changed.
    mutating func settle(isAnswered: Bool = true) throws {
        if stamps == nil { return }
        if !isAnswered { pending = nil }
        guard let late = pending else {
            // A copy of what is live.
            try? FileManager.default.removeItem(atPath: standby)
            try FileManager.default.copyItem(atPath: path, toPath: standby)
            pending = [:]
            return
        }
        pending = nil
        try Self.edit(try CdbEditor(standby), late)
        pending = [:]
    }

    // MARK: Parts

    private static let unproven = ProxyError(.unproven, "the new database does not answer for what changed")

    private static func edit(_ editor: CdbEditor, _ changes: Changes) throws {
        for (key, change) in changes {
            var gone = change.before.subtracting(change.after)
            for data in change.after.subtracting(change.before) {
                // In the room of one as long, if there is one: stamps change all the time.
                if let old = gone.first(where: { $0.count == data.count }), try editor.replace(key: key, old, with: data) {
                    gone.remove(old)
                } else {
                    try editor.insert(key: key, data: data)
                }
            }
            for data in gone { try editor.remove(key: key, data: data) }
        }
    }

    /// All that came is there, and nothing that went.
    private static func prove(_ changes: Changes, _ editor: CdbEditor) throws {
        for (key, change) in changes {
            let values = try editor.values(of: key), set = Set(values)
            guard set.count == values.count, change.after.isSubset(of: set),
                set.isDisjoint(with: change.before.subtracting(change.after))
            else { throw unproven }
        }
    }

    private static func changes(_ fragment: CdbFragment) throws -> Changes {
        var changes: Changes = [:]
        try CdbFragment.walk(fragment.octets) { _, key, data in
            changes[Array(key), default: .init(before: [], after: [])].after.insert(Array(data))
        }
        return changes
    }

    /// Each of the two files gets the other's name. tinydns finds one or the other, never none.
    private func exchange() throws {
        try? FileManager.default.removeItem(atPath: aside)
        try FileManager.default.linkItem(atPath: path, toPath: aside)
        try move(standby, to: path)
        try move(aside, to: standby)
    }

    private func move(_ from: String, to: String) throws {
        guard rename(from, to) == 0 else {
            throw ProxyError(.disk, "cannot rename \(from): \(String(cString: strerror(errno)))")
        }
    }
}
