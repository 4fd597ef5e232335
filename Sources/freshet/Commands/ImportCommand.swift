import ArgumentParser
import DNSWire
import Exchange
import Foundation

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Brings zones over from other tools, as files for the site's edits.",
        discussion: """
            Every record is either written or refused, with its file and line; refusals do not stop the rest \
            unless --strict. One file a zone is written; none is overwritten without --force. The files \
            can as well be put into edits/ as they are (docs/import.md).

            Exit status: 0 all is written that can be, 1 a file cannot be read or written, 2 records are refused (--strict).

            EXAMPLES
              freshet import /etc/bind/zones --to edits                   zone files
              freshet import config/ --from octodns --to edits            octoDNS' directory
              dnscontrol print-ir > ir.json; freshet import ir.json --to edits
            """)
    @Argument(help: "Files, and directories of files.") var paths: [String]
    @Option(help: "zone, octodns or dnscontrol; by default each file's name and beginning say.") var from: ReadFormat?
    @Option(help: "The zone that the files are of; by default the files say.") var zone: String?
    @Option(help: "The directory to write to, such as the site's edits.") var to: String
    @Option(help: "zone or octodns.") var format: WrittenFormat = .zone
    @Flag(help: "Write nothing if a record is refused.") var strict = false
    @Flag(help: "Overwrite files that are there.") var force = false
    @Flag(help: "For machines.") var json = false

    func run() async throws {
        let apex = try zone.map { text in
            do { return try Name(text) } catch { throw ValidationError("--zone: \(error)") }
        }
        let (holding, faults) = Import(format: from?.format, zone: apex).read(paths)
        let export = Export(holding, format: format.format)
        let refusals = holding.refusals + export.refusals
        var report = ExchangeReport(
            read: holding.read, records: holding.count, refusals: refusals, notes: holding.notes + export.notes,
            faults: faults.map(\.description))
        if faults.isEmpty, !(strict && !refusals.isEmpty) {
            report.files = try ExchangeReport.write(export.files, to: to, force: force)
        }
        try report.show(json: json)
        if !faults.isEmpty { throw ExitCode(1) }
        if strict, !refusals.isEmpty { throw ExitCode(2) }
    }
}

/// What is read.
enum ReadFormat: String, ExpressibleByArgument, CaseIterable {
    case zone, octodns, dnscontrol
    var format: ExchangeFormat {
        switch self {
        case .zone: .zone
        case .octodns: .octodns
        case .dnscontrol: .dnscontrol
        }
    }
}

/// What is written.
enum WrittenFormat: String, ExpressibleByArgument, CaseIterable {
    case zone, octodns
    var format: ExchangeFormat { self == .zone ? .zone : .octodns }
}

/// What came of an import or an export.
struct ExchangeReport: Encodable {
    struct Row: Encodable {
        var file: String
        var line: Int
        var subject, reason, message: String
        var records: Int

        init(_ remark: Remark) {
            (file, line, subject, reason) = (remark.file, remark.line, remark.subject, remark.reason.rawValue)
            (message, records) = (remark.message, remark.records)
        }
    }

    /// Records read, and RRsets made of them.
    var read, records: Int
    var refusals, notes: [Row]
    /// Files that cannot be read.
    var faults: [String]
    /// Paths that were written.
    var files: [String] = []
    private var shown: [Remark] = []
    private var remarks: [Remark] = []

    private enum CodingKeys: CodingKey { case read, records, refusals, notes, faults, files }

    init(read: Int, records: Int, refusals: [Remark], notes: [Remark], faults: [String] = []) {
        self.read = read
        self.records = records
        self.refusals = refusals.map(Row.init)
        self.notes = notes.map(Row.init)
        self.faults = faults
        shown = refusals
        remarks = notes
    }

    func show(json: Bool) throws {
        if json { return try printJSON(self) }
        for fault in faults { print(Paint.red("unreadable ") + fault) }
        for (reason, remarks) in shown.byReason {
            print(Paint.red("refused ") + Paint.bold(reason.rawValue) + ": \(remarks.reduce(0) { $0 + $1.records }) records")
            for remark in remarks { print("  \(remark)") }
        }
        for note in remarks { print(Paint.yellow("note ") + "\(note)") }
        for file in files { print("wrote \(file)") }
        print("\(read) records read, \(records) RRsets, \(shown.reduce(0) { $0 + $1.records }) records refused, \(files.count) files written")
    }

    /// Writes all files, each whole or not at all; throws before the first if one is there already.
    static func write(_ files: [Export.File], to directory: String, force: Bool) throws -> [String] {
        let paths = files.map { "\(directory)/\($0.name)" }
        let present = paths.filter { FileManager.default.fileExists(atPath: $0) }
        guard force || present.isEmpty else {
            throw UserError("there already, --force overwrites: \(present.joined(separator: ", "))")
        }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for (file, path) in zip(files, paths) { try Data(file.octets).write(to: URL(filePath: path), options: .atomic) }
        return paths
    }
}
