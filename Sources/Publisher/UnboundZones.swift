internal import DNSWire

/// What unbound must know of the zones: to ask the local tinydns for each.
///
/// The same on every server; `@tinydns@` stands for that server's own address.
enum UnboundZones {
    static let placeholder = "@tinydns@"

    static func text(_ zones: [Name]) -> String {
        var text = "# Made by Freshet: each zone is asked of the local tinydns.\n"
        // All of a zone in one place: one that comes or goes is one change in the file.
        for zone in zones {
            // Some zones (test., reverse zones of private networks) are answered by
            // unbound itself unless they are declared; none has a trust anchor.
            text += "server:\n    local-zone: \"\(zone)\" transparent\n    domain-insecure: \"\(zone)\"\n"
            text += "stub-zone:\n    name: \"\(zone)\"\n    stub-addr: \(placeholder)\n"
        }
        return text
    }
}
