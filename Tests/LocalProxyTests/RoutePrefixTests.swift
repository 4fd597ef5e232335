import Pipeline
import TestSupport
import Testing

@testable import LocalProxy

/// Whatever the configuration says, only prefixes and addresses reach ExaBGP.
@Suite struct RoutePrefixTests {
    @Test(arguments: [
        ("192.0.2.53/32", "192.0.2.53/32"), ("198.51.100.0/24", "198.51.100.0/24"), ("128.0.0.0/1", "128.0.0.0/1"),
        ("2001:DB8:0:0::53/128", "2001:db8::53/128"), ("2001:db8::/32", "2001:db8::/32"), ("::ffff:192.0.2.1/128", "::ffff:c000:201/128"),
    ])
    func aPrefixIsWrittenAsItsOctets(_ text: String, _ canonical: String) throws {
        #expect(try RoutePrefix(text).description == canonical)
        #expect(try RoutePrefix(canonical) == RoutePrefix(text))
    }

    @Test(arguments: [
        "", "/", "192.0.2.53", "192.0.2.53/", "192.0.2.53/33", "192.0.2.53/31", "192.0.2.53/032", "192.0.2.53/-1", "192.0.2.53/+32",
        "0.0.0.0/0", "::/0", "192.0.2.053/32", "2001:db8::/129", "2001:db8::1/64", "192.0.2.53/32 next-hop 203.0.113.1", " 192.0.2.53/32",
        "192.0.2.53/32\nannounce route 0.0.0.0/0 next-hop self", "192.0.2.53/32/32", "١٩٢.0.2.53/32", "192.0.2.53/٣٢", "fe80::1%eth0/128",
    ])
    func whatIsNoPrefixIsRefused(_ text: String) {
        #expect(throws: RouteFault.self) { try RoutePrefix(text) }
    }

    @Test func mutatedTextNeverMakesAnotherCommand() throws {
        var random = Seeded(53)
        let allowed = Set("0123456789abcdef.:/")
        var taken = 0
        for _ in 0..<20_000 {
            let base = random.pick(["192.0.2.53/32", "2001:db8::53/128", "10.0.0.0/8"])
            let text = String(decoding: random.mutate(Array(base.utf8)), as: UTF8.self)
            guard let prefix = try? RoutePrefix(text) else { continue }
            taken += 1
            let line = try RouteCommands(prefixes: [prefix]).lines(for: .announced)[0]
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            #expect(words.count == 5 && words[2].allSatisfy(allowed.contains))
            #expect(try RoutePrefix(String(words[2])) == prefix)
        }
        #expect(taken > 100)
    }

    @Test func commands() throws {
        let commands = try RouteCommands(
            prefixes: [try RoutePrefix("192.0.2.53/32"), try RoutePrefix("192.0.2.54/32")], nextHop: try NextHop("203.0.113.9"), raisedMED: 7)
        #expect(commands.lines(for: .announced) == [
            "announce route 192.0.2.53/32 next-hop 203.0.113.9", "announce route 192.0.2.54/32 next-hop 203.0.113.9",
        ])
        #expect(commands.lines(for: .raised)[1] == "announce route 192.0.2.54/32 next-hop 203.0.113.9 med 7")
        #expect(commands.lines(for: .withdrawn)[0] == "withdraw route 192.0.2.53/32 next-hop 203.0.113.9")
        #expect(commands.lines(for: .unknown) == [])
        #expect(throws: RouteFault.self) { try NextHop("self med 3") }
        #expect(throws: RouteFault.self) { try RouteCommands(prefixes: [try RoutePrefix("::1/128")], nextHop: try NextHop("192.0.2.1")) }
    }
}
