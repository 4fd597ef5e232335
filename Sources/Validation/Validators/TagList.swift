/// `tag=value; tag=value` (RFC 6376 §3.2), as DKIM, DMARC and their like have it.
struct TagList {
    private(set) var tags: [(name: String, value: String)] = []
    private(set) var faults: [String] = []

    init(_ octets: [UInt8]) {
        let text = String(decoding: octets, as: UTF8.self)
        var parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trim)
        // One semicolon may end the list.
        if parts.last?.isEmpty == true { parts.removeLast() }
        for part in parts {
            guard let equals = part.firstIndex(of: "=") else {
                faults.append(part.isEmpty ? "an empty tag" : "'\(part)' is no tag=value")
                continue
            }
            let name = String(Self.trim(part[..<equals])), value = String(Self.trim(part[part.index(after: equals)...]))
            if name.isEmpty || !name.utf8.allSatisfy(Self.isNameOctet) { faults.append("'\(part)' is no tag=value") }
            if tags.contains(where: { $0.name == name }) { faults.append("\(name) is there twice") }
            tags.append((name, value))
        }
    }

    subscript(name: String) -> String? { tags.first { $0.name == name }?.value }

    private static func isNameOctet(_ c: UInt8) -> Bool {
        (0x30...0x39).contains(c) || (0x61...0x7A).contains(lower(c)) || c == UInt8(ascii: "_")
    }

    static func trim(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
