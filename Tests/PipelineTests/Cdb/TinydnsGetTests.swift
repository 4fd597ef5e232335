import DNSWire
import Pipeline
import TestSupport
import Testing

/// tinydns' own lookup, on files that we put together.
@Suite struct TinydnsGetTests {
    @Test func locations() async throws {
        var random = Seeded(300)
        let origin = Origin(source: "t")
        let zone = try Name("example.net."), name = try Name("www.example.net.")
        let places = ["aa", "bb", "c", "Z9"].map { Location($0)! }
        func set(_ owner: Name, _ type: RRType, _ rdata: RData, _ location: Location? = nil) -> RecordSet {
            RecordSet(key: RecordKey(owner: owner, type: type, location: location), ttl: 300, rdata: [rdata], origin: origin)
        }
        var records = [
            set(zone, .soa, .soa(primary: name, mailbox: name, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5)),
            set(zone, .ns, .name(name)), set(name, .txt, .txt("everyone")),
        ]
        for place in places { records.append(set(name, .txt, .txt("at-\(place)"), place)) }
        // Prefixes of few octets, so that they nest; each once.
        var map: [[UInt8]: Location] = [:]
        for _ in 0..<40 { map[(0..<random.below(5)).map { _ in UInt8(random.below(3)) }] = random.pick(places) }
        map[[]] = nil

        var shard = Shard(records: records, map: map.map { MapEntry(prefix: $0, location: $1, origin: origin) })
        shard.sort()
        let directory = try TemporaryDirectory("tinydns-get")
        try write(try Cdb.assemble([CdbFragment(shard).octets]), to: "\(directory.path)/data.cdb")
        let get = try Program("tinydns-get", hint: "install the package djbdns-utils")
        var located = 0
        for _ in 0..<80 {
            let client = (0..<4).map { _ in UInt8(random.below(4)) }
            let place = (0...4).reversed().lazy.compactMap { map[Array(client[..<$0])] }.first
            located += place == nil ? 0 : 1
            let text = try await get.run(["txt", "www.example.net", client.map(String.init).joined(separator: ".")], in: directory.path).text
            #expect(text.contains("answer: "), "\(text)")
            #expect(text.contains("everyone"))
            for other in places { #expect(text.contains("at-\(other)") == (other == place), "\(client): \(text)") }
        }
        #expect((20..<80).contains(located), "both kinds of clients were asked for")
    }

    @Test func wildcard() async throws {
        let zone = try Name("example.net."), host = try Name("ns.example.net.")
        let origin = Origin(source: "t")
        func set(_ owner: String, _ type: RRType, _ rdata: RData) throws -> RecordSet {
            RecordSet(key: RecordKey(owner: try Name(owner, relativeTo: zone), type: type), ttl: 300, rdata: [rdata], origin: origin)
        }
        var shard = Shard(records: [
            try set("@", .soa, .soa(primary: host, mailbox: host, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5)),
            try set("@", .ns, .name(host)), try set("*", .a, .a((192, 0, 2, 1))), try set("Known", .a, .a((192, 0, 2, 2))),
        ])
        shard.sort()
        let directory = try TemporaryDirectory("tinydns-get")
        try write(try Cdb.assemble([CdbFragment(shard).octets]), to: "\(directory.path)/data.cdb")
        let get = try Program("tinydns-get", hint: "install the package djbdns-utils")
        for (name, address) in [("any.example.net", "192.0.2.1"), ("a.b.example.net", "192.0.2.1"), ("KNOWN.example.net", "192.0.2.2")] {
            let text = try await get.run(["a", name], in: directory.path).text
            #expect(text.contains("answer: ") && text.hasSuffix("A \(address)\n") || text.contains(" A \(address)\n"), "\(text)")
        }
        #expect(try await get.run(["txt", "known.example.net"], in: directory.path).text.contains("answer: ") == false)
    }
}
