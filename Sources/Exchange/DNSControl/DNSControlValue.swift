internal import Documents
internal import DNSWire

/// RDATA of DNSControl's records: `target` and fields of each type, left out where they are zero.
enum DNSControlValue {
    /// Members that say nothing about the data that is not said elsewhere.
    static let beside = ["filepos", "subdomain", "name_raw", "name_unicode", "comparable", "zonfefilepartial", "zonefilepartial"]

    static func rdata(_ fields: inout Fields, _ type: RRType) throws(ValueFault) -> RData {
        switch type {
        case .a, .aaaa:
            let text = try fields.text("target")
            guard let address = type == .a ? IPv4Text.parse(text) : IPv6Text.parse(text) else {
                throw ValueFault(.value, "'\(text)' is no address")
            }
            return RData(opaque: address)
        case .cname, .dname, .ns, .ptr: return .name(try fields.target("target"))
        case .txt, .spf: return try text(&fields)
        case .mx: return try exchange(&fields)
        case .srv:
            return SRV(
                priority: try fields.u16("srvpriority", otherwise: 0), weight: try fields.u16("srvweight", otherwise: 0),
                port: try fields.u16("srvport", otherwise: 0), target: try fields.target("target")
            ).rdata
        case .caa:
            let tag = Array(try fields.text("caatag").utf8)
            guard (1...255).contains(tag.count) else { throw ValueFault(.value, "'caatag': expected 1 to 255 letters and digits") }
            return CAA(flags: try fields.u8("caaflag", otherwise: 0), tag: tag, value: Array(try fields.text("target").utf8)).rdata
        case .ds:
            let head = "\(try fields.u16("dskeytag", otherwise: 0)) \(try fields.u8("dsalgorithm", otherwise: 0))"
            _ = fields.has("target")
            return try RData(checked: "\(head) \(try fields.u8("dsdigesttype", otherwise: 0)) \(try fields.octets("dsdigest"))", type)
        case .dnskey:
            let head = "\(try fields.u16("dnskeyflags", otherwise: 0)) \(try fields.u8("dnskeyprotocol", otherwise: 0))"
            _ = fields.has("target")
            return try RData(checked: "\(head) \(try fields.u8("dnskeyalgorithm", otherwise: 0)) \(try fields.octets("dnskeypublickey"))", type)
        case .sshfp:
            let head = "\(try fields.u8("sshfpalgorithm", otherwise: 0)) \(try fields.u8("sshfpfingerprint", otherwise: 0))"
            return try RData(checked: "\(head) \(try fields.octets("target"))", type)
        case .tlsa:
            let head = "\(try fields.u8("tlsausage", otherwise: 0)) \(try fields.u8("tlsaselector", otherwise: 0))"
            return try RData(checked: "\(head) \(try fields.u8("tlsamatchingtype", otherwise: 0)) \(try fields.octets("target"))", type)
        case .smimea:
            let head = "\(try fields.u8("smimeausage", otherwise: 0)) \(try fields.u8("smimeaselector", otherwise: 0))"
            return try RData(checked: "\(head) \(try fields.u8("smimeamatchingtype", otherwise: 0)) \(try fields.octets("target"))", type)
        case .openpgpkey, .dhcid: return try RData(checked: try fields.octets("target"), type)
        case .naptr:
            let texts = [
                try fields.text("naptrflags", otherwise: ""), try fields.text("naptrservice", otherwise: ""),
                try fields.text("naptrregexp", otherwise: ""),
            ].map { Array($0.utf8) }
            guard texts.allSatisfy({ $0.count < 256 }) else { throw ValueFault(.value, "a text of over 255 octets") }
            return NAPTR(
                order: try fields.u16("naptrorder", otherwise: 0), preference: try fields.u16("naptrpreference", otherwise: 0),
                flags: texts[0], services: texts[1], regularExpression: texts[2], replacement: try fields.target("target")
            ).rdata
        case .soa: return try soa(&fields)
        case .loc: return try location(&fields)
        case .svcb, .https:
            let head = "\(try fields.u16("svcpriority", otherwise: 0)) \(try fields.target("target"))"
            // In presentation format, as one text.
            let parameters = try fields.text("svcparams", otherwise: "")
            guard !parameters.contains(where: { "\n\r;()".contains($0) }) else { throw ValueFault(.value, "'svcparams' is not read") }
            return try RData(checked: "\(head) \(parameters)", type)
        case .rp:
            guard var inner = try newer(&fields) else { throw ValueFault(.value, "an RP without 'fields'") }
            _ = fields.has("target")
            return RP(mailbox: try inner.target("Mbox"), text: try inner.target("Txt")).rdata
        default: throw ValueFault(.type, "DNSControl's form of \(type) is not known")
        }
    }

