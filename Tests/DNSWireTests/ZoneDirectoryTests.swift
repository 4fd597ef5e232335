import DNSWire
import Foundation
import TestSupport
import Testing
import ZoneFiles

@Suite struct ZoneDirectoryTests {
    let outside: TemporaryDirectory
    let root: String

    init() throws {
        outside = try TemporaryDirectory("zones")
        root = "\(outside.path)/root"
        try FileManager.default.createDirectory(atPath: "\(root)/sub", withIntermediateDirectories: true)
        try write("secret 60 TXT secret\n", to: "\(outside.path)/secret")
    }

    func lines(_ path: String) throws -> [String] {
        try ZoneDirectory(root).reader(path, options: .init()).map { item in
            switch item {
            case .record(let record): "\(record.owner) \(record.rdata.text(type: record.type))"
            case .fault(let fault): "! \(fault)"
            }
        }
    }

    @Test func includes() throws {
        try write("a 60 A 192.0.2.1\n$INCLUDE sub/b\nc 60 A 192.0.2.3\n", to: "\(root)/db")
        try write("b 60 A 192.0.2.2\n", to: "\(root)/sub/b")
        #expect(try lines("db") == ["a. 192.0.2.1", "b. 192.0.2.2", "c. 192.0.2.3"])
    }

    /// Files larger than one read.
    @Test func large() throws {
        try write((0..<50_000).map { "h\($0) 60 A 192.0.2.\($0 % 256)\n" }.joined(), to: "\(root)/db")
        let lines = try lines("db")
        #expect(lines.count == 50_000 && lines.last == "h49999. 192.0.2.79")
    }

    @Test func staysInside() throws {
        try FileManager.default.createSymbolicLink(atPath: "\(root)/link", withDestinationPath: "../secret")
        try FileManager.default.createSymbolicLink(atPath: "\(root)/up", withDestinationPath: "..")
        try FileManager.default.createSymbolicLink(atPath: "\(root)/loop", withDestinationPath: "loop")
        for path in ["link", "up/secret", "loop", "../secret", "/etc/hostname", "sub", "missing", "sub/../../secret"] {
            try write("$INCLUDE \(path)\nafter 60 A 192.0.2.1\n", to: "\(root)/db")
            let lines = try lines("db")
            #expect(lines.count == 2 && lines[0].hasPrefix("! db:1:10: cannot include: '\(path)'"), "\(lines)")
            #expect(lines.last == "after. 192.0.2.1")
        }
        for path in ["link", "up/secret", "../secret", "/etc/hostname", "", "."] {
            #expect(throws: ZoneDirectoryError.self) { try ZoneDirectory(root).text(path) }
        }
        #expect(throws: ZoneDirectoryError.self) { try ZoneDirectory("\(root)/none") }
    }
}
