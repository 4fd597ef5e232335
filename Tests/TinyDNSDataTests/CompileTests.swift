import Foundation
import Pipeline
import TestSupport
import Testing
import TinyDNSData

/// What we make of a text beside what Debian's tinydns-data makes of it, octet by octet.
@Suite struct CompileTests {
    /// The database of tinydns-data, `nil` if it refuses the text.
    static func theirs(_ text: [UInt8], modified: Int64) async throws -> (file: [UInt8]?, errors: String) {
        let directory = try TemporaryDirectory("compile")
        try write(text, to: "\(directory.path)/data")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: TimeInterval(modified))], ofItemAtPath: "\(directory.path)/data")
        let outcome = try await Program("tinydns-data", hint: "install the package tinydns").run([], in: directory.path)
        return (outcome.succeeded ? try contents("\(directory.path)/data.cdb") : nil, outcome.errors)
    }

    static func ours(_ text: [UInt8], modified: Int64) -> [UInt8]? { try? DataFile(text, modified: modified).compiled() }

    static func lines(_ random: inout Seeded, _ count: Int, refusable: Bool = false) -> [UInt8] {
        Array((0..<count).map { _ in random.dataLine(refusable: refusable) }.joined(separator: [0x0A]))
    }

    @Test(arguments: 0..<4)
    func manyLines(_ seed: Int) async throws {
        var random = Seeded(UInt64(seed))
        let text = Self.lines(&random, 25_000) + (seed % 2 == 0 ? [0x0A] : [])
        let modified: Int64 = [0, 1_700_000_000, 4_294_967_296, 4_294_967_297][seed]
        let (theirs, errors) = try await Self.theirs(text, modified: modified)
        let ours = try DataFile(text, modified: modified).compiled()
        #expect(theirs != nil, "\(errors)")
        #expect(ours.count > 1_000_000)
        guard ours != theirs, let theirs else { return }
        // The first record that differs names its line better than an offset.
        let at = zip(ours[2048...], theirs[2048...]).enumerated().first { $1.0 != $1.1 }?.offset ?? -1
        Issue.record("differs at \(at + 2048): \(ours.dropFirst(2030 + at).prefix(60)) \(theirs.dropFirst(2030 + at).prefix(60))")
    }

    /// Few lines, so that each refusal is met alone; also texts that are none.
    @Test(arguments: 0..<4)
    func refusals(_ seed: Int) async throws {
        var random = Seeded(UInt64(1000 + seed))
        var refused = 0
        for _ in 0..<60 {
            var text = Self.lines(&random, 1 + random.below(4), refusable: true)
            if random.chance(8) { text = random.mutate(text) }
            let (theirs, errors) = try await Self.theirs(text, modified: 77)
            let ours = Self.ours(text, modified: 77)
            #expect(ours == theirs, "\(String(decoding: text, as: UTF8.self)) \(errors)")
            if theirs == nil { refused += 1 }
            // Where they name a line it is our first fault's.
            if theirs == nil, let number = errors.firstMatch(of: /data line (\d+)/)?.1 {
                let faults = DataFile(text, modified: 77).check().problems.filter { $0.level == .fault }
                #expect(faults.first.map { "\($0.line)" } == String(number))
            }
        }
        #expect((5..<55).contains(refused))
    }

    /// Each kind of line with all its fields, and the forms of the manual.
    @Test(arguments: [
        ".example.net:10.0.0.1:a:3600:4000000038af1379:in", "&example.net:10.0.0.1:b.other.net", "=www.example.net:10.0.0.2:60",
        "+*.example.net:10.0.0.3:0", "@example.net:10.0.0.4:mx:10:300::ex", "Ssip.example.net:10.0.0.5:srv:5060:1:2:60",
        "'example.net:text\\072 with a colon:60", "^1.0.0.10.in-addr.arpa:host.example.net", "Calias.example.net:www.example.net.:5",
        "Zexample.net:a.ns.example.net:hostmaster.example.net:1:2:3:4:5:6", "Zexample.net:a:b", ":example.net:28:\\040\\001\\015\\270:60",
        "%in:10", "%ex", "#comment:x", "-example.net:1.2.3.4", "", ".", "+", "'a", "'a:", ".x::", ".x::y:0", ".x::y:4294967296", ".*.x:1.2.3.4:z",
        "@*.x:1.2.3.4:*.y", "+a:1.2.3.4:5   \t", "+a:1.2.3.4\r",
    ])
    func eachForm(_ line: String) async throws {
        for text in [line, line + "\n", line + "\n\n" + line] {
            let text = Array(text.utf8)
            let (theirs, errors) = try await Self.theirs(text, modified: 5)
            #expect(try DataFile(text, modified: 5).compiled() == theirs, "\(errors)")
        }
    }

    @Test func nothing() async throws {
        #expect(try await Self.theirs([], modified: 1).file == Self.ours([], modified: 1))
    }

    /// Thousands of map entries, whose hashes are close, and of records of one name.
    @Test func alikeKeys() async throws {
        var lines: [String] = []
        for i in 0..<6000 { lines.append("%aa:10.\(i / 250).\(i % 250)") }
        for i in 0..<6000 { lines.append("+a.example.net:10.1.\(i / 250).\(i % 250)") }
        let text = Array(lines.joined(separator: "\n").utf8)
        #expect(try await Self.theirs(text, modified: 1).file == Self.ours(text, modified: 1))
    }

    /// A record larger than what is written at once.
    @Test func largeRecord() async throws {
        let text = Array("+a:1.2.3.4\n".utf8) + Array("'b:".utf8) + [UInt8](repeating: 0x78, count: 700_000) + Array("\n+c:1.2.3.4".utf8)
        #expect(try await Self.theirs(text, modified: 1).file == Self.ours(text, modified: 1))
    }
}
