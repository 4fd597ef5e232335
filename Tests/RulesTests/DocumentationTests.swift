import DNSWire
import Foundation
import Pipeline
import RuleTesting
import Testing

@testable import Rules

/// docs/rules.md says nothing that does not compile and run.
@Suite struct DocumentationTests {
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// Swift blocks of the document, without indentation.
    private static func blocks(_ document: String) -> [[String]] {
        var blocks: [[String]] = []
        var block: [Substring]?
        for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```swift" {
                block = []
            } else if line == "```", let whole = block {
                blocks.append(lines(whole.joined(separator: "\n")))
                block = nil
            } else {
                block?.append(line)
            }
        }
        return blocks
    }

    @Test func examplesAreThoseThatAreCompiled() throws {
        // The directory may be a link.
        let here = URL(filePath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
        let compiled = Self.lines(try String(contentsOf: here.appending(path: "DocumentedRules.swift"), encoding: .utf8))
        let document = here.deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/rules.md")
        let blocks = Self.blocks(try String(contentsOf: document, encoding: .utf8))
        #expect(blocks.count >= 13)
        for block in blocks {
            let isThere = compiled.indices.contains { compiled[$0...].starts(with: block) }
            #expect(isThere, "not in DocumentedRules.swift: \(block.first ?? "")")
        }
    }

    @Test(arguments: [
        ScopesExample(), TypesExample(), KeysExample(), OthersExample(), HostsExample(), PoolsExample(),
        DelegationsExample(), MailExample(), MapsExample(),
    ] as [any Rule])
    func noFaults(_ rule: any Rule) throws {
        let result = try RuleTest(rule)
        #expect(result.faults.isEmpty)
        #expect(!result.records.isEmpty || !result.map.isEmpty)
    }

    @Test func scopes() throws {
        let result = try RuleTest(ScopesExample(), zone: "example.net.")
        #expect(result.ttl("@", .a) == 86_400)
        #expect(result.ttl("failover", .a) == 60)
        #expect(result.ttl("slow", .a) == 300)
        #expect(result.records("mirror", .cname).isEmpty)
        #expect(result.records("mirror", .cname, at: "de") == ["mirror.example.org."])
        #expect(result.records("mirror", .cname, at: "at") == ["mirror.example.com."])
        #expect(result.records("printer.lab", .a) == ["192.0.2.9"])
    }

    @Test func hosts() throws {
        let result = try RuleTest(HostsExample())
        #expect(result.records("80.2.0.192.in-addr.arpa.", .ptr) == ["www.example.net."])
        #expect(result.records("70.64/26.113.0.203.in-addr.arpa.", .ptr) == ["vpn.example.net."])
        #expect(result.records.filter { $0.key.type == .ptr }.count == 3)
        #expect(result.records("elsewhere.example.net.", .a) == ["198.51.100.1"])
    }

    @Test func inputs() throws {
        let servers = try RuleTest(
            Servers(), inputs: ["inventory/servers.yaml": "[{name: a, addresses: [192.0.2.1], isMailServer: true}]"])
        #expect(servers.records("example.net.", .mx) == ["10 a.example.net."])
        let rows = "192.0.2.0/24,at,10,5,100\n192.0.2.0/24,de,20,5,100\n198.51.100.0/24,at,10,5,450\n198.51.100.0/24,de,20,5,450\n"
        let closest = try RuleTest(ClosestSite(), inputs: ["measurements.csv": .text(rows)])
        #expect(closest.faults.isEmpty)
        #expect(closest.location(of: "198.51.100.1") == "at")
        #expect(closest.location(of: "192.0.2.1") == "de")
    }
}
