extension RData {
    /// Parses presentation format (RFC 1035 §5.1), names relative to `origin`;
    /// `\# LENGTH HEX` for any type (RFC 3597 §5).
    public init(_ text: String, type: RRType, origin: Name = .root) throws(RDataError) {
        var tokens = try Tokens(text, type)
        if let first = tokens.peek, first.text == "\\#", !first.quoted {
            try self.init(generic: tokens.all.dropFirst(), type)
            return
        }
        guard let fields = RDataLayout.fields(of: type) else {
            throw RDataError(.malformed, type, field: "write data of this type as \\# LENGTH HEX")
        }
        var wire: [UInt8] = []
        for field in fields { try tokens.append(field, to: &wire, origin: origin) }
        if let extra = tokens.peek { throw RDataError(.extraField, type, field: extra.text) }
        guard wire.count <= 65_535 else { throw RDataError(.tooLong, type) }
        self.init(opaque: wire)
    }

    private init(generic tokens: ArraySlice<Tokens.Token>, _ type: RRType) throws(RDataError) {
        guard let length = tokens.first.flatMap({ UInt16(decimal: $0.text) }) else {
            throw RDataError(.badNumber, type, field: tokens.first?.text ?? "")
        }
        let digits = tokens.dropFirst().map(\.text).joined()
        guard let octets = Hex.decode(digits) else { throw RDataError(.badHex, type, field: digits) }
        guard octets.count == Int(length) else { throw RDataError(.badLength, type) }
        try self.init(wire: octets, type: type)
    }

    /// Presentation format; parsing it gives the same octets. Data that is not
    /// well-formed for `type` comes out as `\# LENGTH HEX`.
    public func text(type: RRType) -> String {
        guard let fields = RDataLayout.fields(of: type) else { return generic }
        var reader = WireReader(wire[...])
        var parts: [String] = []
        for field in fields {
            guard let octets = try? reader.copy(field, compression: false) else { return generic }
            // No digits at all would be no field at all.
            if case .hexToEnd = field, octets.isEmpty { return generic }
            parts.append(Self.text(octets, field))
        }
        return reader.isAtEnd ? parts.joined(separator: " ") : generic
    }

    private var generic: String {
        wire.isEmpty ? "\\# 0" : "\\# \(wire.count) \(Hex.encode(wire))"
    }

    private static func text(_ octets: [UInt8], _ field: RDataField) -> String {
        switch field {
        case .u8, .u16, .u32: return String(octets.reduce(0) { $0 << 8 | UInt32($1) })
        case .ipv4: return octets.map(String.init).joined(separator: ".")
        case .ipv6: return IPv6Text.format(octets)
        case .name: return Name(unchecked: octets).description
        case .string: return quoted(octets[1...])
        case .tag: return String(decoding: octets[1...], as: UTF8.self)
        case .textToEnd: return quoted(octets[...])
        case .hexToEnd: return Hex.encode(octets)
        case .strings:
            var parts: [String] = []
            var i = 0
            while i < octets.count {
                let end = i + 1 + Int(octets[i])
                parts.append(quoted(octets[i + 1..<end]))
                i = end
            }
            return parts.joined(separator: " ")
        }
    }

    private static func quoted(_ octets: ArraySlice<UInt8>) -> String {
        var text = [UInt8(ascii: "\"")]
        for octet in octets { Escape.append(octet, to: &text, special: Escape.inQuotes) }
        text.append(UInt8(ascii: "\""))
        return String(decoding: text, as: UTF8.self)
    }
}

/// The fields of one line of RDATA text: separated by blanks, or quoted.
private struct Tokens {
    struct Token {
        var text: String
        var quoted: Bool
    }

    private(set) var all: [Token] = []
    private var next = 0
    private let type: RRType

    init(_ text: String, _ type: RRType) throws(RDataError) {
        self.type = type
        var current: [UInt8]?
        var quoted = false
        var escaped = false
        for c in text.utf8 {
            if escaped {
                current!.append(c)
                escaped = false
            } else if c == UInt8(ascii: "\\") {
                current = (current ?? []) + [c]
                escaped = true
            } else if quoted {
                if c == UInt8(ascii: "\"") {
                    all.append(Token(text: String(decoding: current!, as: UTF8.self), quoted: true))
                    current = nil
                    quoted = false
                } else {
                    current!.append(c)
                }
            } else if c == UInt8(ascii: "\""), current == nil {
                current = []
                quoted = true
            } else if c == 0x20 || c == 0x09 {
                if let done = current { all.append(Token(text: String(decoding: done, as: UTF8.self), quoted: false)) }
                current = nil
            } else {
                current = (current ?? []) + [c]
            }
        }
        guard !quoted, !escaped else { throw RDataError(.unbalancedQuote, type, field: text) }
        if let done = current { all.append(Token(text: String(decoding: done, as: UTF8.self), quoted: false)) }
    }

    var peek: Token? { next < all.count ? all[next] : nil }

    private mutating func take() throws(RDataError) -> Token {
        guard let token = peek else { throw RDataError(.missingField, type) }
        next += 1
        return token
    }

    mutating func append(_ field: RDataField, to wire: inout [UInt8], origin: Name) throws(RDataError) {
        switch field {
        case .strings:
            repeat { try append(.string, to: &wire, origin: origin) } while peek != nil
            return
        case .hexToEnd:
            var digits = try take().text
            while peek != nil { digits += try take().text }
            guard let octets = Hex.decode(digits) else { throw RDataError(.badHex, type, field: digits) }
            wire += octets
            return
        default: break
        }
        let token = try take()
        func fail(_ code: RDataError.Code) -> RDataError { RDataError(code, type, field: token.text) }
        switch field {
        case .u8:
            guard let n = UInt8(decimal: token.text) else { throw fail(.badNumber) }
            wire += n.octets
        case .u16:
            guard let n = UInt16(decimal: token.text) else { throw fail(.badNumber) }
            wire += n.octets
        case .u32:
            guard let n = UInt32(decimal: token.text) else { throw fail(.badNumber) }
            wire += n.octets
        case .ipv4:
            guard let octets = IPv4Text.parse(token.text) else { throw fail(.badAddress) }
            wire += octets
        case .ipv6:
            guard let octets = IPv6Text.parse(token.text) else { throw fail(.badAddress) }
            wire += octets
        case .name:
            guard let name = try? Name(token.text, relativeTo: origin) else { throw fail(.badName) }
            wire += name.wire
        case .string:
            guard let octets = Escape.decode(token.text.utf8), octets.count <= 255 else { throw fail(.badString) }
            wire.append(UInt8(octets.count))
            wire += octets
        case .tag:
            let octets = Array(token.text.utf8)
            guard (1...255).contains(octets.count), RDataLayout.isTag(octets) else { throw fail(.badString) }
            wire.append(UInt8(octets.count))
            wire += octets
        case .textToEnd:
            guard let octets = Escape.decode(token.text.utf8) else { throw fail(.badString) }
            wire += octets
        case .strings, .hexToEnd: break
        }
    }
}
