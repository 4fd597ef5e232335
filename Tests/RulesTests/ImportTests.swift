import DNSWire
import Foundation
import Pipeline
import Rules
import Testing

/// A rule may import DNSWire and Foundation beside Rules, which have types of the same names.
@Suite struct ImportTests {
    struct Everything: Rule {
        var records: Records {
            Zone("z.") {
                SOA(primary: "ns", mailbox: "h")
                Host("h", "192.0.2.1")
                MX("@", 10, "h")
                TXT("@", "t")
                SRV("_s._tcp", priority: 0, weight: 0, port: 1, target: "h")
                NAPTR("n", order: 1, preference: 1, flags: "s", service: "", replacement: "_s._tcp")
                CAA("@", "issue", ";")
                DS("d", keyTag: 1, algorithm: 13, digestType: 2, digest: "00")
                HTTPS("@", priority: 1)
                SVCB("v", alias: "h")
                LOC("@", latitude: 0, longitude: 0)
                URI("u", priority: 1, weight: 1, target: "x:")
                Record("x", [MX(preference: 1, exchange: .root), MX(preference: 2, exchange: .root)])
                Record("x", [TXT(strings: [[1]])])
                Record("x", [LOC(latitude: 0, longitude: 0, altitude: 0)])
            }
            LocationMap(ClientMap.placing(distances, capacities: [:], otherwise: Location("zz")!).map)
        }

        private var distances: [SiteDistance] { [] }
    }

    @Test func bothMayBeImported() {
        let evaluation = Evaluation(Everything().records, source: "R")
        #expect(evaluation.faults.isEmpty)
        #expect(evaluation.records.count == 16)
        #expect(MX.type == .mx)
    }
}
