import TestSupport
import Testing

@testable import DNSWire

@Suite struct RDataValueTests {
    static let values: [(any RDataValue.Type, [RRType])] = [
        (SOA.self, [.soa]), (MX.self, [.mx]), (SRV.self, [.srv]), (NAPTR.self, [.naptr]), (URI.self, [.uri]), (TXT.self, [.txt, .spf]),
        (HINFO.self, [.hinfo]), (RP.self, [.rp]), (AFSDB.self, [.afsdb]), (CAA.self, [.caa]), (SSHFP.self, [.sshfp]),
        (TLSA.self, [.tlsa, .smimea]), (DS.self, [.ds, .cds]), (DNSKEY.self, [.dnskey, .cdnskey, .key]), (RRSIG.self, [.rrsig]),
        (NSEC.self, [.nsec]), (NSEC3.self, [.nsec3]), (NSEC3PARAM.self, [.nsec3param]), (ZONEMD.self, [.zonemd]), (CSYNC.self, [.csync]),
        (SVCB.self, [.svcb, .https]), (LOC.self, [.loc]),
    ]

    @Test func octetsOfValuesAreThoseTheyCameFrom() throws {
        var random = Seeded(50)
        for (value, types) in Self.values {
            #expect(types.first == value.type)
            for type in types {
                for _ in 0..<100 {
                    let rdata = random.rdata(type)
                    #expect(try value.init(rdata).rdata == rdata, "\(type) \(rdata.text(type: type))")
                }
            }
        }
    }

    @Test func malformedDataHasNoValue() {
        var random = Seeded(51)
        for (value, types) in Self.values {
            for _ in 0..<500 {
                let wire = random.mutate(random.rdata(types[0]).wire)
                let isGood = (try? RData(wire: wire, type: types[0])) != nil
                let made = (try? value.init(RData(opaque: wire)))
                if types[0] == .loc, wire.first != 0 { continue }
                if isGood != (made != nil) || (made.map { $0.rdata.wire != wire } ?? false) { Issue.record("\(types[0]) \(wire)") }
            }
            #expect(throws: RDataError.self) { try value.init(RData(opaque: [])) }
        }
    }

    @Test func fields() throws {
        let signature = try RData("MX 8 2 300 20240101000000 20231201000000 60485 Example. AAEC", type: .rrsig).as(RRSIG.self)
        #expect(signature.typeCovered == .mx && signature.algorithm == 8 && signature.labels == 2 && signature.originalTTL == 300)
        #expect(signature.expiration.rawValue == 1_704_067_200 && signature.inception.rawValue == 1_701_388_800)
        #expect(try signature.keyTag == 60485 && signature.signer == Name("example.") && signature.signature == [0, 1, 2])
        let hashed = try RData("1 1 12 aabb vg A RRSIG", type: .nsec3).as(NSEC3.self)
        #expect(hashed.isOptOut && hashed.iterations == 12 && hashed.salt == [0xAA, 0xBB] && hashed.nextHash == [0xFC])
        #expect(hashed.types == TypeBitmap([.rrsig, .a]))
        let location = try RData("42 21 54 N 71 06 18 W -24m 30m", type: .loc).as(LOC.self)
        #expect(location.latitude == 152_514_000 && location.longitude == -255_978_000 && location.altitude == -2400)
        #expect(location.size.centimetres == 3000 && location.horizontalPrecision.centimetres == 1_000_000)
        let soa = try RData("a. b. 1 2 3 4 5", type: .soa).as(SOA.self)
        #expect([soa.serial.rawValue, soa.refresh, soa.retry, soa.expire, soa.minimum] == [1, 2, 3, 4, 5])
        #expect(try soa.primary == Name("a.") && soa.mailbox == Name("b."))
        let caa = try RData("128 issue x", type: .caa).as(CAA.self)
        #expect(caa.isCritical && caa.tag == Array("issue".utf8) && caa.value == [120])
        let srv = try RData("1 2 3 t.", type: .srv).as(SRV.self)
        #expect(try srv == SRV(priority: 1, weight: 2, port: 3, target: Name("t.")))
        #expect(DS.delete.rdata.text(type: .cds) == "0 0 0 00")
        #expect(DNSKEY.delete.rdata.text(type: .cdnskey) == "0 3 0 AA==")
    }

