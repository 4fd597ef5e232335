import TestSupport
import Testing

@testable import DNSWire

/// Exact texts, and texts that are refused.
@Suite struct RDataTextTests {
    /// Text that comes out as it went in, unless a canonical one is given.
    @Test(arguments: [
        // RFC 4034 §2.3, §3.3, §4.3 and §5.4.
        (.dnskey, "256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3 Cbl+BBZH4b/0PY1kxkmvHjcZc8no kfzj31GajIQKY+5CptLr3buXA10h WqTkF7H6RfoRqXQeogmMHfpftf6z Mv1LyBUgia7za6ZEzOJBOztyvhjL 742iU/TpPSEDhm2SNKLijfUppn1U aNvv4w==", nil,
            "256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+BBZH4b/0PY1kxkmvHjcZc8nokfzj31GajIQKY+5CptLr3buXA10hWqTkF7H6RfoRqXQeogmMHfpftf6zMv1LyBUgia7za6ZEzOJBOztyvhjL742iU/TpPSEDhm2SNKLijfUppn1UaNvv4w=="),
        (.rrsig, "A 5 3 86400 20030322173103 20030220173103 2642 example.com. AAEC", "000105030001518 03e7c9dd73e5510d7 0a52 076578616d706c6503636f6d00 000102", nil),
        (.rrsig, "type65280 rsasha256 3 86400 4294967295 0 2642 . AA = =", "ff00080300015180ffffffff000000000a520000", "TYPE65280 8 3 86400 21060207062815 19700101000000 2642 . AA=="),
        // Dates outside of 1970 to 2106 wrap around (RFC 4034 §3.1.5).
        (.rrsig, "A 5 3 0 19691231235959 21060207062816 0 . AA==", "0001 05 03 00000000 ffffffff 00000000 0000 00 00", "A 5 3 0 21060207062815 19700101000000 0 . AA=="),
        (.nsec, "host.example.com. A MX RRSIG NSEC TYPE1234", "04686f7374076578616d706c6503636f6d000006400100000003041b000000000000000000000000000000000000000000000000000020", nil),
        (.nsec, "a. MX NSEC A MX", "016100 0006400100000001", "a. A MX NSEC"), (.nsec, "a.", "016100", nil),
        (.ds, "60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118", "ec4505012bb183af5f22588179a53b0a98631fad1a292118", "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118"),
        (.ds, "1 ed25519 2 00", "00010f0200", "1 15 2 00"), (.ds, "\\# 4 00010f02", "00010f02", nil),
        (.cds, "0 0 0 00", "0000000000", nil), (.cdnskey, "0 3 0 AA==", "0000030000", nil), (.cds, "0 DELETE 0 0 0", "0000000000", "0 0 0 00"),
        // RFC 5155 appendix A.
        (.nsec3, "1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG", "0101000c04aabbccdd14174eb2409fe28bcb4887a1836f957f0a8425e27b 0007220100000002 90",
            "1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM"),
        (.nsec3, "1 0 0 - VG", "01000000 00 01fc", "1 0 0 - vg"), (.nsec3param, "1 0 0 -", "0100000000", nil), (.nsec3param, "1 0 12 aAbB", "0100000c02aabb", "1 0 12 aabb"),
        (.csync, "66 3 A NS AAAA", "0000004200030004600000 08", nil), (.csync, "66 3", "000000420003", nil),
        (.zonemd, "2018031500 1 1 FEBE3D4CE2EC2FFA4BA99D46CD69D6D29711E55217057BEE 7EB1A7B641A47BA7FED2DD5B97AE499FAFA4F22C6BD647DE",
            "7848b78c 0101 febe3d4ce2ec2ffa4ba99d46cd69d6d29711e55217057bee7eb1a7b641a47ba7fed2dd5b97ae499fafa4f22c6bd647de",
            "2018031500 1 1 febe3d4ce2ec2ffa4ba99d46cd69d6d29711e55217057bee7eb1a7b641a47ba7fed2dd5b97ae499fafa4f22c6bd647de"),
        (.uri, #"10 1 "ftp://ftp1.example.com/public""#, "000a00016674703a2f2f667470312e6578616d706c652e636f6d2f7075626c6963", nil),
        (.caa, #"0 issue "ca\"\\\009""#, "00056973737565 6361225c09", #"0 issue "ca\"\\\009""#),
        (.eui48, "00-00-5e-00-53-2a", "00005e00532a", nil), (.eui64, "00-00-5E-EF-10-00-00-2A", "00005eef1000002a", "00-00-5e-ef-10-00-00-2a"),
        (.openpgpkey, "AAE C", "000102", "AAEC"), (.openpgpkey, "\\# 0", "", nil), (.smimea, "3 1 1 00", "03010100", nil),
        (.cert, "PGP 0 0 AA==", "000300000000", "3 0 0 AA=="), (.tsig, "\\# 17 000000000000000000000000000000 0000", "0000000000000000000000000000000000", "\\# 17 0000000000000000000000000000000000"),
        // RFC 1876 §4, and the limits.
        (.loc, "42 21 54 N 71 06 18 W -24m 30m", "00331613 89172dd0 70be15f0 00988d20", "42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m"),
        (.loc, "42 21 43.952 N 71 5 6.344 W -24m 1m 200m", "00122413 8917 0690 70bf2dd8 00988d20", "42 21 43.952 N 71 5 6.344 W -24.00m 1.00m 200.00m 10.00m"),
        (.loc, "52 14 05 N 00 08 50 E 10m", "00121613 8b3556c8 80081650 00989a68", "52 14 5.000 N 0 8 50.000 E 10.00m 1.00m 10000.00m 10.00m"),
        (.loc, "32 7 19 S 116 2 25 E 10m", "00121613 791b7d28 98e648 68 00989a68", "32 7 19.000 S 116 2 25.000 E 10.00m 1.00m 10000.00m 10.00m"),
        (.loc, "90 S 180 W -100000.00 0 90000000m 0.01", "00009910 6cb02700 59604e00 00000000", "90 0 0.000 S 180 0 0.000 W -100000.00m 0.00m 90000000.00m 0.01m"),
        (.loc, "0 S 0 0 0.1 e 42849672.95m 35m 0.5", "00335113 80000000 80000064 ffffffff", "0 0 0.000 N 0 0 0.100 E 42849672.95m 30.00m 0.50m 10.00m"),
        (.loc, "\\# 2 01ff", "01ff", nil), (.loc, "\\# 16 00051613892d178070be15f000988d20", "00051613892d178070be15f000988d20", nil),
        (.gpos, "-32.6882 116.8652 10.0", "082d33322e36383832083131362e383635320431302e30", #""-32.6882" "116.8652" "10.0""#),
    ] as [(RRType, String, String?, String?)])
    func exact(_ type: RRType, _ text: String, _ hex: String?, _ canonical: String?) throws {
        let rdata = try RData(text, type: type)
        if let hex { #expect(Hex.encode(rdata.wire) == hex.filter { $0 != " " }) }
        #expect(try RData(wire: rdata.wire, type: type).text(type: type) == canonical ?? text)
    }

    @Test(arguments: [
        (.rrsig, "NOPE 5 3 1 0 0 1 . AA==", .badType), (.rrsig, "A RSASHA 3 1 0 0 1 . AA==", .badNumber),
        (.rrsig, "A 256 3 1 0 0 1 . AA==", .badNumber), (.rrsig, "A 5 3 1 20010229000000 0 1 . AA==", .badTime),
        (.rrsig, "A 5 3 1 20000229246060 0 1 . AA==", .badTime), (.rrsig, "A 5 3 1 00000207062816 0 1 . AA==", .badTime),
        (.rrsig, "A 5 3 1 20001301000000 0 1 . AA==", .badTime), (.rrsig, "A 5 3 1 20000100000000 0 1 . AA==", .badTime), (.rrsig, "A 5 3 1 4294967296 0 1 . AA==", .badTime),
        (.rrsig, "A 5 3 1 2000022900000 0 1 . AA==", .badTime), (.rrsig, "A 5 3 1 21000229000000 0 1 . AA==", .badTime),
        (.dnskey, "256 3 5", .missingField), (.dnskey, "256 3 5 AQ", .badBase64), (.dnskey, "256 3 5 AQ=", .badBase64),
        (.dnskey, "256 3 5 AQ===", .badBase64), (.dnskey, "256 3 5 AR==", .badBase64), (.dnskey, "256 3 5 AQE", .badBase64),
        (.dnskey, "256 3 5 AQF=", .badBase64), (.dnskey, "256 3 5 AQ== AQ==", .badBase64), (.dnskey, "256 3 5 A===", .badBase64),
        (.dnskey, "256 3 5 AQ-_", .badBase64), (.dnskey, "256 3 5 =", .badBase64), (.dnskey, "256 3 5 AAAA====", .badBase64),
        (.nsec, "a. A BOGUS", .badType), (.nsec, "a. 5", .badType), (.nsec, "a. TYPE65536", .badType),
        (.nsec3, "1 0 0 -", .missingField), (.nsec3, "1 0 0 a 00", .badHex), (.nsec3, "1 0 0 xy 00", .badHex),
        (.nsec3, "1 0 0 - 0", .badBase32), (.nsec3, "1 0 0 - 01", .badBase32), (.nsec3, "1 0 0 - 0w", .badBase32),
        (.nsec3, "1 0 0 - 00======", .badBase32), (.nsec3, #"1 0 0 - """#, .badBase32), (.nsec3, #"1 0 0 "" 00"#, .badHex),
        (.nsec3, "1 0 0 - 000", .badBase32), (.nsec3param, "1 0 0 \(String(repeating: "00", count: 256))", .badHex),
        (.nsec3param, "1 0 0 - -", .extraField), (.uri, #"1 1 """#, .badString), (.uri, "1 1", .missingField),
        (.eui48, "00-00-5e-00-53", .badHex), (.eui48, "00-00-5e-00-53-2a-", .badHex), (.eui48, "00:00:5e:00:53:2a", .badHex),
        (.eui48, "00005e00532a", .badHex), (.eui64, "00-00-5e-00-53-2a", .badHex), (.caa, "0", .missingField),
        (.tsig, ". 1 1 0 1 0 0", .malformed), (.opt, "x", .malformed), (.caa, #"0 "" x"#, .badString),
        (.loc, "90 0 0.001 N 0 E 0", .badLocation), (.loc, "91 N 0 E 0", .badLocation), (.loc, "0 60 N 0 E 0", .badLocation),
        (.loc, "0 0 60 N 0 E 0", .badLocation), (.loc, "0 N 181 E 0", .badLocation), (.loc, "0 E 0 E 0", .badLocation),
        (.loc, "0 N 0 E", .missingField), (.loc, "0 0 0 N", .missingField), (.loc, "N 0 E 0", .badLocation), (.loc, "0 N 0 E -100000.01m", .badLocation),
        (.loc, "0 N 0 E 42849672.96", .badLocation), (.loc, "0 N 0 E 1.234", .badLocation), (.loc, "0 N 0 E 1.", .badLocation),
        (.loc, "0 N 0 E .5", .badLocation), (.loc, "0 N 0 E m", .badLocation), (.loc, "0 N 0 E +1", .badLocation), (.loc, "0 N 0 E 0 -1m", .badLocation),
        (.loc, "0 N 0 E 0 90000000.01m", .badLocation), (.loc, "0 N 0 E 0 1 1 1 1", .extraField), (.loc, "0 0 0.0001 N 0 E 0", .badLocation),
        (.loc, "0 0 0 0 N 0 E 0", .badLocation), (.loc, "-1 N 0 E 0", .badLocation),
    ] as [(RRType, String, RDataError.Code)])
    func refused(_ type: RRType, _ text: String, _ code: RDataError.Code) {
        let error = #expect(throws: RDataError.self, "\(text)") { try RData(text, type: type) }
        #expect(error?.code == code, "\(text)")
        #expect(error?.type == type)
    }

    @Test(arguments: [
        (.a, "c00002"), (.a, "c000020101"), (.ns, ""), (.ns, "c000"), (.rrsig, "000105030001518 03e7c9dd73e5510d7 0a52 c00c 00"),
        (.nsec3, "0100000000"), (.nsec3, "010000000000"), (.nsec3, "01000000ff00"), (.uri, "00010001"), (.caa, "0000"), (.caa, "00022d61"),
        // Bitmaps: an empty window, one too long, zeros at the end, windows that fall, repeat or are cut off.
        (.nsec, "00 0000"), (.nsec, "00 0021" + String(repeating: "01", count: 33)), (.nsec, "00 000100"), (.nsec, "00 00024000"),
        (.nsec, "00 0101400 00140"), (.nsec, "00 000140 000140"), (.nsec, "00 000240"), (.nsec, "00 00"), (.nsec, "c000 000140"),
        (.loc, "00a21613892d178070be15f000988d20"), (.loc, "001a1613892d178070be15f000988d20"), (.loc, "00121613892d178070be15f000988d"),
        (.loc, "00121613934fd90180000000 00988d20"), (.loc, "001216136cb026ff80000000 00988d20"), (.loc, "0012161380000000a69fb201 00988d20"),
        (.loc, ""), (.loc, "00"), (.eui48, "0000"), (.txt, ""), (.tsig, "00 000000000000 0000 0001 00"), (.dname, "c000"), (.svcb, "0001c000"),
    ] as [(RRType, String)])
    func wireRefused(_ type: RRType, _ hex: String) throws {
        let wire = try #require(Hex.decode(hex.filter { $0 != " " }))
        let error = #expect(throws: RDataError.self, "\(type) \(hex)") { try RData(wire: wire, type: type) }
        #expect(error?.code == .malformed)
        // Its text is that of any data, and is refused for the same reason.
        let text = RData(opaque: wire).text(type: type)
        #expect(text.hasPrefix("\\# \(wire.count)"))
        #expect(#expect(throws: RDataError.self) { try RData(text, type: type) }?.code == .malformed)
    }

    @Test func bounds() throws {
        let strings = Array(repeating: String(repeating: "a", count: 255), count: 256).joined(separator: " ")
        #expect(#expect(throws: RDataError.self) { try RData(strings, type: .txt) }?.code == .tooLong)
        #expect(try RData(String(strings.dropFirst(256)), type: .txt).wire.count == 65_280)
        #expect(try RData(String(strings.dropFirst(1)), type: .txt).wire.count == 65_535)
        #expect(throws: RDataError.self) { try RData(wire: Array(repeating: 0, count: 65_536), type: .null) }
    }

    /// Every second that has a text of its own, in leaps.
    @Test func signatureTimes() throws {
        for time in stride(from: 0, through: UInt32.max, by: 40_009) {
            var text: [UInt8] = []
            SignatureTime.append(time, to: &text)
            let parsed = SignatureTime.parse(text.span, TextField(start: 0, end: text.count, isQuoted: false))
            if parsed != time || text.count != 14 { Issue.record("\(time): \(String(decoding: text, as: UTF8.self))") }
        }
        func text(_ time: UInt32) -> String {
            var text: [UInt8] = []
            SignatureTime.append(time, to: &text)
            return String(decoding: text, as: UTF8.self)
        }
        #expect(text(951_782_399) == "20000228235959")
        #expect(text(951_782_400) == "20000229000000")
        #expect(text(4_107_542_400) == "21000301000000")
        #expect(text(1_735_689_599) == "20241231235959")
    }
}
