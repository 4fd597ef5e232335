import TestSupport
import Testing

@testable import DNSWire

@Suite struct RDataTests {
    @Test(arguments: [
        (.a, "192.0.2.1", "c0000201", nil), (.aaaa, "2001:DB8::1", "20010db8000000000000000000000001", "2001:db8::1"),
        (.ns, "ns.example.", "026e73076578616d706c6500", nil), (.mx, "10 mx", "000a026d78016f00", "10 mx.o."),
        (.cname, "@", "016f00", "o."), (.ptr, ".", "00", nil), (.dname, "a.", "016100", nil),
        (.soa, "a. b. 1 2 3 4 4294967295", "0161000162000000000100000002000000030000000 4ffffffff", nil),
        (.txt, #"a "b c" "" "\"\\\009""#, "016103622063000322 5c09", #""a" "b c" "" "\"\\\009""#), (.spf, "x", "0178", #""x""#),
        (.hinfo, #""PC 1" linux"#, "0450432031056c696e7578", #""PC 1" "linux""#), (.rp, "a. .", "01610000", nil),
        (.afsdb, "1 a.", "0001016100", nil), (.srv, "1 2 65535 a.", "00010002ffff016100", nil),
        (.naptr, #"1 2 "u" "E2U+sip" "!^.*$!sip:a@b!" ."#, "0001000201750745 32552b7369700e215e2e2a24217369703a61406221 00", nil),
        (.sshfp, "1 2 AB cd", "0102abcd", "1 2 abcd"), (.tlsa, "3 1 1 00ff", "03010100ff", nil),
        (.caa, #"128 issue "ca.example; x=1""#, "8005697373756563612e6578616d706c653b20783d31", nil),
        (.caa, #"0 issue """#, "00056973737565", nil), (RRType(rawValue: 65280), "\\# 3 0a Fb 00", "0afb00", "\\# 3 0afb00"),
        (RRType(rawValue: 65280), "\\# 0", "", nil), (.a, "\\# 4 c0000201", "c0000201", "192.0.2.1"),
        (.txt, "\"\\#\" 1", "01230131", "\"#\" \"1\""),
    ] as [(RRType, String, String, String?)])
    func exact(_ type: RRType, _ text: String, _ hex: String, _ canonical: String?) throws {
        let wire = try #require(Hex.decode(hex.filter { $0 != " " }))
        let rdata = try RData(text, type: type, origin: Name("o."))
        #expect(Hex.encode(rdata.wire) == Hex.encode(wire))
        #expect(try RData(wire: wire, type: type).text(type: type) == canonical ?? text)
    }

    @Test(arguments: [
        (.a, "192.0.2", .badAddress), (.a, "192.0.2.1 x", .extraField), (.a, "", .missingField), (.mx, "10", .missingField),
        (.mx, "65536 a.", .badNumber), (.mx, "+1 a.", .badNumber), (.mx, "-0 a.", .badNumber), (.mx, "ten a.", .badNumber),
        (.mx, "1 a..", .badName), (.ns, "a. b.", .extraField), (.txt, #""open"#, .badSyntax), (.txt, #"x\"#, .badSyntax),
        (.txt, #""\256""#, .badString), (.txt, String(repeating: "a", count: 256), .badString), (.txt, "", .missingField),
        (.sshfp, "1 1 abc", .badHex), (.tlsa, "1 1 1 zz", .badHex), (.tlsa, "256 1 1 00", .badNumber), (.a, "\\# 4 c00002", .badLength),
        (.a, "\\# 3 c00002", .malformed), (.a, "\\# x c0", .badNumber), (.a, "\\# +4 c0000201", .badNumber), (.a, "\\# 1 c", .badHex),
        (RRType(rawValue: 65280), "ab", .malformed), (.caa, #"0 "a b" x"#, .badString), (.caa, #"0 is-sue x"#, .badString),
        (.aaaa, "1.2.3.4", .badAddress), (.soa, "a. b. 1 2 3 4", .missingField),
    ] as [(RRType, String, RDataError.Code)])
    func refused(_ type: RRType, _ text: String, _ code: RDataError.Code) {
        let error = #expect(throws: RDataError.self) { try RData(text, type: type) }
        #expect(error?.code == code, "\(text)")
        #expect(error?.type == type)
    }

    @Test(arguments: Seeded.knownTypes + Seeded.textlessTypes + [RRType(rawValue: 65_280)])
    func roundTrip(_ type: RRType) throws {
        var random = Seeded(UInt64(type.rawValue))
        for _ in 0..<200 {
            let rdata = random.rdata(type)
            #expect(try RData(wire: rdata.wire, type: type) == rdata)
            let text = rdata.text(type: type)
            #expect(try RData(text, type: type) == rdata, "\(text)")
            if Seeded.knownTypes.contains(type) { #expect(!text.hasPrefix("\\#"), "\(text)") }
        }
    }

    /// Whatever the octets: no trap, and the text leads back to them if they are well-formed.
    @Test(arguments: Seeded.knownTypes + Seeded.textlessTypes)
    func mutations(_ type: RRType) throws {
        var random = Seeded(1000 + UInt64(type.rawValue))
        for _ in 0..<1500 {
            let octets = random.mutate(random.rdata(type).wire)
            let text = RData(opaque: octets).text(type: type)
            guard let valid = try? RData(wire: octets, type: type) else {
                if !text.hasPrefix("\\#") { Issue.record("malformed \(type) \(octets) has text \(text)") }
                continue
            }
            if try RData(text, type: type) != valid { Issue.record("\(type) \(octets): \(text)") }
        }
    }

    /// Whatever the text: no trap, and what is taken is well-formed and can be written again.
    @Test(arguments: Seeded.knownTypes)
    func textMutations(_ type: RRType) throws {
        var random = Seeded(2000 + UInt64(type.rawValue))
        for _ in 0..<1500 {
            let text = random.mutate(Array(random.rdata(type).text(type: type).utf8))
            guard let rdata = try? RData(String(decoding: text, as: UTF8.self), type: type) else { continue }
            guard (try? RData(wire: rdata.wire, type: type)) != nil, try RData(rdata.text(type: type), type: type) == rdata else {
                Issue.record("\(type) \(String(decoding: text, as: UTF8.self))")
                continue
            }
        }
    }

    /// Which names a message's pointers may stand in for: RFC 1035's types both ways, those
    /// of RFC 3597 §4 on arrival, all others not at all.
    @Test func compression() throws {
        let both: Set<RRType> = [.ns, .cname, .ptr, .md, .mf, .mb, .mg, .mr, .soa, .minfo, .mx]
        let arriving: Set<RRType> = [.rp, .afsdb, .rt, .px, .srv, .naptr, .dname, .sig, .nxt]
        for number in 0...UInt16.max {
            let type = RRType(rawValue: number)
            for case .name(let form) in RDataLayout.fields(of: type) ?? [] {
                #expect(form == (both.contains(type) ? .compressible : arriving.contains(type) ? .decompressible : .plain), "\(type)")
            }
        }
        // A pointer to the root at the start, in data behind it.
        func reads(_ type: RRType, _ data: [UInt8]) -> Bool {
            var reader = WireReader([0] + data, range: 1..<data.count + 1)
            var wire: [UInt8] = []
            for field in RDataLayout.fields(of: type)! {
                guard (try? reader.append(field, to: &wire, compression: true)) != nil else { return false }
            }
            return reader.isAtEnd && (try? RData(wire: wire, type: type)) != nil
        }
        #expect(reads(.mx, [0, 1, 0xC0, 0]))
        #expect(reads(.srv, [0, 1, 0, 1, 0, 1, 0xC0, 0]))
        #expect(!reads(.kx, [0, 1, 0xC0, 0]))
        #expect(!reads(.nsec, [0xC0, 0]))
        #expect(!reads(.rrsig, Array(repeating: 0, count: 18) + [0xC0, 0, 1]))
        #expect(reads(.sig, Array(repeating: 0, count: 18) + [0xC0, 0, 1]))
    }

    @Test func longText() throws {
        let long = String(repeating: "x", count: 600)
        let rdata = RData.txt(long)
        #expect(rdata.wire.count == 603)
        #expect(rdata.joinedStrings == Array(long.utf8))
        #expect(RData.txt("").wire == [0])
        #expect(RData(opaque: [2, 1]).joinedStrings == nil)
    }

    @Test func target() throws {
        let name = try Name("t.")
        #expect(RData.srv(priority: 1, weight: 2, port: 3, target: name).target(type: .srv) == name)
        #expect(RData.mx(preference: 1, exchange: name).target(type: .mx) == name)
        #expect(RData.name(name).target(type: .cname) == name)
        #expect(RData.a((1, 2, 3, 4)).target(type: .a) == nil)
        #expect(RData(opaque: [1]).target(type: .mx) == nil)
    }

    /// A value without room is cut down, as its documentation says.
    @Test(arguments: [(.max, Int64(UInt32.max) - 10_000_000), (.min, -10_000_000), (0, 0)] as [(Int64, Int64)])
    func altitudes(_ altitude: Int64, _ kept: Int64) throws {
        #expect(try LOC(LOC(latitude: 0, longitude: 0, altitude: altitude).rdata).altitude == kept)
    }

    /// Thousands of mandatory keys, each of them there, or one not.
    @Test func manyMandatoryKeys() throws {
        func data(_ present: Range<UInt16>) throws -> RData {
            let listed = (1000..<8000 as Range<UInt16>).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            var wire: [UInt8] = [0, 1, 0, 0, 0, UInt8(listed.count >> 8), UInt8(listed.count & 0xFF)] + listed
            for key in present { wire += [UInt8(key >> 8), UInt8(key & 0xFF), 0, 0] }
            return try RData(wire: wire, type: .svcb)
        }
        #expect(try data(1000..<8000).text(type: .svcb).hasPrefix("1 . mandatory=key1000,"))
        // What calls a key mandatory that it lacks has no text of its own.
        #expect(try data(1000..<7999).text(type: .svcb).hasPrefix("\\# "))
    }
}
