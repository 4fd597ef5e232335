internal import Documents
internal import DNSWire

/// SVCB and HTTPS values of octoDNS: parameters by their names (RFC 9460 §14.3.2).
enum OctoDNSService {
    private static let lists: Set<String> = ["alpn", "ipv4hint", "ipv6hint", "mandatory"]

    static func rdata(_ fields: inout Fields, _ type: RRType) throws(ValueFault) -> RData {
        var text = "\(try fields.u16("svcpriority")) \(try fields.target("targetname"))"
        if let parameters = fields.document("svcparams") {
            guard case .object(let members) = parameters.content else {
                throw ValueFault(.value, "'svcparams': expected an object, found \(parameters.kind)", line: parameters.line)
            }
            for member in members { text += " \(try parameter(member))" }
        }
        return try RData(checked: text, type)
    }

    private static func parameter(_ member: Document.Member) throws(ValueFault) -> String {
        let name = member.name, value = member.value
        guard name.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x7A || $0 == 0x2D }), !name.isEmpty else {
            throw ValueFault(.value, "'\(name)' is no parameter", line: member.line)
        }
        if value.isNull { return name }
        let words: [Document]
        if case .list(let list) = value.content {
            guard lists.contains(name) else { throw ValueFault(.value, "'\(name)': expected one value", line: value.line) }
            words = list
        } else {
            guard !lists.contains(name) else { throw ValueFault(.value, "'\(name)': expected a list", line: value.line) }
            words = [value]
        }
        var parts: [String] = []
        for word in words {
            guard let part = word.word, !part.isEmpty || words.count == 1, part.utf8.allSatisfy(isPlain), !(words.count > 1 && part.contains(","))
            else { throw ValueFault(.value, "'\(name)': \(word.shown) is not read: blanks, quotes, commas, backslashes", line: word.line) }
            parts.append(part)
        }
        return "\(name)=\(parts.joined(separator: ","))"
    }

    /// What needs no quotes and no escape anywhere.
    static func isPlain(_ octet: UInt8) -> Bool { octet > 0x20 && octet < 0x7F && !"\"\\;(),".utf8.contains(octet) }
}
