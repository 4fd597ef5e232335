/// Presentation format of RDATA, from the fields of a text that has been scanned.
enum RDataText {
    /// Appends the wire octets that `fields` stand for.
    ///
    /// - Throws: and then leaves unfinished data behind in `wire`.
    static func append(
        _ text: Span<UInt8>, _ fields: ArraySlice<TextField>, type: RRType, origin: Name, to wire: inout [UInt8]
    ) throws(RDataError) {
        let start = wire.count
        if let first = fields.first, !first.isQuoted, text.matches(first, "\\#") {
            try appendGeneric(text, fields.dropFirst(), type, to: &wire)
            return
        }
        guard let layout = RDataLayout.fields(of: type) else {
            throw RDataError(.malformed, type, field: "write data of this type as \\# LENGTH HEX", offset: fields.first?.start)
        }
        var rest = fields
        for field in layout { try field.append(text, &rest, type: type, origin: origin, to: &wire) }
        if let extra = rest.first { throw RDataError(.extraField, type, text, extra) }
        guard wire.count - start <= 65_535 else { throw RDataError(.tooLong, type, offset: fields.first?.start) }
    }

    private static func appendGeneric(
        _ text: Span<UInt8>, _ fields: ArraySlice<TextField>, _ type: RRType, to wire: inout [UInt8]
    ) throws(RDataError) {
        guard let first = fields.first else { throw RDataError(.missingField, type) }
        guard let length = text.decimal(first, limit: 65_535) else { throw RDataError(.badNumber, type, text, first) }
        var octets: [UInt8] = []
        try Hex.append(text, fields.dropFirst(), type, to: &octets)
        guard octets.count == Int(length) else { throw RDataError(.badLength, type, text, first) }
        wire.append(contentsOf: try RData(wire: octets, type: type).wire)
    }
}

extension RDataField {
    /// Takes this field's text off `rest` and appends its wire octets.
    func append(
        _ text: Span<UInt8>, _ rest: inout ArraySlice<TextField>, type: RRType, origin: Name, to wire: inout [UInt8]
    ) throws(RDataError) {
        guard let token = rest.popFirst() else { throw RDataError(.missingField, type) }
        func number(_ limit: UInt64) throws(RDataError) -> UInt64 {
            guard let n = text.decimal(token, limit: limit) else { throw RDataError(.badNumber, type, text, token) }
            return n
        }
        switch self {
        case .u8: wire.append(UInt8(try number(0xFF)))
        case .u16: wire.append(network: UInt16(try number(0xFFFF)))
        case .u32: wire.append(network: UInt32(try number(0xFFFF_FFFF)))
        case .ipv4:
            guard let octets = IPv4Text.parse(text.string(token)) else { throw RDataError(.badAddress, type, text, token) }
            wire.append(contentsOf: octets)
        case .ipv6:
            guard let octets = IPv6Text.parse(text.string(token)) else { throw RDataError(.badAddress, type, text, token) }
            wire.append(contentsOf: octets)
        case .name:
            do {
                try Name.append(text, token, origin: origin, to: &wire)
            } catch {
                throw RDataError(.badName, type, text, token)
            }
        case .string: try Self.appendString(text, token, type, to: &wire)
        case .strings:
            try Self.appendString(text, token, type, to: &wire)
            while let next = rest.popFirst() { try Self.appendString(text, next, type, to: &wire) }
        case .tag:
            guard (1...255).contains(token.count) else { throw RDataError(.badString, type, text, token) }
            wire.append(UInt8(token.count))
            for i in token.start..<token.end {
                guard RDataLayout.isTag(CollectionOfOne(text[i])) else { throw RDataError(.badString, type, text, token) }
                wire.append(text[i])
            }
        case .textToEnd:
            guard Escape.decode(text, token, to: &wire) else { throw RDataError(.badString, type, text, token) }
        case .hexToEnd:
            try Hex.append(text, [token] + rest, type, to: &wire)
            rest.removeAll()
        }
    }

    private static func appendString(
        _ text: Span<UInt8>, _ token: TextField, _ type: RRType, to wire: inout [UInt8]
    ) throws(RDataError) {
        let lengthAt = wire.count
        wire.append(0)
        guard Escape.decode(text, token, to: &wire), wire.count - lengthAt - 1 <= 255 else {
            throw RDataError(.badString, type, text, token)
        }
        wire[lengthAt] = UInt8(wire.count - lengthAt - 1)
    }

    /// Appends the text of this field's wire octets, which have been checked.
    ///
    /// - Returns: whether the field can be written so that parsing gives the same octets.
    func appendText(_ wire: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) -> Bool {
        switch self {
        case .u8, .u16, .u32:
            text.append(contentsOf: String(wire[range].reduce(0) { $0 << 8 | UInt32($1) }).utf8)
        case .ipv4:
            for (index, octet) in wire[range].enumerated() {
                if index > 0 { text.append(UInt8(ascii: ".")) }
                text.append(contentsOf: String(octet).utf8)
            }
        case .ipv6: text.append(contentsOf: IPv6Text.format(Array(wire[range])).utf8)
        case .name: Name.appendText(wire, range.lowerBound, to: &text)
        case .string: Self.appendQuoted(wire, range.dropFirst(), to: &text)
        case .tag: text.append(contentsOf: wire[range.dropFirst()])
        case .textToEnd: Self.appendQuoted(wire, range, to: &text)
        case .hexToEnd:
            // No digits at all would be no field at all.
            guard !range.isEmpty else { return false }
            Hex.append(wire, range, to: &text)
        case .strings:
            var at = range.lowerBound
            while at < range.upperBound {
                if at > range.lowerBound { text.append(UInt8(ascii: " ")) }
                let end = at + 1 + Int(wire[at])
                Self.appendQuoted(wire, at + 1..<end, to: &text)
                at = end
            }
        }
        return true
    }

    private static func appendQuoted(_ wire: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for i in range { Escape.append(wire[i], to: &text, special: Escape.inQuotes) }
        text.append(UInt8(ascii: "\""))
    }
}

extension [UInt8] {
    /// Appends a number in network order.
    @inline(__always)
    mutating func append(network value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
