import Foundation
import Logging
import Pipeline

/// Log lines on stderr: for people on a terminal, JSON otherwise.
struct LineLogHandler: LogHandler {
    enum Format: String, CaseIterable { case text, json }

    let label: String
    let format: Format
    let colour: Bool
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line: String
        switch format {
        case .json:
            var object: [String: String] = [
                "time": Instant.now().description, "level": event.level.rawValue, "stage": label,
                "message": event.message.description,
            ]
            for (key, value) in fields { object[object[key] == nil ? key : "field.\(key)"] = "\(value)" }
            let data = (try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])) ?? Data()
            line = String(decoding: data, as: UTF8.self)
        case .text:
            let time = Instant.now().description.dropFirst(11).dropLast()
            let level = event.level.rawValue.uppercased()
            let values = fields.map { " \($0.key)=\($0.value)" }.joined()
            let paint = colour && event.level >= .warning
            // What is told may come from anywhere: it neither moves a cursor nor begins a line.
            let told = Self.visible("\(event.message)\(values)")
            line = "\(time) \(paint ? "\u{1B}[3\(event.level >= .error ? 1 : 3)m" : "")\(level)\(paint ? "\u{1B}[0m" : "") [\(label)] \(told)"
        }
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    private static func visible(_ text: String) -> String { Visible.text(text).replacingOccurrences(of: "\n", with: "\n    ") }

    /// Every logger of the process; `level` and `format` as told, else by the terminal.
    static func bootstrap(level: Logger.Level, format: Format?) {
        let terminal = isatty(STDERR_FILENO) == 1
        let format = format ?? (terminal ? .text : .json)
        LoggingSystem.bootstrap { LineLogHandler(label: $0, format: format, colour: terminal, logLevel: level) }
    }
}
