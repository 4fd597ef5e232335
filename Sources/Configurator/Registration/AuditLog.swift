internal import Foundation
internal import Glibc

/// Who registered what, from where, with what answer: one line of JSON each, never rewritten.
actor AuditLog {
    struct Entry: Encodable, Sendable {
        var time, peer: String
        var identity: String?
        var action: String
        var status: Int
        var generation: UInt64?
        var records: [String]
    }

    private let descriptor: Int32
    private var waiting: [(line: [UInt8], done: CheckedContinuation<Bool, Never>)] = []
    private var isWriting = false
    /// The file ends within a line: of a process that was killed, or on a disk that was full.
    private var isTorn: Bool
    private let queue = DispatchQueue(label: "audit")

    init(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ConfiguratorError(.input, "\(path): the audit log cannot be written: \(String(cString: strerror(errno)))")
        }
        var last: UInt8 = 0x0A
        let size = lseek(descriptor, 0, SEEK_END)
        if size > 0 { pread(descriptor, &last, 1, size - 1) }
        isTorn = last != 0x0A
    }

    deinit { close(descriptor) }

    /// Whether the entry is on the disk. Those that come while the disk is busy share a flush.
    @discardableResult
    func append(_ entry: Entry) async -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(entry) else { return false }
        return await withCheckedContinuation { done in
            waiting.append((Array(line) + [0x0A], done))
            guard !isWriting else { return }
            isWriting = true
            Task { await flush() }
        }
    }

    private func flush() async {
        while !waiting.isEmpty {
            let batch = waiting
            waiting = []
            // What is torn stays as it is, and spoils no line after it.
            let octets = (isTorn ? [0x0A] : []) + batch.flatMap(\.line), descriptor = descriptor
            let isDone = await withCheckedContinuation { done in
                queue.async { done.resume(returning: Self.write(octets, to: descriptor)) }
            }
            isTorn = !isDone
            for one in batch { one.done.resume(returning: isDone) }
        }
        isWriting = false
    }

    private static func write(_ octets: [UInt8], to descriptor: Int32) -> Bool {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            rest = rest.dropFirst(count)
        }
        return fdatasync(descriptor) == 0
    }
}
