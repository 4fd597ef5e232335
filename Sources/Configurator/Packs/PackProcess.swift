internal import Foundation
internal import Glibc
internal import Pipeline
internal import Subprocess
internal import SystemPackage

/// A rule pack as a child process: its crash, hang or flood ends in an error here.
struct PackProcess: Sendable {
    let program: String
    var wire = PackSettings.Wire.protobuf
    var limits = PackSettings.Limits()
    var surroundings = Surroundings()

    /// What a pack can see besides its inputs: the same wherever it runs, so that it
    /// cannot depend on it unnoticed.
    struct Surroundings: Sendable {
        var directory = "/"
        var locale = "C.UTF-8"
        var timeZone = "UTC"

        fileprivate var environment: Environment {
            var values: [Environment.Key: String] = ["LC_ALL": locale, "LANG": locale, "TZ": timeZone]
            // To find interpreters and the Swift runtime; no secret of ours.
            for name in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"] {
                if let value = ProcessInfo.processInfo.environment[name], let key = Environment.Key(rawValue: name) {
                    values[key] = value
                }
            }
            return .custom(values)
        }
    }

    /// The pack's rules and their inputs.
    func describe() async throws -> [RuleDescription] {
        let reader = try await exchange(["describe"], request: [], PackReader(rule: "", wire: wire, limits: limits))
        guard let rules = reader.rules else { throw ConfiguratorError(.pack, "\(program): does not describe its rules") }
        return rules
    }

    /// What the pack's policies find in these records; nothing if it has none.
    func judge(_ request: PolicyRequest, _ records: [RecordSet]) async throws -> [PolicyFinding] {
        let description = try await exchange(["describe"], request: [], PackReader(rule: "", wire: wire, limits: limits))
        guard description.policies > 0 else { return [] }
        var octets = request.encoded
        for start in stride(from: 0, to: records.count, by: 2000) {
            octets += PackReply.records(Array(records[start...].prefix(2000)), map: []).encoded
        }
        return try await exchange(["judge"], request: octets, PackReader(rule: "policies", wire: wire, limits: limits)).findings
    }

    /// Runs one rule to its end.
    func run(_ request: PackRequest) async throws -> (records: [RecordSet], map: [MapEntry]) {
        let octets = wire == .json ? try request.line : request.encoded
        let reader = try await exchange(["run"], request: octets, PackReader(rule: request.rule, wire: wire, limits: limits))
        return (reader.records, reader.map)
    }

    /// The request as a file that has no name any more. Not a pipe: a pack that ends
    /// without reading would break it, and our end would end with it.
    private static func file(of request: [UInt8]) throws -> FileDescriptor {
        let path = "\(NSTemporaryDirectory())/freshet-request-\(UUID().uuidString)"
        let file = try FileDescriptor.open(
            FilePath(path), .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
        do {
            unlink(path)
            try file.writeAll(request)
            try file.seek(offset: 0, from: .start)
        } catch {
            try? file.close()
            throw error
        }
        return file
    }

    private struct Outcome: Sendable {
        var reader: PackReader
        var fault: ConfiguratorError?
        var failure: String?
        /// Not by its own fault.
        var wasKilled = false
    }

    private func exchange(_ arguments: [String], request: [UInt8], _ reader: PackReader) async throws -> PackReader {
        let who = reader.rule.isEmpty ? program : reader.rule
        var outcome: Outcome
        do {
            outcome = try await withThrowingTaskGroup(of: Outcome?.self) { group in
                group.addTask { try await outcomeOfChild(arguments, request, reader) }
                let deadline = limits.deadline
                group.addTask {
                    try await Task.sleep(for: deadline)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let outcome = first else {
                    throw ConfiguratorError(.pack, "\(who): the pack did not end within \(limits.deadline)")
                }
                return outcome
            }
        } catch let error as SubprocessError {
            // It could not be started, or wrote more errors than anyone would read.
            throw ConfiguratorError(.pack, "\(who): \(program): \(error)")
        }
        if let fault = outcome.fault { throw fault }
        if outcome.wasKilled, let failure = outcome.failure { throw ConfiguratorError(.interrupted, "\(who): \(failure)") }
        try outcome.reader.finish(failure: outcome.failure)
        return outcome.reader
    }

    /// Reads and judges in one task: while it judges, the pipe is full and the pack waits.
    private func outcomeOfChild(_ arguments: [String], _ request: [UInt8], _ reader: PackReader) async throws -> Outcome {
        // A group of its own, so that what the pack started ends with it.
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        let input = try Self.file(of: request)
        let result = try await Subprocess.run(
            .path(.init(program)), arguments: Arguments(arguments), environment: surroundings.environment,
            workingDirectory: FilePath(surroundings.directory), platformOptions: options,
            input: .fileDescriptor(input, closeAfterSpawningProcess: true), output: .sequence,
            error: .string(limit: 64 << 10)
        ) { execution in
            var reader = reader
            var fault: ConfiguratorError?
            do {
                for try await buffer in execution.standardOutput { try reader.feed(buffer.withUnsafeBytes { Array($0) }) }
            } catch let error as ConfiguratorError {
                fault = error
                // Nothing more that it says matters.
                try? execution.send(signal: .kill, toProcessGroup: true)
            }
            return (reader, fault)
        }
        var failure: String?
        if !result.terminationStatus.isSuccess {
            let errors = result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
            failure = "the pack ended with \(result.terminationStatus)\(errors.isEmpty ? "" : ": \(errors)")"
        }
        let wasKilled = [.signaled(SIGKILL), .signaled(SIGTERM)].contains(result.terminationStatus)
        return Outcome(reader: result.closureResult.0, fault: result.closureResult.1, failure: failure, wasKilled: wasKilled)
    }
}

extension PackRequest {
    /// One line of JSON, as packs in other languages read it.
    fileprivate var line: [UInt8] {
        get throws {
            struct Line: Encodable {
                var rule: String
                var inputs: [String: String]
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(Line(rule: rule, inputs: inputs))) + [0x0A]
        }
    }
}