    /// The key of RFC 4034 §5.4.
    @Test func keyTag() throws {
        let key = try RData(
            """
            256 3 5 ( AQOeiiR0GOMYkDshWoSKz9Xz
              fwJr1AYtsmx3TGkJaNXVbfi/
              2pHm822aJ5iI9BMzNXxeYCmZ
              DRD99WYwYqUSdjMmmAphXdvx
              egXd/M5+X7OrzKBaMbCVdFLU
              Uh6DhweJBjEVv5f2wwjM9Xzc
              nOf+EPbtG9DMBmADjFDc2w/r
              ljwvFw== )
            """, type: .dnskey
        ).as(DNSKEY.self)
        #expect(key.keyTag == 60485)
        #expect(key.flags == .zoneKey && key.protocolNumber == 3 && key.algorithm == 5)
        // Of RSA/MD5, the last octets but one; of a key too short, nothing.
        #expect(DNSKEY(flags: [], algorithm: 1, publicKey: [1, 2, 3, 4]).keyTag == 0x0203)
        #expect(DNSKEY(flags: [], algorithm: 1, publicKey: [1]).keyTag == 0)
    }

    @Test func typeBitmap() {
        var random = Seeded(52)
        for _ in 0..<300 {
            let types = Set((0..<random.below(40)).map { _ in RRType(rawValue: UInt16(random.chance(2) ? random.below(300) : random.below(65_536))) })
            let bitmap = TypeBitmap(types)
            #expect(bitmap.types == types.sorted())
            #expect(types.allSatisfy(bitmap.contains))
            for _ in 0..<20 {
                let other = RRType(rawValue: UInt16(random.below(65_536)))
                #expect(bitmap.contains(other) == types.contains(other))
            }
            #expect(throws: Never.self) { try RData(wire: [0] + bitmap.wire, type: .nsec) }
        }
        #expect(TypeBitmap() == TypeBitmap([]))
    }

    @Test func canonicalForm() throws {
        let mixed = try Name("A.Example.")
        func canonical(_ type: RRType, _ text: String) throws -> String {
            RData(opaque: try RData(text, type: type).canonicalWire(type: type)).text(type: type)
        }
        #expect(try canonical(.mx, "10 A.Example.") == "10 a.example.")
        #expect(try canonical(.naptr, #"1 2 "U" "E2U" "X" A."#) == #"1 2 "U" "E2U" "X" a."#)
        #expect(try canonical(.rrsig, "A 5 3 1 0 0 1 A. AAEC") == "A 5 3 1 19700101000000 19700101000000 1 a. AAEC")
        // Neither NSEC (RFC 6840 §5.1) nor types of later date.
        #expect(try canonical(.nsec, "A.Example. A") == "A.Example. A")
        #expect(try canonical(.svcb, "1 A.Example.") == "1 A.Example.")
        #expect(try canonical(.hinfo, "A B") == #""A" "B""#)
        #expect(RData(opaque: [0, 1, 1]).canonicalWire(type: .mx) == [0, 1, 1])
        #expect(RData(opaque: mixed.wire + [65]).canonicalWire(type: .ns) == mixed.wire + [65])
        // RFC 4034 §6.3: octets without sign, an end before any octet.
        #expect(RData(opaque: [1]).precedes(RData(opaque: [1, 0]), type: .null))
        #expect(RData(opaque: [127, 0]).precedes(RData(opaque: [128]), type: .null))
        #expect(try !RData.name(mixed).precedes(.name(Name("a.example.")), type: .ns))
    }

    @Test func mnemonics() {
        var seen = 0
        for number in 0...UInt16.max {
            let type = RRType(rawValue: number)
            let text = type.description
            if RRType(text) != type || RRType(text.lowercased()) != type { Issue.record("\(text)") }
            if RRType("TYPE\(number)") != type { Issue.record("\(number)") }
            if !text.hasPrefix("TYPE") { seen += 1 }
        }
        #expect(seen == 97)
        #expect(RRType.nsec3param.description == "NSEC3PARAM" && RRType.dlv.description == "DLV" && RRType(rawValue: 0).description == "TYPE0")
        #expect(RRType("NSAP-PTR")?.rawValue == 23 && RRType.https.rawValue == 65 && RRType("IPN")?.rawValue == 264)
        for text in ["NSEC3PARAMX", "A ", "TYPE", "TYPE00065536", "ÄÖ", "-", "@", "TYPE1x"] { #expect(RRType(text) == nil, "\(text)") }
        #expect(RRType.opt.isMeta && RRType.tsig.isMeta && !RRType.uri.isMeta && !RRType.eui64.isMeta)
    }
}
