import TestSupport
import Testing

@testable import DNSWire

/// Other people's zone readers: what we write they read, and what they then write
/// means the same to us.
@Suite struct RDataPeersTests {
    /// What `named-compilezone` (BIND 9.18) refuses: obsolete types, SOA below the apex,
    /// and for others more than the form: that a NAPTR's strings make sense (RFC 3403
    /// §4.1), an X25 address is digits, the flags of an RKEY are zero. In SIG it writes
    /// an unknown type as a bare number.
    static let notInBIND: Set<RRType> = [.md, .mf, .soa, .naptr, .x25, .rkey, .sig]
    /// What `ldns-read-zone` (ldns 1.8) does not know, or knows differently: it wants
    /// twenty octets of an NSEC3 hash, a known kind of CERT and a type in CSYNC, its
    /// SVCB is that of a draft, and it writes only one SOA.
    static let notInLdns: Set<RRType> = [
        .avc, .ninfo, .resinfo, .wallet, .rkey, .ta, .nsec3, .cert, .csync, .svcb, .https, .soa,
    ]
    /// Mnemonics that one of them does not know, which are written as numbers for them.
    static let unknown = Set([
        "CLA", "IPN", "NXNAME", "DSYNC", "HHIT", "BRID", "NINFO", "RKEY", "UINFO", "UID", "GID", "UNSPEC", "DOA", "AVC",
        "AMTRELAY", "RESINFO", "WALLET",
    ])

    struct Record {
        var owner: String
        var type: RRType
        var rdata: RData
    }

    static func records(_ types: [RRType]) -> [Record] {
        var random = Seeded(60)
        return types.flatMap { type in
            (0..<60).map { Record(owner: "\(type)-\($0).example.".lowercased(), type: type, rdata: random.rdata(type)) }
        }.filter {
            // They know no key of RFC 9540, want a type at least in NSEC and no hash above 155 octets.
            switch $0.type {
            case .svcb, .https: !$0.rdata.text(type: $0.type).contains("ohttp")
            case .nsec: (try? NSEC($0.rdata).types) != TypeBitmap()
            case .nsec3: (try? NSEC3($0.rdata).nextHash.count) ?? 0 <= 155
            default: true
            }
        }
    }

    static func zone(_ records: [Record]) -> [UInt8] {
        var text = Array("example. 60 IN SOA a. b. 1 2 3 4 5\nexample. 60 IN NS ns.other.\n".utf8)
        for record in records {
            let data = record.rdata.text(type: record.type).split(separator: " ", omittingEmptySubsequences: false).map {
                unknown.contains(String($0)) ? "TYPE\(RRType(String($0))!.rawValue)" : String($0)
            }
            text += Array("\(record.owner) 60 IN \(record.type) \(data.joined(separator: " "))\n".utf8)
        }
        return text
    }

    /// Checks that every record comes back: `owner TTL IN type data` a line.
    static func compare(_ output: String, _ records: [Record]) throws {
        var found: [String: String] = [:]
        for line in output.split(separator: "\n") {
            let fields = line.split(maxSplits: 4, whereSeparator: { $0 == " " || $0 == "\t" })
            if fields.count == 5 { found[fields[0].lowercased()] = "\(fields[3]) \(fields[4])" }
        }
        for record in records {
            let text = record.rdata.text(type: record.type)
            guard let line = found[record.owner] else {
                Issue.record("missing: \(record.owner) \(text)")
                continue
            }
            #expect(line.hasPrefix("\(record.type) "), "\(line)")
            let data = String(line.drop { $0 != " " })
            #expect((try? RData(data, type: record.type)) == record.rdata, "\(text)\n\(data)")
        }
    }

    @Test func bind() async throws {
        let records = Self.records(Seeded.knownTypes.filter { !Self.notInBIND.contains($0) })
        let directory = try TemporaryDirectory("zone")
        try write(Self.zone(records), to: "\(directory.path)/zone")
        let outcome = try await Program("named-compilezone", hint: "install bind9-utils").run(
            ["-k", "ignore", "-n", "ignore", "-i", "none", "-m", "ignore", "-M", "ignore", "-r", "ignore", "-S", "ignore",
                "-s", "full", "-o", "-", "example.", "\(directory.path)/zone"])
        try #require(outcome.succeeded, "\(outcome.errors) \(outcome.text.prefix(2000))")
        try Self.compare(outcome.text, records)
    }

    @Test func ldns() async throws {
        // It writes a quote in a name without its backslash.
        let records = Self.records(Seeded.knownTypes.filter { !Self.notInLdns.contains($0) }).filter {
            !$0.rdata.text(type: $0.type).contains(#"\""#)
        }
        let directory = try TemporaryDirectory("zone")
        try write(Self.zone(records), to: "\(directory.path)/zone")
        let outcome = try await Program("ldns-read-zone", hint: "install ldnsutils").run(["\(directory.path)/zone"])
        try #require(outcome.succeeded, "\(outcome.errors) \(outcome.text.prefix(2000))")
        try Self.compare(outcome.text, records)
    }
}
