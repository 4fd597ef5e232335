extension RDataField {
    /// Takes this field's text off `rest` and appends its wire octets.
    ///
    /// - Throws: and then leaves unfinished data behind in `wire`.
    func append(
        _ text: Span<UInt8>, _ rest: inout ArraySlice<TextField>, type: RRType, origin: Name, to wire: inout [UInt8]
    ) throws(RDataError) {
        switch self {
        // What may be empty, and then has no text.
        case .typeBitmap:
            try TypeBitmap.append(text, rest, type, to: &wire)
            rest = []
            return
        case .serviceParameters:
            try SvcParamText.append(text, rest, type, to: &wire)
            rest = []
            return
        default: break
        }
        guard let field = rest.first else { throw RDataError(.missingField, type) }
        switch self {
        case .strings:
            for field in rest { try Self.appendString(text, field, type, to: &wire) }
            rest = []
        case .hexToEnd:
            try Hex.append(text, rest, type, to: &wire)
            rest = []
        case .base64ToEnd:
            try Base64.append(text, rest, type, to: &wire)
            rest = []
        case .location: try LOC.append(text, &rest, type, to: &wire)
        default:
            try append(text, field, type: type, origin: origin, to: &wire)
            rest.removeFirst()
        }
    }

    /// Appends the wire octets of what is written in one field.
    private func append(
        _ text: Span<UInt8>, _ field: TextField, type: RRType, origin: Name, to wire: inout [UInt8]
    ) throws(RDataError) {
        func number(_ limit: UInt64) throws(RDataError) -> UInt64 {
            guard let n = text.decimal(field, limit: limit) else { throw RDataError(.badNumber, type, text, field) }
            return n
        }
        func number(_ limit: UInt64, or words: Mnemonics) throws(RDataError) -> UInt64 {
            if let n = text.decimal(field, limit: limit) { return n }
            if let n = words.number(text, field) { return UInt64(n) }
            throw RDataError(.badNumber, type, text, field)
        }
        func require(_ isGood: Bool, _ code: RDataError.Code) throws(RDataError) {
            guard isGood else { throw RDataError(code, type, text, field) }
        }
        switch self {
        case .u8: wire.append(UInt8(try number(0xFF)))
        case .u16: wire.append(network: UInt16(try number(0xFFFF)))
        case .u32: wire.append(network: UInt32(try number(0xFFFF_FFFF)))
        case .seconds:
            guard let n = TTLText.parse(text, field, limit: 0xFFFF_FFFF) else { throw RDataError(.badNumber, type, text, field) }
            wire.append(network: n)
        case .ipv4: try require(IPv4Text.append(text, field.start..<field.end, to: &wire), .badAddress)
        case .ipv6: try require(IPv6Text.append(text, field.start..<field.end, to: &wire), .badAddress)
        case .name:
            do {
                try Name.append(text, field, origin: origin, to: &wire)
            } catch {
                throw RDataError(.badName, type, text, field)
            }
        case .string: try Self.appendString(text, field, type, to: &wire)
        case .tag:
            try require((1...255).contains(field.count), .badString)
            wire.append(UInt8(field.count))
            for i in field.start..<field.end {
                try require(CAA.isTagCharacter(text[i]), .badString)
                wire.append(text[i])
            }
        case .textToEnd(let mayBeEmpty):
            try require((mayBeEmpty || field.count > 0) && Escape.decode(text, field, to: &wire), .badString)
        case .dashedHex(let count): try require(Hex.appendDashed(text, field, count: count, to: &wire), .badHex)
        case .type:
            guard let type = RRType(text, field) else { throw RDataError(.badType, type, text, field) }
            wire.append(network: type.rawValue)
        case .algorithm: wire.append(UInt8(try number(0xFF, or: .algorithms)))
        case .certificateKind: wire.append(network: UInt16(try number(0xFFFF, or: .certificateKinds)))
        case .time:
            guard let time = SignatureTime.parse(text, field) else { throw RDataError(.badTime, type, text, field) }
            wire.append(network: time)
        case .salt:
            let lengthAt = wire.count
            wire.append(0)
            if field.isQuoted || !text.matches(field, "-") {
                try require(field.count > 0 && field.count <= 510, .badHex)
                try Hex.append(text, CollectionOfOne(field), type, to: &wire)
            }
            wire[lengthAt] = UInt8(wire.count - lengthAt - 1)
        case .hash:
            let lengthAt = wire.count
            wire.append(0)
            try require(field.count > 0 && field.count <= 408, .badBase32)
            try require(Base32Hex.append(text, field, to: &wire), .badBase32)
            wire[lengthAt] = UInt8(wire.count - lengthAt - 1)
        case .u48, .counted, .octetsToEnd: throw RDataError.noText(type, field)
        case .strings, .hexToEnd, .base64ToEnd, .typeBitmap, .serviceParameters, .location:
            preconditionFailure("written in several fields")
        }
    }

    private static func appendString(
        _ text: Span<UInt8>, _ field: TextField, _ type: RRType, to wire: inout [UInt8]
    ) throws(RDataError) {
        let lengthAt = wire.count
        wire.append(0)
        guard Escape.decode(text, field, to: &wire), wire.count - lengthAt - 1 <= 255 else {
            throw RDataError(.badString, type, text, field)
        }
        wire[lengthAt] = UInt8(wire.count - lengthAt - 1)
    }
}
