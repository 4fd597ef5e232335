import Exchange
import Foundation

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

    /// How much is refused for a reason.
    struct Count: Encodable {
        var reason: String
        /// Also map entries.
        var remarks, records: Int
    }

    /// Records read, RRsets made of them, and map entries.
    var read, records, map: Int
    /// Records that are not in what was made.
    var refused: Int
    var counts: [Count]
    var refusals, notes: [Row]
    /// Files that cannot be read.
    var faults: [String]
    /// Paths that were written.
    var files: [String] = []
    private var shown: [Remark] = []
    private var remarks: [Remark] = []

    private enum CodingKeys: CodingKey { case read, records, map, refused, counts, refusals, notes, faults, files }

    init(read: Int, records: Int, map: Int = 0, refusals: [Remark], notes: [Remark], faults: [String] = []) {
        self.read = read
        self.records = records
        self.map = map
        counts = refusals.byReason.map { reason, remarks in
            Count(reason: reason.rawValue, remarks: remarks.count, records: remarks.reduce(0) { $0 + $1.records })
        }
        refused = counts.reduce(0) { $0 + $1.records }
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
            print(Paint.red("refused ") + Paint.bold(reason.rawValue) + ":")
            for remark in remarks { print("  \(remark)") }
        }
        for note in remarks { print(Paint.yellow("note ") + "\(note)") }
        for file in files { print("wrote \(file)") }
        let reasons = counts.map { "\($0.reason) \($0.records)" }.joined(separator: ", ")
        print(
            "\(read) records read, \(records) RRsets\(map > 0 ? " and \(map) map entries" : "") made, "
                + "\(refused) records refused\(reasons.isEmpty ? "" : " (\(reasons))"), \(files.count) files written")
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
