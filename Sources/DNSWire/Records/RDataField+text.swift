extension RDataField {
    /// Appends the text of this field's wire octets, which have been checked. Nothing
    /// is appended for an empty field at the end.
    ///
    /// - Returns: whether the field can be written so that parsing gives the same octets.
    func appendText(_ wire: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) -> Bool {
        let start = range.lowerBound
        switch self {
        case .u8, .u16, .u32, .seconds, .algorithm, .certificateKind:
            text.append(decimal: wire.network(at: start, width: range.count))
        case .ipv4: IPv4Text.append(wire, start, to: &text)
        case .ipv6: IPv6Text.append(wire, start, to: &text)
        case .name: Name.appendText(wire, start, to: &text)
        case .string: Self.appendQuoted(wire, range.dropFirst(), to: &text)
        case .strings:
            var at = start
            while at < range.upperBound {
                if at > start { text.append(UInt8(ascii: " ")) }
                let end = at + 1 + Int(wire[at])
                Self.appendQuoted(wire, at + 1..<end, to: &text)
                at = end
            }
        case .tag: text.append(contentsOf: wire[range.dropFirst()])
        case .textToEnd: Self.appendQuoted(wire, range, to: &text)
        case .hexToEnd:
            // No digits at all would be no field at all.
            guard !range.isEmpty else { return false }
            Hex.append(wire, range, to: &text)
        case .base64ToEnd:
            guard !range.isEmpty else { return false }
            Base64.append(wire, range, to: &text)
        case .dashedHex:
            for i in range {
                if i > start { text.append(UInt8(ascii: "-")) }
                Hex.append(wire[i], to: &text)
            }
        case .type: RRType(rawValue: UInt16(wire.network(at: start, width: 2))).appendText(to: &text)
        case .time: SignatureTime.append(UInt32(wire.network(at: start, width: 4)), to: &text)
        case .salt:
            if range.count == 1 { text.append(UInt8(ascii: "-")) }
            Hex.append(wire, range.dropFirst(), to: &text)
        case .hash: Base32Hex.append(wire, range.dropFirst(), to: &text)
        case .typeBitmap: TypeBitmap.appendText(wire, range, to: &text)
        case .serviceParameters: return SvcParamText.appendText(wire, range, to: &text)
        case .location: return LOC.appendText(wire, range, to: &text)
        case .u48, .counted, .octetsToEnd: return false
        }
        return true
    }

    static func appendQuoted(_ wire: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for i in range { Escape.append(wire[i], to: &text, special: Escape.inQuotes) }
        text.append(UInt8(ascii: "\""))
    }
}
