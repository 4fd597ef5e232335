import TestSupport
import Testing

@testable import DNSWire

@Suite struct RDataSVCBTests {
    static let foo = "03666f6f076578616d706c6503636f6d00"

    /// RFC 9460 appendix D.1 and D.2, and what its examples leave out.
    @Test(arguments: [
        ("0 foo.example.com.", "0000" + foo, nil), ("1 .", "000100", nil),
        ("16 foo.example.com. port=53", "0010" + foo + "000300020035", nil),
        ("1 foo.example.com. key667=hello", "0001" + foo + "029b000568656c6c6f", #"1 foo.example.com. key667="hello""#),
        (#"1 foo.example.com. key667="hello\210qoo""#, "0001" + foo + "029b000968656c6c6fd2716f6f", nil),
        (#"1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1""#,
            "0001" + foo + "0006002020010db800000000000000000000000120010db8000000000000000000530001",
            "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1"),
        (#"1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33""#,
            "0001076578616d706c6503636f6d000006001020010db80122034400000000c0000221",
            "1 example.com. ipv6hint=2001:db8:122:344::c000:221"),
        ("16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
            "001003666f6f076578616d706c65036f7267000000000400010004000100090268320568332d313900040004c0000201",
            #"16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1"#),
        (#"16 foo.example.org. alpn="f\\\\oo\\,bar,h2""#, "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832", nil),
        (#"16 foo.example.org. alpn=f\\\092oo\092,bar,h2"#, "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832",
            #"16 foo.example.org. alpn="f\\\\oo\\,bar,h2""#),
        (#"1 . alpn=h2 no-default-alpn="#, "00010000010003026832 00020000", #"1 . alpn="h2" no-default-alpn"#),
        (#"1 . ech="AAQBAgME" dohpath=/q{?dns} ohttp"#, "000100000500060004010203040007 00082f717b3f646e737d 00080000",
            #"1 . ech=AAQBAgME dohpath="/q{?dns}" ohttp"#),
        (#"1 . key3=\000\053 key65535 key0=\000\003"#, "00010000000002000300030002 0035 ffff0000", "1 . mandatory=port port=53 key65535"),
        // Parameters in alias mode are ignored, not an error (RFC 9460 §2.4.2).
        ("0 a. port=1", "0000016100000300020001", nil),
    ] as [(String, String, String?)])
    func exact(_ text: String, _ hex: String, _ canonical: String?) throws {
        for type in [RRType.svcb, .https] {
            let rdata = try RData(text, type: type)
            #expect(Hex.encode(rdata.wire) == hex.filter { $0 != " " })
            #expect(try RData(wire: rdata.wire, type: type).text(type: type) == canonical ?? text)
            #expect(try SVCB(rdata).rdata == rdata)
            #expect(try SVCB(rdata).isConsistent)
        }
    }

    /// RFC 9460 appendix D.3, and more of the kind.
    @Test(arguments: [
        ("key123=abc key123=def", .repeatedParameter), ("mandatory", .badParameter), ("alpn", .badParameter), ("port", .badParameter),
        ("ipv4hint", .badParameter), ("ipv6hint", .badParameter), ("ech", .badParameter), ("no-default-alpn=abc", .badParameter),
        ("mandatory=key123", .inconsistentParameters), ("mandatory=mandatory", .badParameter),
        ("mandatory=key123,key123 key123=abc", .badParameter), ("no-default-alpn", .inconsistentParameters),
        ("port=1 key3=\\000\\001", .repeatedParameter), ("port=65536", .badParameter), ("port=+1", .badParameter), ("port=\\053", .badParameter),
        ("port=\"1", .badSyntax), ("port=\"1\"2", .badParameter), ("port=1\"2\"", .badParameter), ("\"port=1\"", .badParameter),
        ("PORT=1", .badParameter), ("port =1", .badParameter), ("=1", .badParameter), ("key00=1", .badParameter), ("key01", .badParameter),
        ("key65536", .badParameter), ("key", .badParameter), ("keya", .badParameter), ("unknown=1", .badParameter), ("p\\111rt=1", .badParameter),
        ("alpn=h2,,h3", .badParameter), ("alpn=,", .badParameter), ("alpn=h2,", .badParameter), (#"alpn="a\\b""#, .badParameter),
        (#"alpn="a\\""#, .badParameter), ("alpn=\(String(repeating: "a", count: 256))", .badParameter), ("alpn=\\256", .badParameter),
        ("ipv4hint=192.0.2.1,", .badParameter), ("ipv4hint=::1", .badParameter), ("ipv6hint=1.2.3.4", .badParameter),
        ("ipv4hint=192.0.2.1\\,192.0.2.2", .badParameter), ("ech=AAQ", .badParameter), ("ech=AA\\065A", .badParameter), ("mandatory=", .badParameter),
        ("mandatory=al\\112n alpn=h2", .badParameter), ("mandatory=alpn, alpn=h2", .badParameter), ("key3=a", .badParameter), ("key1=", .badParameter),
        ("ohttp=1", .badParameter), ("port=1 \"\"", .badParameter), ("key9=\"a\" \"b\"", .badParameter),
    ] as [(String, RDataError.Code)])
    func refused(_ parameters: String, _ code: RDataError.Code) {
        let error = #expect(throws: RDataError.self, "\(parameters)") { try RData("1 foo.example.com. " + parameters, type: .svcb) }
        #expect(error?.code == code, "\(parameters)")
    }

    @Test(arguments: [
        // Keys that fall or repeat, and values cut off or of the wrong form.
        "0003000200350003000200 35", "000300020035 0001000302 6832", "00030001 35", "0003000300 3500", "000300", "0003000200", "00010000", "0001000100",
        "000100020268", "00020001 00", "00040000", "00040003 c00002", "00040005 c000020101", "00050000", "00060004 c0000201", "00000000",
        "0000000100", "000000020000", "0000000400040001", "0000000400040004", "00080001 00",
    ])
    func wireRefused(_ parameters: String) throws {
        let wire = try #require(Hex.decode("000100" + parameters.filter { $0 != " " }))
        #expect(throws: RDataError.self, "\(parameters)") { try RData(wire: wire, type: .https) }
    }

    /// What clients ignore is let through on the wire, and its text is no ordinary one.
    @Test(arguments: ["00020000", "000000020001", "0000000200030001000 3026832"])
    func inconsistent(_ parameters: String) throws {
        let wire = try #require(Hex.decode("000100" + parameters.filter { $0 != " " }))
        let rdata = try RData(wire: wire, type: .svcb)
        #expect(try !SVCB(rdata).isConsistent)
        #expect(rdata.text(type: .svcb).hasPrefix("\\# "))
        #expect(try RData(rdata.text(type: .svcb), type: .svcb) == rdata)
    }

    @Test func value() throws {
        var value = SVCB(priority: 1, target: try Name("a."))
        value.alpn = [Array("h2".utf8), Array("h3".utf8)]
        value.port = 8443
        value.ipv4Hints = [[192, 0, 2, 1], [192, 0, 2, 2]]
        value.ipv6Hints = [Array(repeating: 0, count: 15) + [1]]
        value.mandatory = [.port, .alpn, .port]
        #expect(value.isConsistent)
        let text = #"1 a. mandatory=alpn,port alpn="h2,h3" port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=::1"#
        #expect(value.rdata.text(type: .svcb) == text)
        let again = try value.rdata.as(SVCB.self)
        #expect(again == value)
        #expect(again.alpn == value.alpn && again.port == 8443 && again.mandatory == [.alpn, .port])
        #expect(again.ipv4Hints == value.ipv4Hints && again.ipv6Hints == value.ipv6Hints)
        value.port = nil
        #expect(!value.isConsistent)
        // Nonsense put in by hand is read without a trap.
        value.parameters = [.alpn: [9, 1], .port: [1], .ipv4Hint: [1, 2, 3], .mandatory: [0]]
        #expect(value.alpn == [[1]] && value.port == nil && value.ipv4Hints == [] && value.mandatory == [])
    }
}
