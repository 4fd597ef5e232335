internal import DNSWire

/// The terms of an SPF record (RFC 7208 §12), with all that is wrong with them.
struct SPFRecord {
    enum Mechanism: String {
        case all, include, a, mx, ptr, ip4, ip6, exists
    }

    struct Term {
        var qualifier: UInt8
        var mechanism: Mechanism
        /// Without its colon; `nil` if none is given.
        var domain: String?
    }

    private(set) var terms: [Term] = []
    private(set) var redirect: String?
    private(set) var faults: [String] = []

    /// Whether the text is an SPF record at all (RFC 7208 §4.5).
    static func isSPF(_ text: [UInt8]) -> Bool {
        text.count >= 6 && zip(text, "v=spf1".utf8).allSatisfy { lower($0) == $1 } && (text.count == 6 || text[6] == 0x20)
    }

    init(_ octets: [UInt8]) {
        let text = String(decoding: octets, as: UTF8.self)
        var modifiers: Set<String> = []
        for word in text.split(separator: " ").dropFirst() {
            let name = word.prefix { $0.isLetter && $0.isASCII || $0.isNumber && $0.isASCII || "-_.".contains($0) }
            if !name.isEmpty, word.dropFirst(name.count).first == "=" {
                let key = name.lowercased(), value = String(word.dropFirst(name.count + 1))
                if key == "redirect" || key == "exp" {
                    if !modifiers.insert(key).inserted { faults.append("\(key) is there twice") }
                    if !Self.isDomain(value) { faults.append("'\(word)' has no domain") }
                }
                if key == "redirect", redirect == nil { redirect = value }
            } else {
                addMechanism(word)
            }
        }
    }

    private mutating func addMechanism(_ word: Substring) {
        var rest = word
        var qualifier = UInt8(ascii: "+")
        if let first = rest.utf8.first, "+-?~".utf8.contains(first) {
            qualifier = first
            rest = rest.dropFirst()
        }
        let name = rest.prefix { $0 != ":" && $0 != "/" }
        guard let mechanism = Mechanism(rawValue: name.lowercased()) else {
            faults.append("'\(word)' is no term of SPF")
            return
        }
        var argument = rest.dropFirst(name.count)
        var domain: String?
        switch mechanism {
        case .all:
            if !argument.isEmpty { faults.append("'\(word)' takes no value") }
        case .ip4, .ip6:
            if argument.first != ":" || !Self.isNetwork(argument.dropFirst(), mechanism == .ip4 ? 4 : 16) {
                faults.append("'\(word)' has no network")
            }
        case .a, .mx:
            if let slash = Self.prefixStart(argument) {
                if !Self.isDualPrefix(argument[slash...]) { faults.append("'\(word)' has a bad prefix length") }
                argument = argument[..<slash]
            }
            fallthrough
        case .include, .exists, .ptr:
            if argument.first == ":" { domain = String(argument.dropFirst()) }
            let isNeeded = mechanism == .include || mechanism == .exists
            if !argument.isEmpty && argument.first != ":" || isNeeded && domain == nil
                || domain.map({ !Self.isDomain($0) }) ?? false
            {
                faults.append("'\(word)' has no domain")
            }
        }
        terms.append(Term(qualifier: qualifier, mechanism: mechanism, domain: domain))
    }

    /// Where `/24`, `//64` or `/24//64` begins; slashes in a macro's braces are not meant.
    private static func prefixStart(_ text: Substring) -> Substring.Index? {
        var depth = 0
        for i in text.indices {
            if text[i] == "{" { depth += 1 }
            if text[i] == "}" { depth -= 1 }
            if text[i] == "/", depth == 0 { return i }
        }
        return nil
    }

    private static func isDualPrefix(_ text: Substring) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        func isLength(_ part: Substring?, _ most: Int) -> Bool {
            guard let part, part.allSatisfy({ $0.isASCII && $0.isNumber }), let length = Int(part) else { return false }
            return length <= most && (part.count == 1 || part.first != "0")
        }
        let lengths = Array(parts)
        switch lengths.count {
        case 1: return isLength(lengths[0], 32)
        case 2: return lengths[0].isEmpty && isLength(lengths[1], 128)
        case 3: return isLength(lengths[0], 32) && lengths[1].isEmpty && isLength(lengths[2], 128)
        default: return false
        }
    }

    private static func isNetwork(_ text: Substring, _ octets: Int) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isAddress = octets == 4 ? IPv4Text.parse(parts[0]) != nil : IPv6Text.parse(parts[0]) != nil
        guard parts.count == 2 else { return isAddress }
        guard parts[1].allSatisfy({ $0.isASCII && $0.isNumber }), let length = Int(parts[1]) else { return false }
        return isAddress && length <= octets * 8
    }

    /// Visible characters, macros with closed braces, and a last label as of a domain.
    private static func isDomain(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return false }
        if text.contains("%") {
            let rest = text.split(separator: "%", omittingEmptySubsequences: false).dropFirst()
            return rest.allSatisfy {
                $0.hasPrefix("{") ? $0.contains("}") : $0.isEmpty || $0.hasPrefix("_") || $0.hasPrefix("-")
            }
        }
        guard let name = try? Name(text), let last = name.labels.last else { return false }
        return name.labels.count > 1 && !last.allSatisfy { (0x30...0x39).contains($0) }
    }
}
