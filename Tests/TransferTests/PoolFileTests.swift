import DNSClient
import DNSWire
import Documents
import Pipeline
import TestSupport
import Testing

@testable import Transfer

/// The reader and `schemas/pools.schema.json`, which editors use.
@Suite struct PoolFileTests {
    static let good = """
        pools:
          - name: internal
            description: behind the wall
            view: inside
            catalog: catalog.test
            zones: [example.net, .corp.example]
            ns_records: [{hostname: ns1.example.net., priority: 1}, ns2.example.net]
            nameservers:
              - {host: 192.0.2.1, port: 5353, key: pool.}
              - host: "2001:db8::1"
            targets: [{host: 192.0.2.9}]
            also_notifies: [{host: 192.0.2.10, port: 54}]
            threshold_percentage: 66
            poll_timeout: 500ms
            poll_retry_interval: 15
            poll_max_retries: 0
            poll_delay: 0
            recovery_interval: 1m
          - {name: plain, nameservers: [{host: 192.0.2.7}]}
        """

    @Test func reads() throws {
        let pools = try PoolFile.parse(Self.good)
        #expect(pools.map(\.name) == ["internal", "plain"])
        let pool = pools[0], plain = pools[1]
        #expect(try pool.view == "inside" && pool.catalog == Name("catalog.test."))
        #expect(try pool.nsRecords == [Name("ns1.example.net."), Name("ns2.example.net.")])
        #expect(pool.nameservers.map(\.address.description) == ["192.0.2.1:5353", "[2001:db8::1]:53"])
        #expect(try pool.nameservers.map(\.key) == [Name("pool."), nil])
        #expect(pool.targets.map(\.address.description) == ["192.0.2.9:53"] && pool.alsoNotifies.map(\.address.port) == [54])
        #expect(pool.threshold == 66 && pool.recovery == .seconds(60))
        #expect(pool.poll == .init(delay: .zero, timeout: .milliseconds(500), interval: .seconds(15), retries: 0))
        #expect(try pool.takes(Name("a.corp.example")) && !pool.takes(Name("a.example.net")) && pool.takes(Name("catalog.test")))
        #expect(try plain.targets == plain.nameservers && plain.threshold == 100 && plain.takes(Name("anything.")))
        #expect(plain.peers.first?.notify == [.init(host: "192.0.2.7", port: 53)])
    }

    @Test func allFaultsWithTheirLines() throws {
        let text = """
            pools:
              - name: "a b"
                nameservers: [{host: ns1.example.net}]
                treshold: 5
                threshold_percentage: 0
                zones: ["a..b"]
                poll_timeout: soon
              - nameservers:
                  - host: 192.0.2.1
                    port: 70000
                  - {host: 192.0.2.1, port: 53}
                  - {host: 192.0.2.1}
              - name: empty
                nameservers: []
              - 7
            """
        do {
            _ = try PoolFile.parse(text)
            Issue.record("it was read")
        } catch {
            #expect(Set(error.faults.map(\.line)) == [2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15], "\(error)")
        }
    }

    /// What the schema takes the reader takes, and the other way round.
    @Test func schemaAgrees() throws {
        let schema = try JSONSchema(try JSONReader.read(try contents("\(packageRoot)/schemas/pools.schema.json")))
        func pool(_ more: String) -> String { "pools: [{name: a, nameservers: [{host: 192.0.2.1}], \(more)}]" }
        let texts =
            [Self.good, "pools: []", "pools: {}", "pool: []", "pools: [{name: a}]", "pools: [{nameservers: [{host: 192.0.2.1}]}]", "7", "pools: [a]"]
            + [
                "view: b", "view: ''", "view: 7", "view: null", "zones: [a.b]", "zones: a.b", "zones: [{}]", "catalog: a", "ns_records: [a, {hostname: b}]",
                "ns_records: [{priority: 1}]", "ns_records: [{hostname: a, priority: 70000}]", "ns_records: {a: b}", "targets: []", "targets: [{host: '::1', port: 1}]",
                "targets: [{host: ns.a}]", "targets: [{port: 53}]", "targets: [{host: 192.0.2.1, port: 0}]", "targets: [{host: 192.0.2.1, key: [a]}]",
                "also_notifies: [{host: 192.0.2.1, more: 1}]", "threshold_percentage: 1", "threshold_percentage: 100", "threshold_percentage: 101",
                "threshold_percentage: 0", "threshold_percentage: many", "threshold_percentage: 6.5", "poll_timeout: 1s", "poll_timeout: 5", "poll_timeout: 1 s",
                "poll_timeout: []", "poll_delay: 0", "poll_delay: -1", "poll_max_retries: 1001", "poll_max_retries: 0", "recovery_interval: 1h", "more: 1",
                "description: a", "description: ''",
            ].map(pool)
        for text in texts {
            let document = try YAMLReader.read(text)
            let isRead = (try? PoolFile.parse(text)) != nil
            #expect(schema.faults(in: document).isEmpty == isRead, "\(text)")
        }
    }
}
