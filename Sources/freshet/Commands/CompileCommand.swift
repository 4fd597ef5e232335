import ArgumentParser
import Foundation
import Pipeline
import TinyDNSData

struct CompileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compile", abstract: "Compiles tinydns data text to a database, as tinydns-data does.",
        discussion: """
            The database has the octets that tinydns-data would write. All faults are reported at once, with their lines; \
            so is what tinydns-data drops or misreads without a word. The database is replaced as a whole, and stays as it \
            is if there is a fault. SOA records without a serial get the time when DATA was last modified.

            Exit status: 0 no faults, 1 faults.
            """)
    @Argument(help: "The text to compile; - is standard input.") var data: String
    @Option(name: [.short, .long], help: "Where the database goes, for instance data.cdb.") var output: String?
    @Flag(help: "Only judges the text; writes nothing.") var check = false
    @Flag(help: "For machines.") var json = false

    struct Problem: Encodable {
        var line: Int
        var level, code, message: String
    }

    struct Summary: Encodable {
        var data: String
        var output: String?
        var lines, records, mapEntries, size, faults, warnings: Int
        var seconds: Double
        var problems: [Problem]
    }

    func validate() throws {
        guard check == (output == nil) else { throw ValidationError("Give either --output FILE or --check.") }
    }

    func run() async throws {
        let clock = ContinuousClock(), start = clock.now
        let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let file = try Self.read(data)
        var report: DataReport
        do {
            if let output {
                let partial = try PartialFile(replacing: output)
                report = try file.compile(now: now) { try partial.write($0, at: $1) }
                try partial.finish()
            } else {
                report = file.check(now: now)
            }
        } catch let faults as DataFaults {
            report = faults.report
        }
        try tell(report, seconds: Double((clock.now - start) / .microseconds(1)) / 1e6)
        if report.faults > 0 { throw ExitCode(1) }
    }

    private func tell(_ report: DataReport, seconds: Double) throws {
        if json {
            return try printJSON(
                Summary(
                    data: data, output: output, lines: report.lines, records: report.records, mapEntries: report.mapEntries,
                    size: report.size, faults: report.faults, warnings: report.warnings, seconds: seconds,
                    problems: report.problems.map {
                        Problem(line: $0.line, level: $0.level.rawValue, code: $0.code.rawValue, message: $0.message)
                    }))
        }
        var text = ""
        for problem in report.problems { text += "\(data):\(problem.line): \(problem.level) \(problem.code): \(problem.message)\n" }
        let more = report.faults + report.warnings - report.problems.count
        if more > 0 { text += "\(data): \(more) more of these\n" }
        FileHandle.standardError.write(Data(text.utf8))
        guard isatty(STDOUT_FILENO) == 1 else { return }
        print(
            "\(report.lines) lines, \(report.records) records, \(report.mapEntries) map entries; "
                + "\(report.faults) faults, \(report.warnings) warnings; "
                + (output.map { report.faults > 0 ? "\($0) is not changed" : "\($0): \(report.size) octets" } ?? "nothing written")
                + " (\(String(format: "%.2f", seconds)) s)")
    }

    /// The text with the time of its last change, both of the same file.
    private static func read(_ path: String) throws -> DataFile {
        if path == "-" {
            let octets = try FileHandle.standardInput.readToEnd() ?? Data()
            return DataFile(Array(octets), modified: Int64(Date().timeIntervalSince1970))
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UserError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw UserError("\(path): \(String(cString: strerror(errno)))") }
        var octets: [UInt8] = []
        var failure: Int32 = 0
        // The size is a first guess: the file may grow, and a pipe has none.
        var room = max(Int(status.st_size) + 1, 1 << 16)
        var isAtEnd = false
        while !isAtEnd, failure == 0 {
            let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                while count < buffer.count {
                    let got = Foundation.read(descriptor, buffer.baseAddress! + count, buffer.count - count)
                    if got < 0, errno == EINTR { continue }
                    if got < 0 { failure = errno }
                    isAtEnd = got == 0
                    if got <= 0 { break }
                    count += got
                }
            }
            if octets.isEmpty { octets = part } else { octets += part }
            room = 1 << 20
        }
        guard failure == 0 else { throw UserError("\(path): \(String(cString: strerror(failure)))") }
        return DataFile(octets, modified: Int64(status.st_mtim.tv_sec))
    }
}

/// A file that takes another's place when it is whole and on the disk; till then it has
/// a name of its own, and goes away with its owner.
private final class PartialFile {
    private let path: String
    private let partial: String
    private let descriptor: Int32
    private var isFinished = false
    /// The disk is given its work while there is still some for us.
    private let flushing = DispatchQueue(label: "flush")
    private var flushed = 0

    init(replacing path: String) throws {
        self.path = path
        partial = "\(path).partial-\(UUID().uuidString.prefix(8))"
        descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw UserError("\(partial): \(String(cString: strerror(errno)))") }
    }

    func write(_ octets: UnsafeRawBufferPointer, at offset: Int) throws {
        var done = 0
        while done < octets.count {
            let count = pwrite(descriptor, octets.baseAddress! + done, octets.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            done += count
        }
        if offset - flushed > 16 << 20 {
            flushed = offset
            flushing.async { [descriptor] in _ = fdatasync(descriptor) }
        }
    }

    func finish() throws {
        flushing.sync {}
        guard fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0, rename(partial, path) == 0 else { throw failure() }
        isFinished = true
        let directory = URL(filePath: path).deletingLastPathComponent().path
        try Files.synchronize(directory)
    }

    private func failure() -> UserError { UserError("\(path): \(String(cString: strerror(errno)))") }

    deinit {
        flushing.sync {}
        close(descriptor)
        if !isFinished { unlink(partial) }
    }
}
