import TestSupport
import Testing

@testable import DNSWire

@Suite struct AddressTests {
    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "+1.2.3.4", "-0.0.0.0", "1..2.3", "0x1.2.3.4", "１.2.3.4",
    ])
    func noIPv4(_ text: String) { #expect(IPv4Text.parse(text) == nil) }

    @Test func ipv4() { #expect(IPv4Text.parse("192.0.2.255") == [192, 0, 2, 255]) }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", "::+1", "::-0", "::-1",
        "1:2:3:4:5:6:7:8::", "1.2.3.4", "1.2.3.4::", "1.2.3.4::1", "::1.2.3", "::1.2.3.4:5", "::1.2.3.400", "fe80::1%eth0", ":1::2", "1:",
    ])
    func noIPv6(_ text: String) { #expect(IPv6Text.parse(text) == nil, "\(text)") }

    /// RFC 5952 §4 and §5's cases.
    @Test(arguments: [
        ("2001:DB8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("::", "::"),
        ("0:0:0:0:0:0:0:1", "::1"), ("1::", "1::"), ("::ffff:192.0.2.1", "::ffff:c000:201"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
    func ipv6(_ text: String, _ canonical: String) throws {
        #expect(IPv6Text.format(try #require(IPv6Text.parse(text))) == canonical)
    }

    @Test func roundTrip() {
        var random = Seeded(4)
        for _ in 0..<2000 {
            let octets = random.rdata(.aaaa).wire
            #expect(IPv6Text.parse(IPv6Text.format(octets)) == octets)
        }
    }
}
