import Testing

/// Files that are not as they should be.
struct Hostile: Sendable, CustomTestStringConvertible {
    var text: String
    /// Where the one thing is that is wrong, and what is said of it.
    var line: Int
    var words: String
    var reasons: [String]
    /// RRsets that stay.
    var kept: Int

    init(_ line: Int, _ words: String, _ reasons: [String], kept: Int = 0, _ text: String) {
        (self.text, self.line, self.words, self.reasons, self.kept) = (text, line, words, reasons, kept)
    }

    var testDescription: String { words }

    private static func one(_ fields: String) -> String { "a:\n  type: A\n  value: 192.0.2.1\nb:\n\(fields)\n" }

    static let octodns: [Hostile] = [
        // Whole files.
        Hostile(3, "a name twice", [], "a: {type: A, value: 192.0.2.1}\n# once more\na: {type: A, value: 192.0.2.2}\n"),
        Hostile(1, "expected names", [], "- a\n"),
        Hostile(2, "merge keys", [], "a:\n  <<: {type: A}\n  value: 192.0.2.1\n"),
        Hostile(3, "the tag !include", [], "a:\n  type: TXT\n  value: !include x\n"),
        // Owners.
        Hostile(4, "apex is written ''", ["name"], kept: 1, "a:\n  type: A\n  value: 192.0.2.1\n'@':\n  type: A\n  value: 192.0.2.1\n"),
        Hostile(1, "without a dot at the end", ["name"], "a.: {type: A, value: 192.0.2.1}\n"),
        Hostile(1, "in quotes", ["name"], "on: {type: A, value: 192.0.2.1}\n"),
        Hostile(1, "in quotes", ["name"], "10.20: {type: A, value: 192.0.2.1}\n"),
        Hostile(1, "in quotes", ["name"], "010: {type: A, value: 192.0.2.1}\n"),
        Hostile(1, "blanks", ["name"], "a b: {type: A, value: 192.0.2.1}\n"),
        Hostile(1, "empty label", ["name"], "a..b: {type: A, values: [192.0.2.1, 192.0.2.2]}\n"),
        Hostile(1, "RFC 5892", ["name"], "❤: {type: A, value: 192.0.2.1}\n"),
        Hostile(1, "without records", ["value"], "a: []\n"),
        // Records.
        Hostile(5, "'type' is missing", ["type"], kept: 1, one("  value: 192.0.2.1")),
        Hostile(5, "octoDNS has no type HINFO", ["type"], kept: 1, one("  type: HINFO\n  value: x")),
        Hostile(5, "ALIAS is not in DNS", ["provider"], kept: 1, one("  type: ALIAS\n  value: example.net.")),
        Hostile(5, "URLFWD is not in DNS", ["provider"], kept: 1, one("  type: URLFWD\n  values: [{code: 301}]")),
        Hostile(5, "R53_ALIAS", ["provider"], kept: 1, one("  type: Route53Provider/R53_ALIAS\n  value: x")),
        Hostile(5, "'geo'", ["provider"], kept: 1, one("  type: A\n  value: 192.0.2.1\n  geo: {NA: [192.0.2.2]}")),
        Hostile(5, "'dynamic'", ["provider"], kept: 1, one("  type: A\n  value: 192.0.2.1\n  dynamic: {pools: {}}")),
        Hostile(7, "octodns: excluded", ["setting"], kept: 1, one("  type: A\n  octodns:\n    excluded: [route53]\n  value: 192.0.2.1")),
        Hostile(7, "'ttll' is not known", ["field"], kept: 1, one("  type: A\n  value: 192.0.2.1\n  ttll: 5")),
        Hostile(7, "'ttl'", ["value"], kept: 1, one("  type: A\n  value: 192.0.2.1\n  ttl: -5")),
        Hostile(7, "'ttl'", ["value"], kept: 1, one("  type: A\n  value: 192.0.2.1\n  ttl: 2147483648")),
        Hostile(7, "'ttl'", ["value"], kept: 1, one("  type: A\n  value: 192.0.2.1\n  ttl: 1h")),
        Hostile(7, "'ttl'", ["value"], kept: 1, one("  type: A\n  value: 192.0.2.1\n  ttl: 010")),
        Hostile(5, "already", ["duplicate"], kept: 1, "b:\n  - type: A\n    value: 192.0.2.1\n\n  - type: A\n    value: 192.0.2.2\n"),
        Hostile(5, "without values", ["value"], kept: 1, one("  type: A")),
        Hostile(5, "without values", ["value"], kept: 1, one("  type: A\n  values: []")),
        Hostile(5, "both 'value' and 'values'", ["value"], kept: 1, one("  type: A\n  value: 192.0.2.1\n  values: [192.0.2.2]")),
        Hostile(5, "has one 'value'", ["value"], kept: 1, one("  type: CNAME\n  values: [x.example.]")),
        Hostile(6, "is no address", ["value"], kept: 1, one("  type: A\n  value: ''")),
        Hostile(6, "null is no address", ["value"], kept: 1, one("  type: A\n  value:")),
        Hostile(6, "is no address", ["value"], kept: 1, one("  type: AAAA\n  value: 192.0.2.1")),
        Hostile(6, "does not end in a dot", ["relative"], kept: 1, one("  type: CNAME\n  value: example.net")),
        Hostile(6, "templates", ["provider"], kept: 1, one("  type: CNAME\n  value: '{zone_name}.'")),
        Hostile(6, "is no text to octoDNS", ["value"], kept: 1, one("  type: TXT\n  value: 12345")),
        Hostile(6, "is no text to octoDNS", ["value"], kept: 1, one("  type: TXT\n  value: yes")),
        Hostile(6, "expected text, found null", ["value"], kept: 1, one("  type: TXT\n  value:")),
        Hostile(6, "ASCII", ["value"], kept: 1, one("  type: TXT\n  value: naïve")),
        Hostile(6, "backslash before", ["value"], kept: 1, one("  type: TXT\n  value: 'a\\\\;b'")),
        Hostile(6, "expected an object", ["value"], kept: 1, one("  type: MX\n  value: 10 mail.example.")),
        Hostile(6, "'preference' is missing", ["value"], kept: 1, one("  type: MX\n  value: {exchange: mail.example.}")),
        Hostile(6, "up to 65535", ["value"], kept: 1, one("  type: MX\n  value: {exchange: mail.example., preference: 65536}")),
        Hostile(6, "'color' is not known", ["field"], kept: 1, one("  type: MX\n  value: {exchange: mail.example., preference: 1, color: 2}")),
        Hostile(6, "expected a list", ["value"], kept: 1, one("  type: HTTPS\n  value: {svcpriority: 1, targetname: ., svcparams: {alpn: h2}}")),
        Hostile(5, "parameter", ["value"], kept: 1, one("  type: HTTPS\n  value: {svcpriority: 1, targetname: ., svcparams: {color: red}}")),
        Hostile(6, "backslashes", ["value"], kept: 1, one("  type: CAA\n  value: {tag: issue, value: 'a\\b'}")),
    ]
}
