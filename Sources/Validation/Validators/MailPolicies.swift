internal import DNSWire
internal import Pipeline

/// What mail reads at names that begin in an underscore, and the null MX.
struct MailPolicies: Validator {
    private typealias Judge = (_ set: RecordSet, _ texts: [[UInt8]], _ report: inout Report) -> Void

    private static let dmarc = Array("_dmarc".utf8), mtaSTS = Array("_mta-sts".utf8)
    private static let tls = Array("_tls".utf8), smtp = Array("_smtp".utf8), domainKey = Array("_domainkey".utf8)

    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        index.forEach(.txt, in: zone) { name, id in
            // Only names with an underscore are read.
            guard index.entries[name.index].flags.contains(.underscore) else { return }
            let set = index[id]
            let labels = set.key.owner.labels.prefix(3).map { $0.map(lower) }
            guard let judge = Self.judge(labels) else { return }
            // What clients see: with what everybody sees.
            let texts = index.sets(.txt, at: name, for: set.key.location).flatMap {
                index[$0].rdata.compactMap(\.joinedStrings)
            }
            judge(set, texts, &report)
        }
        index.forEach(.mx, in: zone) { name, id in judgeNullMX(index[id], name, index, &report) }
    }

    private static func judge(_ labels: [[UInt8]]) -> Judge? {
        guard let first = labels.first else { return nil }
        if first == dmarc { return judgeDMARC }
        if first == mtaSTS { return judgeMTASTS }
        if labels.count > 1, first == smtp, labels[1] == tls { return judgeTLSRPT }
        if labels.count > 1, labels[1] == domainKey, first.first != UInt8(ascii: "_") { return judgeDKIM }
        return nil
    }

    /// RFC 7489 §6.3.
    private static func judgeDMARC(_ set: RecordSet, _ texts: [[UInt8]], _ report: inout Report) {
        let policies = texts.filter { begins($0, "v=DMARC1") }
        if policies.count > 1 {
            report.add(.dmarcSeveral, set, policies.map { Excerpt.of($0) }.joined(separator: " and "))
        }
        guard let text = policies.first else {
            report.add(.dmarcSyntax, set, "no value begins with v=DMARC1: \(Excerpt.of(texts.first ?? []))")
            return
        }
        let list = TagList(text)
        var faults = list.faults
        if list.tags.first?.value != "DMARC1" { faults.append("the version is not DMARC1") }
        for tag in ["p", "sp", "np"] {
            let value = list[tag]?.lowercased()
            if value == nil, tag == "p" { faults.append("no p") }
            if let value, !["none", "quarantine", "reject"].contains(value) {
                faults.append("\(tag)=\(value) is no policy")
            }
        }
        for tag in ["adkim", "aspf"] {
            if let value = list[tag]?.lowercased(), value != "r", value != "s" {
                faults.append("\(tag)=\(value) is neither r nor s")
            }
        }
        if let percent = list["pct"], !isDecimal(percent, upTo: 100) { faults.append("pct=\(percent) is not 0 to 100") }
        for tag in ["rua", "ruf"] {
            for uri in (list[tag] ?? "").split(separator: ",") where !TagList.trim(uri).contains(":") {
                faults.append("\(tag)=\(uri) is no URI; write mailto:\(TagList.trim(uri))")
            }
        }
        if !faults.isEmpty { report.add(.dmarcSyntax, set, faults.joined(separator: "; ")) }
    }

    /// RFC 6376 §3.6.1, RFC 8463 for Ed25519.
    private static func judgeDKIM(_ set: RecordSet, _ texts: [[UInt8]], _ report: inout Report) {
        for text in texts {
            let list = TagList(text)
            var faults = list.faults
            if let version = list["v"], version != "DKIM1" || list.tags.first?.name != "v" {
                faults.append("v=\(version) is not a first tag of DKIM1")
            }
            if let kind = list["k"], kind != "rsa", kind != "ed25519" {
                faults.append("k=\(kind) is neither rsa nor ed25519")
            }
            if let key = list["p"] {
                let octets = key.utf8.filter { $0 != 0x20 && $0 != 0x09 }
                let digits = octets.prefix { $0 != UInt8(ascii: "=") }
                let isBase64 = digits.allSatisfy {
                    (0x30...0x39).contains($0) || (0x61...0x7A).contains(lower($0)) || $0 == 0x2B || $0 == 0x2F
                }
                if !isBase64 || octets.count % 4 != 0 || octets.count - digits.count > 2
                    || octets.dropFirst(digits.count).contains(where: { $0 != UInt8(ascii: "=") })
                {
                    faults.append("p is not base64")
                } else if list["k"] == "ed25519", !octets.isEmpty, octets.count != 44 {
                    faults.append("p is not the 32 octets of an Ed25519 key")
                }
            } else {
                faults.append("no p")
            }
            if !faults.isEmpty { report.add(.dkimSyntax, set, faults.joined(separator: "; ")) }
        }
    }

    /// RFC 8461 §3.1.
    private static func judgeMTASTS(_ set: RecordSet, _ texts: [[UInt8]], _ report: inout Report) {
        var faults: [String] = []
        let policies = texts.filter { begins($0, "v=STSv1") }
        if policies.count != 1 { faults.append("\(policies.count) values begin with v=STSv1") }
        if let text = policies.first {
            let list = TagList(text)
            faults += list.faults
            let id = list["id"] ?? ""
            if !(1...32).contains(id.utf8.count)
                || !id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains(lower($0)) })
            {
                faults.append("id=\(id) is not 1 to 32 letters and digits")
            }
        }
        if !faults.isEmpty { report.add(.mtaSTSSyntax, set, faults.joined(separator: "; ")) }
    }

    /// RFC 8460 §3.
    private static func judgeTLSRPT(_ set: RecordSet, _ texts: [[UInt8]], _ report: inout Report) {
        var faults: [String] = []
        let policies = texts.filter { begins($0, "v=TLSRPTv1") }
        if policies.count != 1 { faults.append("\(policies.count) values begin with v=TLSRPTv1") }
        if let text = policies.first {
            let list = TagList(text)
            faults += list.faults
            let uris = (list["rua"] ?? "").split(separator: ",").map(TagList.trim)
            if uris.isEmpty { faults.append("no rua") }
            for uri in uris where !uri.hasPrefix("mailto:") && !uri.hasPrefix("https:") {
                faults.append("rua=\(uri) is neither mailto: nor https:")
            }
        }
        if !faults.isEmpty { report.add(.tlsRPTSyntax, set, faults.joined(separator: "; ")) }
    }

    /// RFC 7505 §3.
    private func judgeNullMX(_ set: RecordSet, _ name: NameID, _ index: ZoneIndex, _ report: inout Report) {
        guard let null = set.rdata.first(where: { $0.wire.count == 3 && $0.wire[2] == 0 }) else { return }
        let preference = Int(null.wire[0]) << 8 | Int(null.wire[1])
        if preference != 0 { report.add(.nullMX, set, "its preference is \(preference)") }
        let others = index.sets(at: name).filter {
            index[$0].key.type == .mx && index[$0].key.location.meets(set.key.location)
        }
        .flatMap { index[$0].rdata }.filter { $0.wire.count > 3 }
        if let other = others.min(by: { $0.wire.lexicographicallyPrecedes($1.wire) }) {
            report.add(.nullMX, set, "beside \(other.text(type: .mx))")
        }
    }

    private static func begins(_ text: [UInt8], _ start: String) -> Bool { text.starts(with: start.utf8) }
    private static func isDecimal(_ text: String, upTo most: Int) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int(text).map { $0 <= most } ?? false
    }
}
