import DNSClient
import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Transfer

/// What dnspython makes of our answers.
@Suite struct ServingTests {
    let directory: TemporaryDirectory
    let pipe: Pipe

    init() throws {
        directory = try TemporaryDirectory("transfer")
        pipe = try Pipe("\(directory.path)/store")
    }

    func text(_ sets: [RecordSet], serial: UInt32) -> [String] {
        sets.flatMap { set in
            set.rdata.map { rdata in
                var rdata = rdata
                if set.key.type == .soa, var soa = try? SOA(rdata) {
                    soa.serial = Serial(serial)
                    rdata = soa.rdata
                }
                return "\(set.key.owner) \(set.ttl) IN \(set.key.type) \(rdata.text(type: set.key.type))"
            }
        }.sorted()
    }

    @Test func wholeAndIncremental() async throws {
        var text = zone("example.test.", "mail.example.test. 60 IN MX 10 ns1.example.test.\n*.example.test. 60 IN TXT \"a b\" c")
        for i in 0..<3000 { text += "h\(i).example.test. 60 IN A 10.0.\(i / 256).\(i % 256)\n" }
        let first = try records(text)
        try await pipe.present(first)
        let primary = try await Primary(pipe.store, directory: directory.path)
        try await primary.serial("example.test.", is: 1)
        let whole = try await transfer(.init(port: primary.port, zone: "example.test."))
        #expect(whole.error == nil)
        expectSame(whole.records, self.text(first, serial: 1))

        let second = try records(text + "new.example.test. 60 IN A 10.9.9.9\n")
        try await pipe.present(second)
        try await primary.serial("example.test.", is: 2)
        for udp in [false, true] {
            let update = try await transfer(
                .init(port: primary.port, zone: "example.test.", type: "IXFR", serial: 1, records: whole.records, udp: udp))
            #expect(update.error == nil)
            #expect(update.incremental && update.messages == 1)
            expectSame(update.records, self.text(second, serial: 2))
        }
        // A difference of many records: by UDP the SOA alone, which sends the asker to TCP.
        let third = try records(zone("example.test.", text.split(separator: "\n").dropFirst(800).joined(separator: "\n")))
        try await pipe.present(third)
        try await primary.serial("example.test.", is: 3)
        let long = try await transfer(.init(port: primary.port, zone: "example.test.", type: "IXFR", serial: 2, records: self.text(second, serial: 2)))
        #expect(long.error == nil && long.incremental)
        expectSame(long.records, self.text(third, serial: 3))
        let cut = try await transfer(
            .init(port: primary.port, zone: "example.test.", type: "IXFR", serial: 2, records: self.text(second, serial: 2), udp: true))
        #expect(cut.error?.contains("UseTCP") ?? false, "\(cut)")
        // A serial that nobody knows: all of it.
        let unknown = try await transfer(.init(port: primary.port, zone: "example.test.", type: "IXFR", serial: 0xFFFF_FFF0, records: whole.records))
        #expect(unknown.error == nil && !unknown.incremental)
        expectSame(unknown.records, self.text(third, serial: 3))
        await primary.stop()
    }
}
