internal import DNSWire

/// Names that say by themselves what a zone is for (RFC 6761 and the IANA registry
/// "Special-Use Domain Names").
enum SpecialNames {
    static func isPrivate(_ zone: Name, _ profile: Profile) -> Bool {
        privateNames.contains { zone.isWithin($0) } || profile.privateZones.contains { zone.isWithin($0) }
    }

    static func isReverse(_ zone: Name) -> Bool { reverse.contains { zone.isWithin($0) } }
    static func isExample(_ zone: Name) -> Bool { examples.contains { zone.isWithin($0) } }

    private static func names(_ texts: [String]) -> [Name] { texts.compactMap { try? Name($0) } }

    private static let reverse = names(["in-addr.arpa.", "ip6.arpa."])
    private static let examples = names(["test.", "example.", "example.com.", "example.net.", "example.org."])

    private static let privateNames = names(
        [
            "test.", "internal.", "home.arpa.", "local.", "localhost.", "invalid.", "alt.", "lan.", "intranet.",
            "private.", "corp.", "home.", "10.in-addr.arpa.", "168.192.in-addr.arpa.", "127.in-addr.arpa.",
            "254.169.in-addr.arpa.", "c.f.ip6.arpa.", "d.f.ip6.arpa.", "8.e.f.ip6.arpa.",
            "9.e.f.ip6.arpa.", "a.e.f.ip6.arpa.", "b.e.f.ip6.arpa.",
        ] + (16...31).map { "\($0).172.in-addr.arpa." } + (64...127).map { "\($0).100.in-addr.arpa." })
}
