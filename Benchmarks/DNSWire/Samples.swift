import DNSWire
import Foundation

/// Input for the clock, the same on every machine.
enum Samples {
    /// Responses as a resolver gets them: a CNAME, four addresses, the zone's
    /// servers and their glue, names compressed.
    static func messages(_ count: Int) throws -> [UInt8] {
        var octets: [UInt8] = []
        for i in 0..<count {
            let zone = try Name("zone\(i % 1000).bench.test.")
            let canonical = try Name("edge\(i).cdn", relativeTo: zone)
            var message = Message.query(try Name("www\(i)", relativeTo: zone), .a, id: UInt16(truncatingIfNeeded: i), recursionDesired: true)
            message.flags.insert([.response, .recursionAvailable])
            message.answers.append(
                ResourceRecord(owner: message.questions[0].name, type: .cname, ttl: 300, rdata: .name(canonical)))
            for n in 0..<4 {
                message.answers.append(
                    ResourceRecord(owner: canonical, type: .a, ttl: 60, rdata: .a((192, 0, UInt8(n), UInt8(truncatingIfNeeded: i)))))
            }
            for n in 1...2 {
                let server = try Name("ns\(n)", relativeTo: zone)
                message.authority.append(ResourceRecord(owner: zone, type: .ns, ttl: 3600, rdata: .name(server)))
                message.additional.append(
                    ResourceRecord(owner: server, type: .a, ttl: 3600, rdata: .a((198, 51, 100, UInt8(n)))))
                message.additional.append(
                    ResourceRecord(
                        owner: server, type: .aaaa, ttl: 3600, rdata: try RData("2001:db8::\(n)", type: .aaaa)))
            }
            let wire = message.wire
            octets += [UInt8(wire.count >> 8), UInt8(wire.count & 0xFF)] + wire
        }
        return octets
    }

    /// A zone of `count` records of the types that zones are made of.
    static func writeZone(_ count: Int, to path: String) throws {
        try Data().write(to: URL(filePath: path))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        var text = "$TTL 3600\n@ IN SOA ns1 hostmaster 1 7200 1800 1209600 300\n@ IN NS ns1\nns1 IN A 192.0.2.1\n"
        for i in 3..<count {
            switch i % 10 {
            case 0: text += "h\(i) IN MX 10 mail\(i % 97)\n"
            case 1: text += "h\(i) IN TXT \"v=spf1 ip4:192.0.2.\(i % 256) -all\"\n"
            case 2: text += "h\(i) 300 IN CNAME h\(i - 1).other.example.\n"
            case 3, 4: text += "h\(i) IN AAAA 2001:db8:\(String(i & 0xFFFF, radix: 16))::\(i % 9999)\n"
            case 5: text += "_http._tcp.h\(i) IN SRV 0 5 80 h\(i - 1)\n"
            default: text += "h\(i) IN A 10.\(i >> 16 & 255).\(i >> 8 & 255).\(i & 255)\n"
            }
            if text.utf8.count > 1 << 20 {
                try file.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }
}
