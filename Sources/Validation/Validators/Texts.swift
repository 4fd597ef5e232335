internal import DNSWire
internal import Pipeline

/// TXT records as such, whatever they are for.
struct Texts: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach(.txt, in: zone) { _, id in
            for rdata in index[id].rdata {
                let set = index[id], wire = rdata.wire
                if wire.count > index.profile.thresholds.text, let text = rdata.joinedStrings,
                    text.count > index.profile.thresholds.text
                {
                    report.add(.txtLong, set, "\(text.count) octets: \(Excerpt.of(text))")
                }
                guard wire.count > 1 else { continue }
                if Self.looksQuoted(wire), let text = rdata.joinedStrings {
                    report.add(.txtQuoting, set, "quotation marks inside the value: \(Excerpt.of(text))")
                }
                if Self.hasUnprintable(wire), let text = rdata.joinedStrings {
                    report.add(.txtUnprintable, set, "octets outside printable ASCII: \(Excerpt.of(text))")
                }
            }
        }
    }

    /// An odd number of quotation marks, or a first octet that is one.
    private static func looksQuoted(_ wire: [UInt8]) -> Bool {
        var marks = 0, at = 0, begins = false
        while at < wire.count {
            let end = at + 1 + Int(wire[at])
            for i in at + 1..<end where wire[i] == UInt8(ascii: "\"") {
                marks += 1
                if i == 1 { begins = true }
            }
            at = end
        }
        return marks % 2 == 1 || begins && marks > 0
    }

    private static func hasUnprintable(_ wire: [UInt8]) -> Bool {
        var at = 0
        while at < wire.count {
            let end = at + 1 + Int(wire[at])
            for i in at + 1..<end where wire[i] < 0x20 || wire[i] > 0x7E { return true }
            at = end
        }
        return false
    }
}

/// Text for messages: short, in quotes, with what is not printable as `\DDD`.
enum Excerpt {
    static func of(_ octets: some Collection<UInt8>) -> String {
        var text = "“"
        for c in octets.prefix(60) {
            if c >= 0x20, c <= 0x7E {
                text.unicodeScalars.append(UnicodeScalar(c))
            } else {
                let digits = String(c)
                text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            }
        }
        return text + (octets.count > 60 ? "…”" : "”")
    }
}
