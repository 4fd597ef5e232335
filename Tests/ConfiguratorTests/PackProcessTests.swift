import DNSWire
import Foundation
import Glibc
import Pipeline
import TestSupport
import Testing

@testable import Configurator

/// Programs that behave badly in every way a pack can.
@Suite struct PackProcessTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("pack") }

    private func pack(_ script: String, deadline: Duration = .seconds(20), limit: Int = 1000, program: Bool = true) throws -> PackProcess {
        try write("#!/bin/sh\ncd '\(directory.path)' || exit\necho $$ > pid\n\(script)\n", to: "\(directory.path)/pack", program: program)
        return PackProcess(program: "\(directory.path)/pack", limits: .init(deadline: deadline, records: limit))
    }

    /// The stream as a file that a script can send.
    private func stream(_ replies: [PackReply], cut: Int = 0) throws {
        try write(Array(replies.flatMap(\.encoded).dropLast(cut)), to: "\(directory.path)/stream")
    }

    private func fault(_ pack: PackProcess, starts: Bool = true) async throws -> ConfiguratorError {
        do {
            _ = try await within(.seconds(15), "a bad pack") { try await pack.run(PackRequest(rule: "R", inputs: [:])) }
        } catch let error as ConfiguratorError {
            #expect(error.code == .pack)
            if starts { try await isGone("pid") }
            return error
        }
        throw TestFailure("a bad pack was believed")
    }

    /// The process whose number the script wrote is no longer there, nor a zombie of ours.
    private func isGone(_ file: String) async throws {
        let text = String(decoding: try contents("\(directory.path)/\(file)"), as: UTF8.self)
        let process = try #require(pid_t(text.filter(\.isNumber)))
        try await eventually("process \(process) of \(file) is gone") { kill(process, 0) != 0 && errno == ESRCH }
    }

    private func record(_ last: UInt8) throws -> RecordSet {
        RecordSet(key: RecordKey(owner: try Name("a\(last)."), type: .a), ttl: 1, rdata: [.a((192, 0, 2, last))], origin: Origin(source: "R"))
    }

    @Test func good() async throws {
        let records = try [record(1), record(2)]
        try stream([.records([records[0]], map: []), .records([records[1]], map: []), .done(records: 2, map: 0)])
        let result = try await pack("cat > request; cat stream").run(PackRequest(rule: "R", inputs: ["i": "/x"]))
        #expect(result.records == records)
        var request = Delimited()
        request.feed(try contents("\(directory.path)/request"))
        let message = try #require(try request.next())
        #expect(try PackRequest(decoding: message) == PackRequest(rule: "R", inputs: ["i": "/x"]))
        try await isGone("pid")
    }

    @Test func describe() async throws {
        let rules = [RuleDescription(name: "R", inputs: ["i"], file: "", line: 0)]
        try stream([.description(rules, policies: 0)])
        #expect(try await pack("[ $1 = describe ] && cat stream").describe() == rules)
        await #expect(throws: ConfiguratorError.self) { try await pack("exit 3").describe() }
    }

    /// A pack without policies is not asked to judge.
    @Test func judge() async throws {
        let records = try (0..<5000).map { try record(UInt8($0 % 200)) }
        let finding = PolicyFinding(level: .error, policy: "p", key: records[0].key, message: "m", origin: records[0].origin)
        try stream([.description([], policies: 1)])
        try Data(try contents("\(directory.path)/stream")).write(to: URL(filePath: "\(directory.path)/description"))
        try stream([.finding(finding), .done(records: 0, map: 0)])
        let pack = try pack("case $1 in describe) cat description;; judge) cat > request; cat stream;; esac")
        #expect(try await pack.judge(PolicyRequest(zones: [try Name("a.")], privateZones: []), records) == [finding])
        var request = Delimited()
        request.feed(try contents("\(directory.path)/request"))
        #expect(try PolicyRequest(decoding: try #require(try request.next())).zones == [try Name("a.")])
        var fed: [RecordSet] = []
        while let message = try request.next() {
            if case .records(let more, _) = try PackReply(decoding: message) { fed += more }
        }
        #expect(fed == records)
        try stream([.description([], policies: 0)])
        let none = try self.pack("[ $1 = describe ] && cat stream")
        #expect(try await none.judge(PolicyRequest(zones: [], privateZones: []), records).isEmpty)
    }

    /// A pack sees what it needs to run, and nothing else that the Configurator was given.
    @Test func surroundings() async throws {
        setenv("FRESHET_PACK_TEST_SECRET", "swordfish", 1)
        defer { unsetenv("FRESHET_PACK_TEST_SECRET") }
        _ = try await fault(pack("env > seen; exit 1"))
        let seen = String(decoding: try contents("\(directory.path)/seen"), as: UTF8.self)
        let names = Set(seen.split(separator: "\n").compactMap { $0.split(separator: "=").first.map(String.init) })
        let known: Set = ["LC_ALL", "LANG", "TZ", "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "PWD", "OLDPWD", "SHLVL", "_"]
        #expect(names.contains("LC_ALL") && names.isSubset(of: known), "\(names.subtracting(known))")
        #expect(!seen.contains("swordfish"))
    }

    @Test func crash() async throws {
        let error = try await fault(pack("echo went wrong >&2; kill -SEGV $$"))
        #expect(error.description.contains("went wrong"))
    }

    @Test func crashAfterSuccess() async throws {
        try stream([.records([record(1)], map: []), .done(records: 1, map: 0)])
        #expect(try await fault(pack("cat stream; exit 7")).description.contains("7"))
    }

    @Test func hang() async throws {
        let error = try await fault(pack("exec tail -f /dev/null", deadline: .seconds(1)))
        #expect(error.description.contains("did not end within"))
    }

    /// What a pack started ends with it.
    @Test func hangWithChild() async throws {
        let script = "tail -f /dev/null >/dev/null 2>&1 & echo $! > child; wait"
        #expect(try await fault(pack(script, deadline: .seconds(1))).description.contains("did not end within"))
        try await isGone("child")
    }

    @Test func hangDeafToSignals() async throws {
        let script = "trap '' TERM INT HUP; while :; do tail -f /dev/null; done"
        #expect(try await fault(pack(script, deadline: .seconds(1))).description.contains("did not end within"))
    }

    @Test func flood() async throws {
        let error = try await fault(pack("exec cat /dev/zero"))
        #expect(error.description.contains("unknown kind"))
        _ = try await fault(pack("exec yes"))
    }

    @Test func floodOfErrors() async throws { _ = try await fault(pack("exec cat /dev/zero >&2")) }

    @Test func tooManyRecords() async throws {
        try stream([.records(try (0..<200).map { try record($0) }, map: [])])
        let error = try await fault(pack("while :; do cat stream; done", limit: 1000))
        #expect(error.description.contains("more than 1000 records"))
    }

    @Test(arguments: [1, 5, 20])
    func truncated(_ cut: Int) async throws {
        try stream([.records([record(1), record(2)], map: []), .done(records: 2, map: 0)], cut: cut)
        #expect(try await fault(pack("cat stream")).description.contains("ended too soon"))
    }

    @Test func countsLie() async throws {
        try stream([.records([record(1)], map: []), .done(records: 2, map: 0)])
        #expect(try await fault(pack("cat stream")).description.contains("ended too soon"))
        #expect(try await fault(pack("exit 0")).description.contains("ended too soon"))
    }

    @Test func faults() async throws {
        try stream([.fault(message: "bad name", file: "S/R.swift", line: 12), .fault(message: "unreadable", file: "input", line: 0)])
        #expect(try await fault(pack("cat stream; exit 1")).faults == ["S/R.swift:12: bad name", "input: unreadable"])
        // Also if the pack then says that all is well.
        #expect(try await fault(pack("cat stream")).faults.count == 2)
    }

    @Test func garbage() async throws {
        for script in ["echo hello", "printf '\\377\\377\\377\\377\\377\\377'", "printf '\\003abc'"] { _ = try await fault(pack(script)) }
    }

    @Test func noProgram() async throws {
        _ = try await fault(pack("exit 0", program: false), starts: false)
        _ = try await fault(PackProcess(program: "/nonexistent/pack"), starts: false)
        _ = try await fault(PackProcess(program: directory.path), starts: false)
    }

    /// It need not read what it is asked.
    @Test func deaf() async throws {
        try stream([.done(records: 0, map: 0)])
        let inputs = Dictionary(uniqueKeysWithValues: (0..<20_000).map { ("input-\($0)", "/some/path") })
        let result = try await pack("exec <&-; cat stream").run(PackRequest(rule: "R", inputs: inputs))
        #expect(result.records.isEmpty)
    }
}
