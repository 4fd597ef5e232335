internal import Documents
internal import DNSWire

/// The values of octoDNS' records, type by type, to RDATA.
enum OctoDNSValue {
    /// The types that octoDNS has and DNS too.
    static let types: [String: RRType] = Dictionary(
        uniqueKeysWithValues: [
            RRType.a, .aaaa, .caa, .cname, .dname, .ds, .https, .loc, .mx, .naptr, .ns, .openpgpkey, .ptr, .spf, .srv, .sshfp, .svcb,
            .tlsa, .txt, .uri,
        ].map { ("\($0)", $0) })

    static func rdata(_ value: Document, _ type: RRType) throws(ValueFault) -> RData {
        switch type {
        case .a, .aaaa:
            let address = value.word.flatMap { type == .a ? IPv4Text.parse($0) : IPv6Text.parse($0) }
            guard let address else { throw ValueFault(.value, "\(value.shown) is no address", line: value.line) }
            return RData(opaque: address)
        case .cname, .dname, .ns, .ptr: return .name(try value.target())
        case .txt, .spf: return .txt(octets: try text(value))
        case .openpgpkey:
            guard let key = value.word?.filter({ $0 != " " && $0 != "\n" }), !key.isEmpty, key.utf8.allSatisfy({ ASCIISet.base64.contains($0) })
            else { throw ValueFault(.value, "expected a key in Base64", line: value.line) }
            return try RData(checked: key, type)
        default: break
        }
        var fields = try Fields(value)
        let rdata = try rdata(&fields, type)
        try fields.finish()
        return rdata
    }

    private static func rdata(_ fields: inout Fields, _ type: RRType) throws(ValueFault) -> RData {
        switch type {
        case .mx: return MX(preference: try fields.u16("preference", "priority"), exchange: try fields.target("exchange", "value")).rdata
        case .srv:
            return SRV(
                priority: try fields.u16("priority"), weight: try fields.u16("weight"), port: try fields.u16("port"),
                target: try fields.target("target")
            ).rdata
        case .caa:
            let flags = try fields.u8("flags", otherwise: 0)
            let tag = try fields.plainText("tag")
            guard !tag.isEmpty, tag.count < 256 else { throw ValueFault(.value, "'tag': expected 1 to 255 letters and digits") }
            return CAA(flags: flags, tag: tag, value: try fields.plainText("value")).rdata
        case .ds:
            // Before version 1 the names were those of other fields, shifted by one.
            let old = fields.has("public_key") || fields.has("flags")
            let tag = try fields.u16(old ? "flags" : "key_tag")
            let algorithm = try fields.u8(old ? "protocol" : "algorithm")
            let digestType = try fields.u8(old ? "algorithm" : "digest_type")
            return try RData(checked: "\(tag) \(algorithm) \(digestType) \(try fields.octets(old ? "public_key" : "digest"))", type)
        case .sshfp:
            let head = "\(try fields.u8("algorithm")) \(try fields.u8("fingerprint_type"))"
            return try RData(checked: "\(head) \(try fields.octets("fingerprint"))", type)
        case .tlsa:
            let head = "\(try fields.u8("certificate_usage")) \(try fields.u8("selector")) \(try fields.u8("matching_type"))"
            return try RData(checked: "\(head) \(try fields.octets("certificate_association_data"))", type)
        case .uri:
            let priority = try fields.u16("priority"), weight = try fields.u16("weight")
            let target = try fields.plainText("target")
            guard !target.isEmpty else { throw ValueFault(.value, "'target' is empty") }
            return URI(priority: priority, weight: weight, target: target).rdata
        case .naptr:
            let texts = [try fields.plainText("flags"), try fields.plainText("service"), try fields.plainText("regexp")]
            guard texts.allSatisfy({ $0.count < 256 }) else { throw ValueFault(.value, "a text of over 255 octets") }
            return NAPTR(
                order: try fields.u16("order"), preference: try fields.u16("preference"), flags: texts[0].map(upper), services: texts[1],
                regularExpression: texts[2], replacement: try fields.target("replacement")
            ).rdata
        case .loc: return try location(&fields)
        case .svcb, .https: return try OctoDNSService.rdata(&fields, type)
        default: throw ValueFault(.type, "\(type) is not read")
        }
    }

