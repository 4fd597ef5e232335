internal import DNSWire
internal import Glibc
public import Pipeline

/// The text that tinydns-data compiles (tinydns-data(8)), as Debian's 1:1.05-15 reads it:
/// lines `.` `&` `=` `+` `@` `S` `'` `^` `C` `Z` `:` `%`, and `#` and `-`, which make nothing.
///
/// What tinydns-data accepts is accepted, and makes the same octets in the same order; what
/// it drops or misreads without a word is a warning here.
public struct DataFile: Sendable {
    /// The text: octets of any kind.
    public let octets: [UInt8]
    /// Of SOA records that are written without one: when the text was last modified, in
    /// seconds since 1970, or 1 if that is 0.
    public let serial: UInt32

    /// - Parameter modified: seconds since 1970.
    public init(_ octets: [UInt8], modified: Int64) {
        self.octets = octets
        let serial = UInt32(truncatingIfNeeded: modified)
        self.serial = serial == 0 ? 1 : serial
    }

    /// Writes the database, piece by piece. What was written is of no use if this throws.
    ///
    /// - Parameter now: what to judge timestamps by; `nil` not to.
    /// - Throws: ``DataFaults`` with all of them where tinydns-data would refuse the text; what
    ///   `output` throws.
    public func compile(now: Instant? = nil, _ output: @escaping CdbWriter.Output) throws -> DataReport {
        let report = try write(now, output)
        guard report.faults == 0 else { throw DataFaults(report: report) }
        return report
    }

    /// The database in memory.
    ///
    /// - Throws: ``DataFaults``.
    public func compiled() throws -> [UInt8] {
        var file: [UInt8] = []
        _ = try compile { octets, offset in
            let end = offset + octets.count
            if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
            file.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[offset..<end]).copyMemory(from: octets) }
        }
        return file
    }

    /// What ``compile(now:_:)`` would say.
    public func check(now: Instant? = nil) -> DataReport {
        do {
            return try write(now) { _, _ in }
        } catch {
            preconditionFailure("nothing was written that could fail: \(error)")
        }
    }

    private func write(_ now: Instant?, _ output: @escaping CdbWriter.Output) throws -> DataReport {
        // TAI64 as tinydns takes it: ten seconds ahead of Unix time (tai_now.c).
        let tai = now.map { UInt64(0x4000_0000_0000_000A) &+ UInt64(bitPattern: $0.milliseconds / 1000) }
        var scanner = DataScanner(CdbSink(output), serial: serial, now: tai)
        try octets.withUnsafeBufferPointer { try scanner.read($0) }
        var report = scanner.report
        let sink = scanner.finish()
        let summary = try sink.finish()
        if report.faults == 0 { report.size = summary.size }
        if !summary.crowded.isEmpty {
            var second = DataScanner(AddressSink(summary.crowded), serial: serial, now: nil)
            try octets.withUnsafeBufferPointer { try second.read($0) }
            for problem in second.sink.problems { report.add(problem) }
        }
        return report.inOrder
    }
}

extension DataReport {
    var inOrder: DataReport {
        var report = self
        report.problems.sort { ($0.line, $0.code.rawValue, $0.message) < ($1.line, $1.code.rawValue, $1.message) }
        return report
    }
}

extension Octets {
    /// Where the line's feed is, or the end.
    func lineEnd(from start: Int) -> Int {
        guard let base = baseAddress, let feed = memchr(base + start, 0x0A, count - start) else { return count }
        return UnsafeRawPointer(feed) - UnsafeRawPointer(base)
    }
}