    /// Where newer versions keep the data of some types, under the names of their Go structure.
    private static func newer(_ fields: inout Fields) throws(ValueFault) -> Fields? {
        for name in ["fields", "Fields", "rdata"] {
            if let inner = fields.document(name) { return try Fields(inner) }
        }
        return nil
    }

    private static func exchange(_ fields: inout Fields) throws(ValueFault) -> RData {
        if var inner = try newer(&fields) {
            _ = fields.has("target")
            return MX(preference: try inner.u16("Preference"), exchange: try inner.target("Mx")).rdata
        }
        return MX(preference: try fields.u16("mxpreference", otherwise: 0), exchange: try fields.target("target")).rdata
    }

    /// `txtstrings` as they are; newer versions have one text, of which 255 octets make a character-string.
    private static func text(_ fields: inout Fields) throws(ValueFault) -> RData {
        let target = try fields.text("target", otherwise: "")
        guard let strings = fields.document("txtstrings") else { return .txt(octets: Array(target.utf8)) }
        guard case .list(let list) = strings.content, !list.isEmpty else { throw ValueFault(.value, "'txtstrings': expected a list of texts") }
        var parts: [[UInt8]] = []
        for string in list {
            guard case .string(let text) = string.content else { throw ValueFault(.value, "'txtstrings': expected texts", line: string.line) }
            // Longer ones came to be when DNSControl cut them for each provider.
            let octets = Array(text.utf8)
            if octets.count <= 255 { parts.append(octets) } else { parts += TXT.parts(octets) }
        }
        return TXT(strings: parts).rdata
    }

    private static func soa(_ fields: inout Fields) throws(ValueFault) -> RData {
        let limit = UInt64(UInt32.max)
        var mailbox = try fields.text("soambox")
        if mailbox.hasSuffix(".") { mailbox.removeLast() }
        guard !mailbox.contains("@"), let mailbox = try? InternationalName.name(mailbox) else { throw ValueFault(.value, "'soambox' is no name") }
        let primary = try fields.target("target")
        let serial = UInt32(try fields.number("soaserial", limit: limit, otherwise: 0))
        return .soa(
            primary: primary, mailbox: mailbox, serial: serial,
            refresh: UInt32(try fields.number("soarefresh", limit: limit, otherwise: 0)),
            retry: UInt32(try fields.number("soaretry", limit: limit, otherwise: 0)),
            expire: UInt32(try fields.number("soaexpire", limit: limit, otherwise: 0)),
            minimum: UInt32(try fields.number("soaminttl", limit: limit, otherwise: 0)))
    }

    /// The numbers of the wire; `target` has them as text.
    private static func location(_ fields: inout Fields) throws(ValueFault) -> RData {
        let limit = UInt64(UInt32.max)
        _ = fields.has("target")
        var wire = [try fields.u8("locversion", otherwise: 0)]
        for name in ["locsize", "lochorizpre", "locvertpre"] { wire.append(try fields.u8(name, otherwise: 0)) }
        for name in ["loclatitude", "loclongitude", "localtitude"] {
            let number = UInt32(try fields.number(name, limit: limit, otherwise: 0))
            wire += [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
        }
        do {
            return try RData(wire: wire, type: .loc)
        } catch {
            throw ValueFault(.value, "\(error)")
        }
    }
}

extension TXT {
    /// Character-strings of at most 255 octets.
    fileprivate static func parts(_ octets: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: octets.count, by: 255).map { Array(octets[$0..<min($0 + 255, octets.count)]) }
    }
}
