import TestSupport
import Testing

@testable import DNSWire

@Suite struct NameTests {
    @Test(arguments: [
        ("example.net.", [7, 101, 120, 97, 109, 112, 108, 101, 3, 110, 101, 116, 0]),
        (#"a\.b."#, [3, 97, 46, 98, 0]), (#"a\\b."#, [3, 97, 92, 98, 0]), (#"\000\255\032."#, [3, 0, 255, 32, 0]),
        (#"\@."#, [1, 64, 0]), (".", [0]), ("@", [0]), ("ü.", [2, 195, 188, 0]),
    ] as [(String, [UInt8])])
    func text(_ text: String, _ wire: [UInt8]) throws { #expect(try Name(text).wire == wire) }

    @Test func relative() throws {
        let origin = try Name("example.net.")
        #expect(try Name("www", relativeTo: origin) == Name("www.example.net."))
        #expect(try Name("www.", relativeTo: origin) == Name("www."))
        #expect(try Name(#"www\."#, relativeTo: origin).labels.count == 3)
        #expect(try Name("@", relativeTo: origin) == origin)
    }

    @Test(arguments: [
        ("", .emptyLabel), ("a..b.", .emptyLabel), (".a", .emptyLabel), ("..", .emptyLabel), (#"a\"#, .badEscape),
        (#"\256."#, .badEscape), (#"\12"#, .badEscape), (#"\1a2"#, .badEscape),
        (String(repeating: "a", count: 64) + ".", .labelTooLong),
        (String(repeating: "a.", count: 128), .nameTooLong),
    ] as [(String, NameError.Code)])
    func refused(_ text: String, _ code: NameError.Code) {
        let error = #expect(throws: NameError.self) { try Name(text) }
        #expect(error?.code == code)
        #expect(error?.text == text)
    }

    @Test func limits() throws {
        #expect(try Name(String(repeating: "a", count: 63) + ".").wire.count == 65)
        #expect(try Name(String(repeating: "a.", count: 127)).wire.count == 255)
        #expect(throws: NameError.self) { try Name("a", relativeTo: Name(String(repeating: "a.", count: 127))) }
        #expect(try Name(wire: Name(String(repeating: "a.", count: 127)).wire).labels.count == 127)
    }

    @Test(arguments: [
        ([], .unterminated), ([1], .unterminated), ([1, 97], .unterminated), ([64] + Array(repeating: 97, count: 64) + [0], .labelTooLong),
        ([0, 0], .trailingOctets), ([1, 97, 0, 0], .trailingOctets), ([0xC0, 0], .labelTooLong),
        (Array(repeating: [1, 97] as [UInt8], count: 128).flatMap { $0 } + [0], .nameTooLong),
    ] as [([UInt8], NameError.Code)])
    func wireRefused(_ wire: [UInt8], _ code: NameError.Code) {
        let error = #expect(throws: NameError.self) { try Name(wire: wire) }
        #expect(error?.code == code)
    }

    @Test func caseIsKeptAndIgnored() throws {
        let a = try Name("WWW.Example.NET."), b = try Name("www.example.net.")
        #expect(a == b)
        #expect(Set([a]).contains(b))
        #expect(a.description == "WWW.Example.NET.")
        #expect(a.canonicalWire == b.wire)
        // Octets that are not ASCII letters have no case: [ and {, and Latin-1 letters.
        #expect(try Name("[.") != Name("{."))
        #expect(try Name(#"\192."#) != Name(#"\224."#))
    }

    /// The example of RFC 4034 §6.1.
    @Test func canonicalOrder() throws {
        let names = try [
            "example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.", "z.example.",
            #"\001.z.example."#, "*.z.example.", #"\200.z.example."#,
        ].map { try Name($0) }
        var random = Seeded(1)
        for _ in 0..<50 { #expect(names.shuffled(using: &random).sorted { $0.precedes($1) } == names) }
        for name in names { #expect(!name.precedes(name)) }
    }

    @Test func within() throws {
        let zone = try Name("Example.net.")
        for inside in ["example.NET.", "a.example.net.", "a.b.example.net."] { #expect(try Name(inside).isWithin(zone)) }
        for outside in ["net.", ".", "anexample.net.", #"a\007example.net."#, "example.net.org."] {
            #expect(try !Name(outside).isWithin(zone), "\(outside)")
        }
        #expect(zone.isWithin(.root))
        #expect(try Name("a.b.").parent == Name("b."))
        #expect(Name.root.parent == nil)
    }

    @Test func wildcard() throws {
        #expect(try Name("*.a.").isWildcard)
        #expect(try Name(#"\042.a."#).isWildcard)
        for plain in ["a.*.", "**.a.", "*a.", "."] { #expect(try !Name(plain).isWildcard, "\(plain)") }
    }

    @Test func textRoundTrip() throws {
        var random = Seeded(2)
        for _ in 0..<3000 {
            let name = random.name()
            let again = try Name(name.description)
            #expect(again.wire == name.wire, "\(name)")
            #expect(name.description.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            #expect(try Name(wire: name.wire).wire == name.wire)
        }
    }

    @Test func randomOctetsNeverTrap() {
        var random = Seeded(3)
        var accepted = 0
        for _ in 0..<20_000 {
            let octets = random.mutate(random.name().wire)
            if let name = try? Name(wire: octets) {
                accepted += 1
                if name.wire != octets || name.labels.count > 127 { Issue.record("\(octets)") }
            }
        }
        #expect(accepted > 100)
    }

    @Test(arguments: ["TYPE+5", "TYPE-0", "TYPE", "TYPE65536", "TYPE 1", "BOGUS", ""])
    func noType(_ text: String) { #expect(RRType(text) == nil) }

    @Test func types() {
        #expect(RRType("mx") == .mx)
        #expect(RRType("type15") == .mx)
        #expect(RRType("TYPE65280")?.description == "TYPE65280")
        #expect(RRType(rawValue: 257).description == "CAA")
    }
}
