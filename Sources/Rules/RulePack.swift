internal import Foundation
internal import Glibc
internal import Pipeline
public import Validation

/// A site's rules as a program, which the Configurator runs as a child process.
///
/// ```swift
/// @main struct SiteRules: RulePack {
///     let rules: [any Rule] = [Servers(), Mirrors()]
/// }
/// ```
///
/// The program answers `describe` (its rules and their inputs), `run` and `judge` (a request
/// on stdin) with length-delimited messages on stdout, `schemas/freshet/v1/pack.proto`.
public protocol RulePack {
    init()
    var rules: [any Rule] { get }
    /// What this site wants of its zones, beside what is right for any (``Validation/Validator``).
    var policies: [any Validator] { get }
}

extension RulePack {
    public var policies: [any Validator] { [] }
}

extension RulePack {
    public static func main() {
        // The messages get a descriptor of their own: a rule that prints writes
        // to stderr and cannot tear the stream.
        let output = PackOutput(descriptor: dup(STDOUT_FILENO))
        dup2(STDERR_FILENO, STDOUT_FILENO)
        let pack = Self()
        let rules = pack.rules
        switch CommandLine.arguments.dropFirst().first {
        case "describe":
            output.send(
                .description(
                    rules.map { rule in
                        RuleDescription(
                            name: type(of: rule).name, inputs: rule.inputs.map(\.name), file: "", line: 0)
                    }, policies: pack.policies.count))
        case "run":
            exit(run(rules, output))
        case "judge":
            exit(judge(pack.policies, output))
        default:
            FileHandle.standardError.write(
                Data("A Freshet rule pack: the Configurator runs it with 'describe', 'run' or 'judge' (request on stdin).\n".utf8))
            exit(64)
        }
    }

    private static func run(_ rules: [any Rule], _ output: PackOutput) -> Int32 {
        do {
            var stream = Delimited()
            stream.feed(FileHandle.standardInput.readDataToEndOfFile())
            guard let message = try stream.next() else {
                throw RuleFault(message: "no request on stdin", source: SourceLine(file: "", line: 0))
            }
            let request = try PackRequest(decoding: message)
            guard let rule = rules.first(where: { type(of: $0).name == request.rule }) else {
                throw RuleFault(message: "no rule '\(request.rule)' in this pack", source: SourceLine(file: "", line: 0))
            }
            let evaluation = try rule.evaluate(inputs: request.inputs)
            for fault in evaluation.faults { output.send(fault) }
            guard evaluation.faults.isEmpty else { return 1 }
            output.send(evaluation)
            // Giving back the memory of a million records takes as long as making them.
            withExtendedLifetime(evaluation) { exit(0) }
        } catch let fault as RuleFault {
            output.send(fault)
        } catch let several as RuleFaults {
            for fault in several.faults { output.send(fault) }
        } catch {
            output.send(RuleFault(message: "\(error)", source: SourceLine(file: "", line: 0)))
        }
        return 1
    }
}

extension RulePack {
    /// Lets the policies judge the records on stdin.
    private static func judge(_ policies: [any Validator], _ output: PackOutput) -> Int32 {
        let nowhere = SourceLine(file: "", line: 0)
        do {
            var stream = Delimited()
            stream.feed(FileHandle.standardInput.readDataToEndOfFile())
            guard let first = try stream.next() else { throw RuleFault(message: "no request on stdin", source: nowhere) }
            let request = try PolicyRequest(decoding: first)
            var records: [RecordSet] = []
            while let message = try stream.next() {
                guard case .records(let more, _) = try PackReply(decoding: message) else { throw RuleFault(message: "expected records", source: nowhere) }
                records += more
            }
            var profile = Profile()
            profile.privateZones = request.privateZones
            let validation = Validation(records: records, profile: profile, policies: policies, now: Instant(milliseconds: 0))
            for finding in validation.policyFindings(in: request.zones) {
                if let found = PolicyFinding(finding) { output.send(.finding(found)) }
            }
            output.send(.done(records: 0, map: 0))
            return 0
        } catch {
            output.send(error as? RuleFault ?? RuleFault(message: "\(error)", source: nowhere))
            return 1
        }
    }
}

extension PolicyFinding {
    /// `nil`: not of a policy.
    fileprivate init?(_ finding: Finding) {
        guard case .site(let policy) = finding.code else { return nil }
        let level: Level =
            switch finding.level {
            case .advice: .advice
            case .warning: .warning
            case .error: .error
            }
        self.init(level: level, policy: policy, key: finding.key, message: finding.message, origin: finding.origin)
    }
}

/// The pack's end of the stream.
private struct PackOutput {
    let descriptor: Int32

    func send(_ fault: RuleFault) {
        send(.fault(message: fault.message, file: fault.source.file, line: fault.source.line))
    }

    /// Batches keep the reader's memory small and its parser busy.
    func send(_ evaluation: Evaluation) {
        let batch = 2000
        for start in stride(from: 0, to: evaluation.records.count, by: batch) {
            send(.records(Array(evaluation.records[start...].prefix(batch)), map: []))
        }
        for start in stride(from: 0, to: evaluation.map.count, by: batch) {
            send(.records([], map: Array(evaluation.map[start...].prefix(batch))))
        }
        send(.done(records: evaluation.records.count, map: evaluation.map.count))
    }

    func send(_ reply: PackReply) {
        let octets = reply.encoded
        octets.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = write(descriptor, rest.baseAddress!, rest.count)
                if written < 0 {
                    if errno == EINTR { continue }
                    exit(74)  // the Configurator went away: nobody is left to tell
                }
                rest = rest.dropFirst(written)
            }
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var baseAddress: UnsafeRawPointer? { UnsafeRawBufferPointer(rebasing: self).baseAddress }
}
