import Pipeline
import TestSupport
import Testing
import TinyDNSData

/// What is said of lines that are wrong, or do not do what they seem to.
@Suite struct ProblemTests {
    static func codes(_ text: String, now: Int64? = nil) -> [String] {
        DataFile(Array(text.utf8), modified: 1).check(now: now.map { Instant(milliseconds: 1000 * $0) }).problems
            .map { "\($0.line) \($0.code)" }
    }

    @Test(arguments: [
        ("xa", "unknownLine"), (" +a:1.2.3.4", "unknownLine"), (":a:6:x", "prohibitedType"), (":a::x", "prohibitedType"),
        ("+" + String(repeating: "a", count: 64) + ":1.2.3.4", "labelTooLong"),
        ("+" + String(repeating: "a.", count: 128) + ":1.2.3.4", "nameTooLong"), ("Sa::b.:x", "missingPort"),
        ("+a:not-an-ip", "noAddress"), ("=a", "noAddress"), ("&a:x:b", "noAddress"), ("+a:1.2.3.4x", "noAddress"),
        ("+a:999.2.3.4", "addressOutOfRange"), ("+a:1.2.3.18446744073709551620", "addressOutOfRange"),
        ("+a:1.2.3.4:18446744073709551617", "numberOutOfRange"), ("+a:1.2.3.4:x", "badNumber"), ("+a:1.2.3.4:5x", "badNumber"),
        ("+a:1.2.3.4:2147483648", "numberOutOfRange"), ("@a::b:65536", "numberOutOfRange"),
        ("+a:1.2.3.4:5:4000", "badTimestamp"), ("+a:1.2.3.4:5:4000000038AF1379", "badTimestamp"),
        ("+a:1.2.3.4:5::abc", "longLocation"), ("+a:1.2.3.4:5::ab:x", "extraField"), ("%a:1:x", "extraField"), ("+:1.2.3.4", "emptyName"),
        ("+a..b:1.2.3.4", "emptyLabel"), ("+.a:1.2.3.4", "emptyLabel"), ("Ca:b\\", "badEscape"), ("'a:\\400", "badEscape"),
        ("%a:1.2.3.4.5", "badPrefix"), ("%a:1.2.3/8", "badPrefix"), ("%a:300", "badPrefix"), ("Ca:b\r", "carriageReturn"),
        ("'a:" + String(repeating: "x", count: 128), "cutText"), (":a:28:x", "malformedData"), ("'a", "malformedData"),
        (":a:65280:" + String(repeating: "x", count: 32_753), "unservable"),
    ])
    func each(_ line: String, _ code: String) {
        #expect(Self.codes("# first\n\(line)\n+a:1.2.3.5") == ["2 \(code)"])
    }

    @Test(arguments: [
        "+a:1.2.3.4", "+a.:1.2.3.4:0", "+.:1.2.3.4", "=*.a:1.2.3.4:5::ab", "&a::b", ".a:1.2.3.4:b", ".a::", "@a::b:10:2147483647", "%ab:1.2.3",
        "%ab", "%ab:", "'a:" + String(repeating: "x", count: 127), ":a:65280:" + String(repeating: "x", count: 32_752), "Za:b:c", "C\\056:\\377",
        "+a:1.2.3.4:5:4000000038af1379", "+a:1.2.3.4   ", "", "#", "-a..b",
    ])
    func nothing(_ line: String) { #expect(Self.codes(line) == []) }

    /// A line is lost once, however much is wrong with it, and with it all the records that it would make.
    @Test(arguments: [
        ("S" + String(repeating: "a", count: 64) + "::b.:x", [1, 0]), ("=a:x", [2]), ("+a:x", [1]), ("&a:x:b", [1]), ("x\nx", [1, 1]),
        ("+a:1.2.3.4x", [0]),
    ])
    func lost(_ text: String, _ lost: [Int]) {
        #expect(DataFile(Array(text.utf8), modified: 1).check().problems.map(\.lost).sorted(by: >) == lost)
    }

    @Test func allAtOnce() {
        let text = "xa\n+a:x\n:a:6:x\nSa\n+a..b:999.2.3.4:x"
        #expect(
            Self.codes(text) == [
                "1 unknownLine", "2 noAddress", "3 prohibitedType", "4 missingPort", "5 addressOutOfRange", "5 badNumber", "5 emptyLabel",
            ])
        #expect(throws: DataFaults.self) { try DataFile(Array(text.utf8), modified: 1).compiled() }
    }

    /// Faults are told of however many warnings come first.
    @Test func faultsHaveRoom() {
        let report = DataFile(Array((String(repeating: "+a:x\n", count: 30_000) + "x").utf8), modified: 1).check()
        #expect(report.warnings == 30_000)
        #expect(report.problems.last?.line == 30_001)
        #expect(report.problems.count <= DataReport.most)
    }

    /// TAI64 4000000038af1379 is 951,000,943 s after 1970 and ten more.
    @Test func ends() {
        let end = Int64(0x38AF_1379 - 10)
        #expect(Self.codes("+a:1.2.3.4:0:4000000038af1379", now: end) == [])
        #expect(Self.codes("+a:1.2.3.4:0:4000000038af1379", now: end + 1) == ["1 expired"])
        #expect(Self.codes("+a:1.2.3.4:5:4000000038af1379", now: end + 1) == [])
    }

    @Test func manyAddresses() {
        func set(_ name: String, _ count: Int, _ tail: String = "") -> [String] { (1...count).map { "+\(name):10.0.0.\($0):60:\(tail)" } }
        #expect(Self.codes(set("a", 8).joined(separator: "\n")) == [])
        #expect(Self.codes((["#"] + set("a", 4) + set("A", 5)).joined(separator: "\n")) == ["2 manyAddresses"])
        // A wildcard is not its parent, though they share a key; nor do locations add up.
        #expect(Self.codes((set("a", 5) + set("*.a", 5)).joined(separator: "\n")) == [])
        #expect(Self.codes((set("a", 5, ":aa") + set("a", 5, ":bb")).joined(separator: "\n")) == [])
        #expect(Self.codes((set("a", 4, ":aa") + set("a", 5)).joined(separator: "\n")) == ["1 manyAddresses"])
    }

    @Test func counts() throws {
        let file = DataFile(Array("# c\n.a:1.2.3.4:b\n=x:1.2.3.4\n\n%aa:1\n+y:no".utf8), modified: 1)
        let report = file.check()
        #expect(report.lines == 6 && report.records == 5 && report.mapEntries == 1)
        #expect(try report.size == file.compiled().count)
    }
}
