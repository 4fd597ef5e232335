import ArgumentParser
import Foundation
import Logging
import Pipeline

/// What every command that reads the configuration takes.
struct CommonOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The pipeline's configuration file.")
    var config = ProcessInfo.processInfo.environment["FRESHET_CONFIG"] ?? "pipeline.yaml"

    @Option(name: .customLong("set"), help: ArgumentHelp("Overrides a value of the file.", valueName: "key=value"))
    var overrides: [String] = []

    @Option(help: "Least level of log lines: trace, debug, info, notice, warning, error.")
    var logLevel = "info"

    @Option(help: "text or json; by default text on a terminal.")
    var logFormat: String?

    /// Reads the file, sets up logging.
    ///
    /// - Parameter quiet: for commands whose output is their answer: warnings only.
    func load(quiet: Bool = false) throws -> PipelineSettings {
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw ValidationError("--log-level \(logLevel): expected one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var format: LineLogHandler.Format?
        if let logFormat {
            format = LineLogHandler.Format(rawValue: logFormat)
            if format == nil { throw ValidationError("--log-format \(logFormat): expected text or json") }
        }
        LineLogHandler.bootstrap(level: quiet && level == .info ? .warning : level, format: format)
        return try PipelineSettings(file: config, overrides: overrides)
    }

    /// Runs `body` with the store, which is closed after it.
    func withStore<T>(_ body: (PipelineSettings, any Store) async throws -> T) async throws -> T {
        let settings = try load(quiet: true)
        let store = try Wiring.open(settings.store)
        do {
            let result = try await body(settings, store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }
}

/// Prints a value as JSON, keys sorted.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
