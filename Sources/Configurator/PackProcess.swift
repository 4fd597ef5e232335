internal import Foundation
internal import Glibc
internal import Pipeline
internal import Subprocess
internal import SystemPackage

/// A rule pack as a child process: its crash, hang or flood ends in an error here.
struct PackProcess: Sendable {
    let program: String
    /// Longest run of one rule.
    var deadline: Duration = .seconds(120)
    /// Most records and map entries of one rule.
    var limit = 20_000_000

    /// The pack's rules and their inputs.
    func describe() async throws -> [RuleDescription] {
        var rules: [RuleDescription] = []
        try await exchange(["describe"], request: []) { reply in
            if case .description(let list) = reply { rules = list }
        }
        return rules
    }

    /// Runs one rule to its end.
    func run(_ request: PackRequest) async throws -> (records: [RecordSet], map: [MapEntry]) {
        var records: [RecordSet] = []
        var map: [MapEntry] = []
        var counts: (records: Int, map: Int)?
        var faults: [String] = []
        let limit = limit
        try await exchange(["run"], request: request.encoded) { reply in
            switch reply {
            case .records(let newRecords, let newMap):
                records += newRecords
                map += newMap
                guard records.count + map.count <= limit else {
                    throw ConfiguratorError(.pack, "\(request.rule): more than \(limit) records")
                }
            case .done(let r, let m): counts = (r, m)
            case .fault(let message, let file, let line):
                faults.append(file.isEmpty ? message : line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)")
            case .description: break
            }
        } onExit: { status, errors in
            if !faults.isEmpty { throw ConfiguratorError(.pack, faults) }
            if !status.isSuccess {
                throw ConfiguratorError(.pack, "\(request.rule): the pack ended with \(status)\(errors.isEmpty ? "" : ": \(errors)")")
            }
        }
        guard let counts, counts == (records.count, map.count) else {
            throw ConfiguratorError(.pack, "\(request.rule): the pack's stream ended too soon")
        }
        return (records, map)
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

    private func exchange(
        _ arguments: [String], request: [UInt8], onReply: (PackReply) throws -> Void,
        onExit: (TerminationStatus, String) throws -> Void = { status, errors in
            if !status.isSuccess { throw ConfiguratorError(.pack, "the pack ended with \(status): \(errors)") }
        }
    ) async throws {
        let program = program, deadline = deadline
        // A group of its own, so that what the pack started ends with it.
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        let platformOptions = options
        // The pipe carries encoded replies to this task; the child and its deadline run beside it.
        let input = try Self.file(of: request)
        let (chunks, continuation) = AsyncThrowingStream.makeStream(of: [UInt8].self)
        let child = Task {
            do {
                let result = try await withThrowingTaskGroup(of: (TerminationStatus, String)?.self) { group in
                    group.addTask {
                        let result = try await Subprocess.run(
                            .path(.init(program)), arguments: Arguments(arguments), platformOptions: platformOptions, 
                            input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                            output: .sequence, error: .string(limit: 64 << 10)
                        ) { execution in
                            for try await buffer in execution.standardOutput {
                                continuation.yield(buffer.withUnsafeBytes { Array($0) })
                            }
                        }
                        return (result.terminationStatus, result.standardError)
                    }
                    group.addTask {
                        try await Task.sleep(for: deadline)
                        return nil
                    }
                    let first = try await group.next()!
                    group.cancelAll()
                    return first
                }
                guard let result else { throw ConfiguratorError(.pack, "the pack did not end within \(deadline)") }
                continuation.finish()
                return result
            } catch let error as SubprocessError {
                // It could not be started, or wrote more errors than anyone would read.
                let fault = ConfiguratorError(.pack, "\(program): \(error)")
                continuation.finish(throwing: fault)
                throw fault
            } catch {
                continuation.finish(throwing: error)
                throw error
            }
        }
        var stream = Delimited()
        do {
            for try await chunk in chunks {
                stream.feed(chunk)
                while let message = try stream.next() { try onReply(try PackReply(decoding: message)) }
            }
        } catch {
            child.cancel()
            _ = try? await child.value
            if let fault = error as? DecodingFault { throw ConfiguratorError(.pack, "\(program): \(fault)") }
            throw error
        }
        let (status, errors) = try await child.value
        try onExit(status, errors.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
