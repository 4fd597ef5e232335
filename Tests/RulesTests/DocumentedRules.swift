import DNSWire
import Pipeline
import RuleTesting
import Rules
import Testing
import Validation

// The examples of docs/rules.md, word for word: DocumentationTests compares them.

struct Servers: Rule {
    struct Server: Decodable, Sendable {
        var name: String
        var addresses: [String]
        var isMailServer: Bool?
    }

    @Input("inventory/servers.yaml") var servers: [Server]

    var records: Records {
        Zone("example.net.", ttl: 3600) {
            for server in servers {
                for address in server.addresses { Host(server.name, address) }
                if server.isMailServer == true { MX("@", 10, server.name) }
            }
        }
    }
}

struct ScopesExample: Rule {
    var records: Records {
        Zone("example.net.", ttl: 86_400) {
            A("@", "192.0.2.1", "192.0.2.2")
            CNAME("www", "@")
            TTL(60) {
                A("failover", "192.0.2.7")
                A("slow", "192.0.2.8", ttl: 300)
            }
            At("de") {
                CNAME("mirror", "mirror.example.org.")
            }
            At("at") {
                CNAME("mirror", "mirror.example.com.")
            }
            Zone("lab") {
                A("printer", "192.0.2.9")
            }
        }
    }
}

