internal import Foundation
internal import Subprocess
internal import SystemPackage

/// A program that judges our results: run to its end with all its input given at once.
public struct Program: Sendable {
    public struct Outcome: Sendable {
        public var succeeded: Bool
        public var output: [UInt8]
        public var errors: String
        public var text: String { String(decoding: output, as: UTF8.self) }
    }

    private let path: String

    /// Found in PATH or where administrators' programs are; `hint` says how to get it.
    public init(_ name: String, hint: String) throws {
        let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        let candidates = name.hasPrefix("/") ? [name] : places.map { "\($0)/\(name)" }
        guard let path = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw TestFailure("\(name) is missing: \(hint)")
        }
        self.path = path
    }

    /// Python with the packages of `Tests/requirements.txt`.
    public static func python() throws -> Program {
        let environment = ProcessInfo.processInfo.environment["FRESHET_VENV"]
        return try Program(
            "\(environment ?? "\(packageRoot)/.venv")/bin/python3",
            hint: "run 'make test-tools' to make the virtual environment (FRESHET_VENV names another place)")
    }

    /// A script of `Tests/Oracles`, one JSON value a line in and out.
    public static func oracle<Line: Encodable, Answer: Decodable>(
        _ script: String, _ arguments: [String] = [], lines: [Line], answers: Answer.Type
    ) async throws -> [Answer] {
        let encoder = JSONEncoder()
        let input = try lines.flatMap { try Array(encoder.encode($0)) + [UInt8(ascii: "\n")] }
        let outcome = try await python().run(["\(packageRoot)/Tests/Oracles/\(script)"] + arguments, input: input)
        guard outcome.succeeded else { throw TestFailure("\(script): \(outcome.errors)") }
        let answers = try outcome.output.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Answer.self, from: Data($0))
        }
        guard answers.count == lines.count else { throw TestFailure("\(script): \(answers.count) answers to \(lines.count) lines") }
        return answers
    }

    public func run(_ arguments: [String], input: [UInt8] = [], in directory: String = "/") async throws -> Outcome {
        // From a file: a program that does not read all would break a pipe, and us with it.
        let scratch = try TemporaryDirectory("input")
        try write(input, to: "\(scratch.path)/input")
        let file = try FileDescriptor.open(FilePath("\(scratch.path)/input"), .readOnly, options: .closeOnExec)
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), workingDirectory: FilePath(directory),
            input: .fileDescriptor(file, closeAfterSpawningProcess: true), output: .bytes(limit: 64 << 20),
            error: .string(limit: 1 << 20))
        return Outcome(
            succeeded: result.terminationStatus.isSuccess, output: result.standardOutput,
            errors: result.standardError)
    }
}

/// Where `Package.swift` is.
public let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

/// Reads a file whole.
public func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

/// Writes a file; `program` makes it executable.
public func write(_ text: String, to path: String, program: Bool = false) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
    if program { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
}

/// Writes octets to a file.
public func write(_ octets: [UInt8], to path: String) throws { try Data(octets).write(to: URL(filePath: path)) }