    private static func upper(_ octet: UInt8) -> UInt8 { octet >= 0x61 && octet <= 0x7A ? octet - 0x20 : octet }

    /// The octets of a TXT: octoDNS writes `;` as `\;`, and cuts them into character-strings itself.
    private static func text(_ value: Document) throws(ValueFault) -> [UInt8] {
        var text: String
        switch value.content {
        case .string(let string): text = string
        case .plain(let word):
            guard case .string = value.resolved, !YAML11.isOther(word) else {
                throw ValueFault(.value, "\(value.shown) is no text to octoDNS: put it in quotes", line: value.line)
            }
            text = word
        default: throw ValueFault(.value, "expected text, found \(value.kind)", line: value.line)
        }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw ValueFault(.value, "other characters than ASCII: octoDNS does not say which octets they are", line: value.line)
        }
        var octets = Array(text.utf8)
        if octets.first == UInt8(ascii: "\"") { octets = Array(octets.dropFirst().dropLast()) }
        octets = octets.replacing(Array("\" \"".utf8), with: [])
        guard !octets.contains(subsequence: Array("\\\\;".utf8)) else {
            throw ValueFault(.value, "'\\\\;': octoDNS refuses a backslash before an escaped semicolon", line: value.line)
        }
        return octets.replacing(Array("\\;".utf8), with: [UInt8(ascii: ";")])
    }

    /// As presentation format has it, with the digits that it has room for.
    private static func location(_ fields: inout Fields) throws(ValueFault) -> RData {
        var parts: [String] = []
        for (name, limit) in [("lat", 90), ("long", 180)] as [(String, UInt64)] {
            parts.append("\(try fields.number("\(name)_degrees", limit: limit))")
            parts.append("\(try fields.number("\(name)_minutes", limit: 59))")
            parts.append(try decimal(&fields, "\(name)_seconds", places: 3))
            let direction = try fields.text("\(name)_direction")
            guard (name == "lat" ? ["N", "S"] : ["E", "W"]).contains(direction) else {
                throw ValueFault(.value, "'\(name)_direction': '\(direction)' is no direction")
            }
            parts.append(direction)
        }
        for name in ["altitude", "size", "precision_horz", "precision_vert"] { parts.append(try decimal(&fields, name, places: 2)) }
        return try RData(checked: parts.joined(separator: " "), .loc)
    }

    private static func decimal(_ fields: inout Fields, _ name: String, places: Int) throws(ValueFault) -> String {
        let text = try fields.text(name)
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var fraction = halves.count > 1 ? halves[1] : ""
        while fraction.hasSuffix("0") { fraction = fraction.dropLast() }
        let digits = (halves[0].hasPrefix("-") ? halves[0].dropFirst() : halves[0])
        guard !digits.isEmpty, (digits + fraction).utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), fraction.utf8.count <= places else {
            throw ValueFault(.value, "'\(name)': '\(text)' is no number with at most \(places) places")
        }
        return fraction.isEmpty ? String(halves[0]) : "\(halves[0]).\(fraction)"
    }
}

extension Document {
    /// For messages.
    var shown: String { word.map { "'\($0)'" } ?? kind }
}

extension [UInt8] {
    func replacing(_ pattern: [UInt8], with other: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var at = 0
        while at < count {
            if self[at] == pattern[0], self[at...].starts(with: pattern) {
                output += other
                at += pattern.count
            } else {
                output.append(self[at])
                at += 1
            }
        }
        return output
    }

    func contains(subsequence pattern: [UInt8]) -> Bool {
        indices.contains { self[$0] == pattern[0] && self[$0...].starts(with: pattern) }
    }
}