struct TypesExample: Rule {
    var records: Records {
        Zone("example.net.") {
            SOA(primary: "ns1", mailbox: "hostmaster")
            NS("@", "ns1", "ns2.example.org.")
            A("ns1", "192.0.2.53")
            AAAA("ns1", "2001:db8::53")
            DNAME("old", "new.example.org.")
            MX("@", 10, "mail")
            TXT("@", "a text of any length: it is cut into strings as needed")
            SRV("_sip._udp", priority: 10, weight: 5, port: 5060, target: "sip")
            NAPTR("@", order: 100, preference: 10, flags: "s", service: "SIP+D2U", replacement: "_sip._udp")
            URI("_http._tcp", priority: 10, weight: 1, target: "https://www.example.net/")
            PTR("_services._dns-sd._udp", "_ipp._tcp")
            HTTPS("@", priority: 1, alpn: ["h2", "h3"], hints: ["192.0.2.1", "2001:db8::1"])
            HTTPS("shop", alias: "cdn.example.org.")
            SVCB("_dns.resolver", priority: 1, target: "resolver", alpn: ["h2"], dohPath: "/dns-query{?dns}")
            CAA("@", "issue", "ca.example.org")
            SSHFP("ns1", algorithm: 4, type: 2, fingerprint: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
            TLSA("_25._tcp.mail", data: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
            SMIMEA("user._smimecert", data: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
            OPENPGPKEY("user._openpgpkey", key: "mDMEXEcE6RYJKwYBBAHaRw8BAQdA")
            LOC("@", latitude: 48.2083, longitude: 16.3731, altitude: 171)
            HINFO("ns1", processor: "ARM64", system: "Linux")
            RP("@", mailbox: "hostmaster", text: "contact")
            AFSDB("@", subtype: 1, host: "afs")
            EUI48("ns1", "00-00-5e-00-53-2a")
            EUI64("ns1", "00-00-5e-ef-10-00-00-2a")
        }
    }
}

struct KeysExample: Rule {
    var records: Records {
        Zone("example.net.") {
            DNSKEY("@", flags: 257, algorithm: 15, key: "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=")
            CDNSKEY("@", flags: 257, algorithm: 15, key: "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=")
            CDS("@", keyTag: 3613, algorithm: 15, digestType: 2, digest: "3AA5AB37EFCE57F737FC1627013FEE07BDF241BD10F3B1964AB55C78E79A304B")
            DS("signed", keyTag: 3613, algorithm: 15, digestType: 2, digest: "3AA5AB37EFCE57F737FC1627013FEE07BDF241BD10F3B1964AB55C78E79A304B")
            CSYNC("@", serial: 66, immediate: true, types: ["NS", "A", "AAAA"])
        }
    }
}

struct OthersExample: Rule {
    var records: Records {
        Zone("example.net.") {
            Record("@", .kx, ["10 exchange"])
            Record("future", RRType(rawValue: 65_280), ["\\# 3 01 02 03"])
            Record("_xmpp._tcp", [DNSWire.SRV(priority: 1, weight: 1, port: 5222, target: .root)])
        }
    }
}

struct HostsExample: Rule {
    var records: Records {
        ReverseZones("2.0.192.in-addr.arpa.", "64/26.113.0.203.in-addr.arpa.", "8.b.d.0.1.0.0.2.ip6.arpa.")
        Zone("example.net.") {
            Host("www", "192.0.2.80", "2001:db8::80")
            Host("vpn", "203.0.113.70")
            Host("shared", "192.0.2.81", ptr: false)
            Host("elsewhere", "198.51.100.1")
        }
    }
}

struct PoolsExample: Rule {
    var records: Records {
        Zone("example.net.", ttl: 60) {
            Pool("www", ["192.0.2.1", "192.0.2.2", "192.0.2.3"])
        }
    }
}

struct DelegationsExample: Rule {
    var records: Records {
        Zone("example.net.") {
            Delegation(
                "lab", servers: ["ns1.lab", "ns.example.org."], glue: ["ns1.lab": ["192.0.2.54", "2001:db8::54"]],
                ds: ["3613 15 2 3AA5AB37EFCE57F737FC1627013FEE07BDF241BD10F3B1964AB55C78E79A304B"])
        }
    }
}

struct MailExample: Rule {
    var records: Records {
        Zone("example.net.") {
            SPF("@", .mx(), .ip4("192.0.2.0/24"), .ip6("2001:db8::/32"), .include("_spf.example.org"), .all(.softFail))
            SPF("bulk", .redirect("_spf.example.org"))
            DKIM("@", selector: "s2026", key: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", kind: .ed25519)
            DMARC("@", policy: .quarantine, subdomains: .reject, percent: 50, reports: ["dmarc@example.net"], dkim: .strict)
            MTASTS("@", id: "20260101")
            TLSRPT("@", reports: ["tls@example.net", "https://reports.example.org/tls"])
            NullMX("parked")
        }
    }
}

struct MapsExample: Rule {
    var records: Records {
        LocationMap(ClientMap(["198.51.100.0/24": "de", "198.51.100.64/26": "at", "203.0.0.0/12": "at"], otherwise: "zz"))
    }
}

struct ClientSites: Rule {
    @Input("clients.map", { try ClientMap($0, otherwise: "zz") }) var clients: ClientMap

    var records: Records { LocationMap(clients) }
}

struct ClosestSite: Rule {
    @Input("measurements.csv", SiteDistance.rows) var measurements: [SiteDistance]

    var placement: Placement {
        ClientMap.placing(
            measurements, capacities: [Location("at")!: 500, Location("de")!: 2000], otherwise: Location("zz")!,
            minimumSamples: 3)
    }

    var records: Records { LocationMap(placement) }
}

@Suite struct ClientSitesTests {
    @Test func longestNetworkCounts() throws {
        let result = try RuleTest(ClientSites(), inputs: ["clients.map": "192.0.0.0/16 at\n192.0.2.0/24 de\n"])
        #expect(result.faults.isEmpty)
        #expect(result.location(of: "192.0.2.1") == "de")
        #expect(result.location(of: "192.0.3.1") == "at")
        #expect(result.location(of: "8.8.8.8") == "zz")
    }
}

struct AddressesMove: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        for name in index.names(of: zone) {
            for set in index.sets(at: name).map({ index[$0] }) where set.key.type == .a && set.ttl > 3600 {
                report.add(policy: "addresses-move", set, level: .warning, "a TTL of \(set.ttl) s; an hour at most")
            }
        }
    }
}

struct SiteRules: RulePack {
    let rules: [any Rule] = [Servers(), ClosestSite()]
    let policies: [any Validator] = [AddressesMove()]
}
