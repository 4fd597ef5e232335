extension WireReader {
    /// Steps over one field of RDATA, checking it; allocates nothing.
    mutating func check(_ field: RDataField, compression: Bool) throws(WireError) {
        switch field {
        case .u8: try take(1)
        case .u16: try take(2)
        case .u32, .ipv4: try take(4)
        case .ipv6: try take(16)
        case .name(let form): try walkName(compression: compression && form != .plain)
        case .string: try take(Int(u8()))
        case .tag:
            let start = offset
            let text = try take(Int(u8()))
            guard !text.isEmpty, RDataLayout.isTag(octets[text]) else { throw WireError(.badLabel, start) }
        case .strings:
            repeat { try take(Int(u8())) } while !isAtEnd
        case .textToEnd, .hexToEnd: _ = takeRest()
        }
    }

    /// Appends one field's octets, names uncompressed.
    mutating func append(_ field: RDataField, to wire: inout [UInt8], compression: Bool) throws(WireError) {
        if case .name(let form) = field {
            try appendName(to: &wire, compression: compression && form != .plain)
        } else {
            let start = offset
            try check(field, compression: compression)
            wire.append(contentsOf: octets[start..<offset])
        }
    }
}
