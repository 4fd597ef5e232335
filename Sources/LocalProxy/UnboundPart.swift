internal import DNSWire

/// The part of unbound's configuration that comes with a release.
///
/// unbound reads as root, and its configuration can name files, programs and other name
/// servers: so whoever holds the signing key decides what the zones hold, and no more. Only
/// what the Publisher writes for a zone is let through.
enum UnboundPart {
    /// The first line that is none of those, counted from 1.
    static func fault(in octets: [UInt8]) -> Int? {
        for (index, line) in octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            // unbound ends lines at a carriage return, too.
            guard line.allSatisfy({ 0x20...0x7E ~= $0 }), isAllowed(String(decoding: line, as: UTF8.self)) else { return index + 1 }
        }
        return nil
    }

    private static func isAllowed(_ line: String) -> Bool {
        switch line {
        case "", "server:", "stub-zone:", "    stub-addr: @tinydns@": true
        case _ where line.hasPrefix("#"): true
        default: quoted.contains { isZone(line, between: $0, and: $1) }
        }
    }

    private static let quoted = [
        ("    local-zone: \"", "\" transparent"), ("    domain-insecure: \"", "\""), ("    name: \"", "\""),
    ]

    /// A name as we write it, which is the only way to write it.
    private static func isZone(_ line: String, between start: String, and end: String) -> Bool {
        guard line.hasPrefix(start), line.hasSuffix(end), line.utf8.count > start.utf8.count + end.utf8.count else { return false }
        let text = String(line.dropFirst(start.count).dropLast(end.count))
        return (try? Name(text)).map { "\($0)" == text } ?? false
    }
}
