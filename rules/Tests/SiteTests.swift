import DNSWire
import RuleTesting
import Rules
import Testing

@testable import SiteRules

@Suite struct ServersTests {
    static let inventory: RuleInput = """
        nameServers: [ns1.mirrors.test.]
        reverseZones: [2.0.192.in-addr.arpa.]
        servers:
          - {name: www, addresses: [192.0.2.1, "2001:db8::1"], services: [deb, ftp]}
          - {name: ns1, addresses: [192.0.2.2]}
        """

    @Test func addressesAndTheWayBack() throws {
        let result = try RuleTest(Servers(), inputs: ["inventory/servers.yaml": Self.inventory], zone: Site.zone)
        #expect(result.faults.isEmpty)
        #expect(result.records("www", .a) == ["192.0.2.1"])
        #expect(result.records("www", .aaaa) == ["2001:db8::1"])
        #expect(result.records("deb", .cname) == ["www.mirrors.test."])
        #expect(result.records("1.2.0.192.in-addr.arpa.", .ptr) == ["www.mirrors.test."])
        #expect(result.ttl("www", .a) == 300)
        #expect(result.records("mail", .a).isEmpty)
    }

    @Test func apexOfEveryZone() throws {
        let result = try RuleTest(Apex(), inputs: ["inventory/servers.yaml": Self.inventory])
        for zone in [Site.zone, "2.0.192.in-addr.arpa."] {
            #expect(result.records(zone, .ns) == ["ns1.mirrors.test."])
            #expect(result.records(zone, .soa).first?.hasPrefix("ns1.mirrors.test. hostmaster.mirrors.test. ") == true)
        }
    }

    @Test func badAddress() throws {
        let inventory: RuleInput = """
            {nameServers: [], reverseZones: [], servers: [{name: www, addresses: [192.0.2.256]}]}
            """
        let result = try RuleTest(Servers(), inputs: ["inventory/servers.yaml": inventory])
        #expect(result.faults.map(\.message) == ["www.mirrors.test. A: '192.0.2.256' is not an address"])
        #expect(result.faults[0].source.file == "SiteRules/Servers.swift")
    }
}

@Suite struct MirrorTests {
    /// 193.170.0.0 to 193.170.255.255 is in Austria, the network after it in Germany.
    static let inputs: [String: RuleInput] = [
        "debian-mirrors": """
        #LOC:AT
        https://mirror.example.org/debian/
        http://ftp.at.debian.org/debian/
        #LOC:DE
        http://ftp.de.debian.org/debian/
        """,
        "geoip": "# FIRST,LAST,CC\n3249143808,3249209343,AT\n3249209344,3249274879,DE\n",
        "inventory/test-clients.yaml": "[{prefix: '127.43', country: at}]",
    ]

    @Test func clientsAreSentToTheirCountry() throws {
        let result = try RuleTest(MirrorMap(), inputs: Self.inputs, zone: Site.zone)
        #expect(result.faults.isEmpty)
        #expect(result.location(of: "193.170.0.1") == "at")
        #expect(result.answers("mirror", .cname, from: "193.170.0.1") == ["ftp.at.debian.org."])
        #expect(result.answers("mirror", .cname, from: "193.171.9.9") == ["ftp.de.debian.org."])
        #expect(result.answers("mirror", .cname, from: "127.43.0.1") == ["ftp.at.debian.org."])
        #expect(result.answers("mirror", .cname, from: "8.8.8.8") == ["deb.debian.org."])
        #expect(result.ttl("mirror", .cname, at: "at") == 300)
    }

    @Test func namesOfMirrors() throws {
        let result = try RuleTest(MirrorNames(), inputs: Self.inputs, zone: Site.zone)
        #expect(result.records("at", .cname) == ["ftp.at.debian.org."])
        #expect(result.records("mirror-example-org.at", .cname) == ["mirror.example.org."])
    }

    @Test func faultyLineOfAnInput() throws {
        var inputs = Self.inputs
        inputs["geoip"] = "1,2,AT\nnonsense\n"
        let result = try RuleTest(MirrorMap(), inputs: inputs)
        #expect(result.faults.map(\.description) == ["geoip:2: expected FIRST,LAST,COUNTRY: 'nonsense'"])
        #expect(result.records.isEmpty)
    }
}
