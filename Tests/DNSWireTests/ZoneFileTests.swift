import TestSupport
import Testing

@testable import DNSWire

@Suite struct ZoneFileTests {
    static let zone = try! Name("example.test.")

    /// The items of a text as lines: records as they are written, faults as they are told.
    static func lines(
        _ text: String, options: ZoneFileReader.Options = .init(origin: zone), files: [String: String] = [:], chunk: Int = .max
    ) -> [String] {
        var rest = Array(text.utf8)[...]
        let source = ZoneText(name: "db") {
            defer { rest = rest.dropFirst(chunk) }
            return rest.isEmpty ? nil : Array(rest.prefix(chunk))
        }
        struct Missing: Error, CustomStringConvertible { var description = "there is no such file" }
        let reader = ZoneFileReader(source, options: options) { path in
            guard let text = files[path] else { throw Missing() }
            return ZoneText(name: path, text)
        }
        return reader.map { item in
            switch item {
            case .record(let record):
                "\(record.owner) \(record.ttl) \(record.type) \(record.rdata.text(type: record.type))"
            case .fault(let fault): "! \(fault)"
            }
        }
    }

    static let soa = "@ 3600 SOA ns hostmaster 1 2h 30m 2w 1d\n"

    @Test(arguments: [
        // Owners: relative, absolute, repeated, the origin, odd octets.
        ("a 60 A 192.0.2.1", ["a.example.test. 60 A 192.0.2.1"]),
        ("a. 60 A 192.0.2.1", ["a. 60 A 192.0.2.1"]),
        ("@ 60 NS @\n 60 NS ns\n\t60\tNS\tb.", ["example.test. 60 NS example.test.", "example.test. 60 NS ns.example.test.", "example.test. 60 NS b."]),
        (#"a\.b\009 60 A 192.0.2.1"#, [#"a\.b\009.example.test. 60 A 192.0.2.1"#]),
        ("* 60 A 192.0.2.1", ["*.example.test. 60 A 192.0.2.1"]),
        // TTL and class in either order, units, defaults.
        ("a IN 60 A 192.0.2.1\nb 1h30m IN A 192.0.2.2\nc in a 192.0.2.3", ["a.example.test. 60 A 192.0.2.1", "b.example.test. 5400 A 192.0.2.2", "c.example.test. 5400 A 192.0.2.3"]),
        ("$TTL 1D\na A 192.0.2.1\na 5 A 192.0.2.2\na A 192.0.2.3", ["a.example.test. 86400 A 192.0.2.1", "a.example.test. 5 A 192.0.2.2", "a.example.test. 86400 A 192.0.2.3"]),
        ("@ SOA ns hostmaster 1 2h 30m 2w 1d\na A 192.0.2.1", ["example.test. 86400 SOA ns.example.test. hostmaster.example.test. 1 7200 1800 1209600 86400", "a.example.test. 86400 A 192.0.2.1"]),
        ("60 60 A 192.0.2.1", ["60.example.test. 60 A 192.0.2.1"]),
        ("IN 60 IN A 192.0.2.1", ["IN.example.test. 60 A 192.0.2.1"]),
        ("a 60 CLASS1 TYPE1 192.0.2.1", ["a.example.test. 60 A 192.0.2.1"]),
        // Parentheses, comments, quotes, blank lines, CRLF, no line break at the end.
        ("\n ; nothing\na 60 MX ( 10 ; ten\n\n b ) ; end\nb 60 A 192.0.2.1", ["a.example.test. 60 MX 10 b.example.test.", "b.example.test. 60 A 192.0.2.1"]),
        ("a 60 TXT (\"a;b\" \"(\" \"\\\"\"\n@)\r\nb 60 TXT \"\"", [#"a.example.test. 60 TXT "a;b" "(" "\"" "@""#, "b.example.test. 60 TXT \"\""]),
        ("a 60 (A) 192.0.2.1\n( b 60 A 192.0.2.2 )", ["a.example.test. 60 A 192.0.2.1", "! db:2:3: not a record type: 'b'"]),
        // Unknown types and generic data.
        (##"a 60 TYPE65280 \# 3 01 02 03"##, [##"a.example.test. 60 TYPE65280 \# 3 010203"##]),
        (##"a 60 A \# 4 c0000201"##, ["a.example.test. 60 A 192.0.2.1"]),
        // Origins.
        ("$ORIGIN sub\na 60 CNAME b\n$ORIGIN .\na 60 CNAME b", ["a.sub.example.test. 60 CNAME b.sub.example.test.", "a. 60 CNAME b."]),
        ("$origin x.\n@ 60 A 192.0.2.1", ["x. 60 A 192.0.2.1"]),
        (#"\$TTL 60 A 192.0.2.1"#, [#"\$TTL.example.test. 60 A 192.0.2.1"#]),
        // Generated.
        ("$GENERATE 1-5/2 h$ 60 A 192.0.2.$", ["h1.example.test. 60 A 192.0.2.1", "h3.example.test. 60 A 192.0.2.3", "h5.example.test. 60 A 192.0.2.5"]),
        ("$GENERATE 9-10 ${1,3,d}.${0,4,x} 60 IN MX 10 m${-9}", ["010.0009.example.test. 60 MX 10 m0.example.test.", "011.000a.example.test. 60 MX 10 m1.example.test."]),
        ("$GENERATE 1-1 a$ 60 TXT ( one ; comment\n two$ \"t h\" )", ["a1.example.test. 60 TXT \"one\" \"two1\" \"t h\""]),
        ("$GENERATE 1-1 a$ 60 MX ( 10 ; c\n m$ )", ["a1.example.test. 60 MX 10 m1.example.test."]),
        ("$GENERATE 26-26 ${0,4,N} 60 TXT \"$$ \\$ ${0,0,o}\"", [#"A.1. 60 TXT "$" "$" "32""#]),
        ("$GENERATE 26-26 ${0,3,n} 60 TXT \"$$ \\\\ ${0,0,o}\"", [#"a.1.example.test. 60 TXT "$" "\\" "32""#]),
    ] as [(String, [String])])
    func reads(_ text: String, _ expected: [String]) {
        #expect(Self.lines(text) == expected)
    }

    @Test(arguments: [
        ("a 60 A 192.0.2.256", "db:1:8: bad data: A: not an address: '192.0.2.256'"),
        ("a 60 MX 10", "db:1:11: bad data: MX: a field is missing"),
        ("a 60 MX (10\n b c )", "db:2:4: bad data: MX: a field too many: 'c'"),
        ("a 60 WHAT 1", "db:1:6: not a record type: 'WHAT'"),
        ("a 60 OPT \\# 0", "db:1:6: a type that no zone can hold: OPT"),
        ("a 60 AXFR \\# 0", "db:1:6: a type that no zone can hold: AXFR"),
        ("a 60 CH TXT a", "db:1:6: another class than the zone's: CH in a zone of IN"),
        ("a 2147483648 A 192.0.2.1", "db:1:3: not a TTL: '2147483648'"),
        ("a 1x A 192.0.2.1", "db:1:3: not a TTL: '1x'"),
        ("a A 192.0.2.1", "db:1:3: no TTL here, and none before it"),
        (" 60 A 192.0.2.1", "db:1:2: no owner name before this record"),
        ("a", "db:1:2: no record type"),
        ("a 60 IN", "db:1:8: no record type"),
        ("a..b 60 A 192.0.2.1", "db:1:1: bad owner name: empty label in 'a..b'"),
        ("a 60 TXT \"open", "db:1:10: syntax: a quote is not closed on its line"),
        ("a 60 TXT ( \"x\"", "db:1:10: syntax: a parenthesis is not closed"),
        ("a 60 TXT x )", "db:1:12: syntax: a closing parenthesis without an opening one"),
        ("a 60 TXT x\\", "db:1:11: syntax: a backslash at the end of the line"),
        ("$ORIGIN", "db:1:1: bad directive: it is written $ORIGIN NAME"),
        ("$ORIGIN a b", "db:1:11: bad directive: it is written $ORIGIN NAME"),
        ("$TTL -1", "db:1:6: not a TTL: '-1'"),
        ("$WHAT", "db:1:1: bad directive: '$WHAT' is none of $ORIGIN, $TTL, $INCLUDE, $GENERATE"),
        ("$GENERATE 1-20000000 a$ 60 A 192.0.2.1", "db:1:1: bad directive: this makes 20000000 records by $GENERATE, at most 16777216"),
        ("$GENERATE 1-2 a${-9223372036854775808} 60 A 192.0.2.1", "db:1:1: bad directive: a modifier is written ${OFFSET[,WIDTH[,BASE]]}, the base d, o, x, X, n or N"),
        ("$GENERATE 5-1 a$ 60 A 192.0.2.1", "db:1:11: bad directive: '5-1' is no START-STOP[/STEP], numbers below 2^31"),
        ("$GENERATE 1-3 a${x} 60 A 192.0.2.1", "db:1:1: bad directive: a modifier is written ${OFFSET[,WIDTH[,BASE]]}, the base d, o, x, X, n or N"),
        ("$GENERATE 1-3 a${-2} 60 A 192.0.2.1", "db:1:1: bad directive: 1 and the offset -2 give -1, which is not from 0 to 2^31 - 1"),
        ("$GENERATE 1-3 a$ 60 A 192.0.2.x", "db:1:1: bad data: A: not an address: '192.0.2.x'"),
        ("$INCLUDE /etc/passwd", "db:1:10: cannot include: '/etc/passwd': it is outside the root of the zone files"),
        ("$INCLUDE ../x", "db:1:10: cannot include: '../x': it is outside the root of the zone files"),
        ("$INCLUDE a/../../x", "db:1:10: cannot include: 'a/../../x': it is outside the root of the zone files"),
        ("$INCLUDE db", "db:1:10: cannot include: 'db': it includes itself"),
        ("$INCLUDE missing", "db:1:10: cannot include: 'missing': there is no such file"),
    ])
    func refuses(_ text: String, _ fault: String) {
        // One fault, and the line behind it is read all the same (if it is still a line of its own).
        let swallowed = text.contains("(") && !text.contains(")")
        let after = "after 60 A 192.0.2.9"
        let lines = Self.lines(text + "\n" + after)
        #expect(lines == ["! \(fault)"] + (swallowed ? [] : ["after.example.test. 60 A 192.0.2.9"]))
    }

    @Test func everyFaultAtOnce() {
        let text = "a 60 A x\nb 60 A 192.0.2.1\n.. 60 A 192.0.2.2\n 60 A 192.0.2.3\nc 60 TXT \"\nd 60 A 192.0.2.4"
        let lines = Self.lines(text)
        #expect(lines.count == 6)
        #expect(lines.filter { $0.hasPrefix("!") }.map { String($0.prefix(6)) } == ["! db:1", "! db:3", "! db:4", "! db:5"])
    }

    @Test func include() {
        let files = [
            "sub/a.db": "x 60 A 192.0.2.1\n$INCLUDE b.db deep\n$ORIGIN elsewhere.\ny 60 A 192.0.2.2\nz 60 A bad\n",
            "sub/b.db": "@ 60 TXT b\n$INCLUDE ../sub/a.db",
        ]
        let lines = Self.lines("o 60 A 192.0.2.9\n$INCLUDE sub/a.db inner\n 60 TXT after\np 60 A 192.0.2.8", files: files)
        #expect(lines == [
            "o.example.test. 60 A 192.0.2.9", "x.inner.example.test. 60 A 192.0.2.1", "deep.inner.example.test. 60 TXT \"b\"",
            "! sub/b.db:2:10: cannot include: '../sub/a.db': it includes itself", "y.elsewhere. 60 A 192.0.2.2",
            "! sub/a.db:5:8: bad data: A: not an address: 'bad'", "o.example.test. 60 TXT \"after\"",
            "p.example.test. 60 A 192.0.2.8",
        ])
    }

    @Test func includeDepth() {
        var files: [String: String] = [:]
        for i in 0..<20 { files["f\(i)"] = "$INCLUDE f\(i + 1)\n" }
        let lines = Self.lines("$INCLUDE f0", files: files)
        #expect(lines == ["! f15:1:10: cannot include: 'f16': files include each other more than 16 deep"])
    }

    /// However the octets arrive, the items are the same.
    @Test(arguments: [1, 2, 3, 7, 64])
    func pieces(_ chunk: Int) {
        let text = Self.soa + "a 60 TXT ( \"x y\" ; c\n \"z\" )\r\n\n b MX 10 c\nq 60 TXT \"\nb 60 A 192.0.2.1 \nc 60 A 1\n"
        #expect(Self.lines(text, chunk: chunk) == Self.lines(text))
        #expect(Self.lines(text).count == 6)
    }

    /// An entry that never ends is cut off, and costs no more than its limit again and again.
    @Test func endlessEntry() {
        var options = ZoneFileReader.Options(origin: Self.zone)
        options.entryLimit = 1 << 17
        let lines = Self.lines(String(repeating: "( a\n", count: 1 << 18), options: options, chunk: 4096)
        #expect(lines.count > 1 && lines.count < 20)
        #expect(lines.allSatisfy { $0.hasPrefix("! db:") })
    }

    /// What follows an entry that was too long is read from the next line on.
    @Test(arguments: [100, 4096, 70_000])
    func afterTooLong(_ chunk: Int) {
        var options = ZoneFileReader.Options(origin: Self.zone)
        options.entryLimit = 1 << 17
        let mail = (0..<9000).map { "mail\($0).example.com. 60 A 192.0.2.1" }
        let lines = Self.lines((["x 60 TXT ("] + mail).joined(separator: "\n"), options: options, chunk: chunk)
        let records = lines.filter { !$0.hasPrefix("!") }
        #expect(lines.count - records.count == 1 && records.count > 1000)
        #expect(records.allSatisfy { $0.hasPrefix("mail") && $0.hasSuffix(".example.com. 60 A 192.0.2.1") })
        // The limit holds for an entry that does end, too.
        let closed = Self.lines("x 60 TXT (" + String(repeating: " \"a\"", count: 40_000) + ")\na 60 A 192.0.2.1", options: options)
        #expect(closed.count == 2 && closed[0].contains("too long") && closed[1] == "a.example.test. 60 A 192.0.2.1")
    }

    /// Neither files that include others twice nor many `$GENERATE` make work without end.
    @Test func boundsInAll() {
        var files: [String: String] = [:]
        for i in 0..<16 { files["f\(i)"] = "$INCLUDE f\(i + 1)\n$INCLUDE f\(i + 1)\n" }
        files["f16"] = "a 60 A 192.0.2.1\n"
        var options = ZoneFileReader.Options(origin: Self.zone)
        options.includeDepth = 20
        options.includeLimit = 100
        options.generateLimit = 100
        let included = Self.lines("$INCLUDE f0\n", options: options, files: files)
        #expect(included.count < 300 && included.contains { $0.hasSuffix("more than 100 files are included") })
        let generated = Self.lines(String(repeating: "$GENERATE 1-40 a$ 60 A 192.0.2.1\n", count: 5), options: options)
        #expect(generated.filter { !$0.hasPrefix("!") }.count == 80 && generated.count == 83)
    }

    /// Classes, odd TTLs and the case of names come back as they went.
    @Test func writesWhatItReads() throws {
        func record(_ owner: String, _ type: RRType, _ rrClass: RRClass, _ wire: [UInt8]) throws -> ResourceRecord {
            ResourceRecord(owner: try Name(owner), type: type, rrClass: rrClass, ttl: 60, rdata: RData(opaque: wire))
        }
        for record in [
            try record("a.EXAMPLE.test.", .a, .in, [192, 0, 2, 1]), try record("EXAMPLE.test.", .a, .in, [192, 0, 2, 1]),
            try record("a.", .srv, .ch, [1, 2, 3]), try record("a.", .a, .ch, [1, 2, 3, 4, 5]), try record("a.", .txt, .ch, [1, 97]),
            try record("a.", .a, .any, []), try record("a.", .txt, .none, [1, 97]), try record("a.", .mx, .hs, [0, 1, 0]),
        ] {
            var writer = ZoneFileWriter(origin: Self.zone)
            writer.write(record)
            var options = ZoneFileReader.Options()
            options.rrClass = record.rrClass
            let items = Array(ZoneFileReader(ZoneText(name: "db", octets: writer.take()), options: options))
            guard case .record(let read)? = items.first else {
                Issue.record("\(record): \(items)")
                continue
            }
            #expect(read == record && read.owner.wire == record.owner.wire)
        }
        var writer = ZoneFileWriter()
        writer.write(ResourceRecord(owner: .root, type: .a, ttl: 0x8000_0000, rdata: .a((1, 2, 3, 4))))
        #expect(String(decoding: writer.take(), as: UTF8.self) == ".\t0\tIN\tA\t1.2.3.4\n")
    }

    @Test func mutatedTextNeverTraps() {
        var random = Seeded(21)
        let text = Array((Self.soa + "$ORIGIN a\n$TTL 1h\nb ( TXT \"a\\\"b\" c\\032d ) ; x\n$GENERATE 1-3 h${0,2,n} A 192.0.2.$\n\t60 IN MX 10 @\n$INCLUDE x y\n").utf8)
        for _ in 0..<4000 {
            var reader = ZoneFileReader(ZoneText(name: "db", octets: random.mutate(text)), options: .init(origin: Self.zone))
            var items = 0
            while reader.next() != nil { items += 1 }
            #expect(items < 2_000_000)
        }
    }

    /// What is written is read back as it was, in either style.
    @Test(arguments: [nil, "example.test.", "."])
    func roundTrip(_ origin: String?) throws {
        var random = Seeded(22)
        let types = Seeded.knownTypes.filter { !$0.isMeta }
        var records: [ResourceRecord] = []
        for _ in 0..<500 {
            let type = random.pick(types)
            let owner = random.chance(3) ? records.last?.owner ?? Self.zone : random.name(below: random.chance(3) ? .root : Self.zone)
            records.append(ResourceRecord(owner: owner, type: type, ttl: UInt32(random.below(100_000)), rdata: random.rdata(type)))
        }
        var writer = ZoneFileWriter(origin: try origin.map { try Name($0) })
        var octets: [UInt8] = []
        for (index, record) in records.enumerated() {
            if index % 100 == 0 { writer.comment("a comment\nA 1.2.3.4") }
            writer.write(record)
            if index % 7 == 0 { octets += writer.take() }
        }
        octets += writer.take()
        let read = ZoneFileReader(ZoneText(name: "db", octets: octets)).map { item -> ResourceRecord? in
            if case .record(let record) = item { record } else { nil }
        }
        #expect(read.count == records.count)
        for (a, b) in zip(read, records) {
            #expect(a == b)
            #expect(a?.owner.wire == b.owner.wire, "case is kept")
        }
    }
}
