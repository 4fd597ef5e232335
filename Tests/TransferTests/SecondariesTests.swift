import DNSClient
import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Transfer

/// BIND, NSD, Knot and PowerDNS take our zones.
@Suite(.serialized) struct SecondariesTests {
    static let large = (0..<2000).reduce("") { $0 + "h\($1).example.test. 60 IN A 10.0.\($1 / 256).\($1 % 256)\n" }

    /// All of a zone, then what changed in it because it was told; zones that come and go by the catalog.
    @Test(arguments: Secondary.Kind.allCases, [nil, "key."])
    func follows(_ kind: Secondary.Kind, _ key: String?) async throws {
        let directory = try TemporaryDirectory("secondary")
        let pipe = try Pipe("\(directory.path)/store")
        let port = Int(try freePorts(1)[0])
        let text = zone("example.test.", "example.test. 60 IN MX 10 mail.example.test.\n" + Self.large)
        try await pipe.present(records(text))
        let peer = Peer(
            name: kind.rawValue, addresses: [Primary.anyone], key: try key.map { try Primary.key($0) }, view: "all",
            notify: [.init(host: "127.0.0.1", port: port)])
        let primary = try await Primary(
            pipe.store, directory: directory.path, views: [View(name: "all", catalog: try Name("catalog.test."))], peers: [peer])
        try await primary.serves(1)
        // NSD 4.6 reads no catalogs, and PowerDNS 4.7 does not sign what it asks of members.
        let catalog = kind == .nsd || kind == .powerdns && key != nil ? nil : "catalog.test."
        let secondary = try await Secondary(kind, port: port, primary: primary.port, zones: ["example.test."], key: key, catalog: catalog)
        try await secondary.waits(for: 1, of: "example.test.")
        let wholes = primary.stage.statistics.of(.axfr) + primary.stage.statistics.of(.axfrForIXFR)
        #expect(wholes > 0)
        #expect(try await secondary.ask("h1999.example.test.", .a)?.answers.first?.rdata == .a((10, 0, 7, 207)))

        // Nothing but a NOTIFY brings this: refresh is an hour away.
        try await pipe.present(records(text.replacingOccurrences(of: "h7.example", with: "new.example")))
        try await secondary.waits(for: 2, of: "example.test.")
        #expect(try await secondary.ask("new.example.test.", .a)?.answers.count == 1)
        #expect(try await secondary.ask("h7.example.test.", .a)?.responseCode == .nameError)
        #expect(try await secondary.ask("h8.example.test.", .a)?.answers.count == 1)
        #expect(primary.stage.statistics.of(.ixfr) == 1, "\(secondary.log.suffix(1000))")
        #expect(primary.stage.statistics.of(.axfrForIXFR) + primary.stage.statistics.of(.axfr) == wholes)
        #expect(primary.stage.statistics.of(.acknowledged) > 0)

        if catalog != nil {
            // It is there because the catalog lists it.
            try await pipe.present(records(text + zone("young.test.", serial: 5)))
            try await secondary.waits(for: 5, of: "young.test.")
            try await pipe.present(records(text + zone("young.test.", serial: 5, "a.young.test. 5 IN A 10.0.0.1")))
            try await secondary.waits(for: 6, of: "young.test.")
            try await pipe.present(records(text))
            try await secondary.waits(for: nil, of: "young.test.")
        }
        // A restart of ours changes nothing for it: the serials are the same, and go on.
        await primary.stop()
        let again = try await Primary(
            pipe.store, directory: directory.path, views: [View(name: "all", catalog: try Name("catalog.test."))], peers: [peer],
            port: primary.port)
        try await again.serves(1)
        let before = try #require(try again.serial("example.test.", "all"))
        try await pipe.present(records(text + "last.example.test. 5 IN A 10.0.0.1\n"))
        try await secondary.waits(for: before + 1, of: "example.test.")
        #expect(again.stage.statistics.of(.ixfr) >= 1)
        #expect(again.stage.statistics.of(.axfrForIXFR) == 0)
        await again.stop()
        await secondary.stop()
    }
}
