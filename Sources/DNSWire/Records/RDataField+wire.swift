extension WireReader {
    /// Steps over one field of RDATA, checking it; allocates nothing.
    mutating func check(_ field: RDataField, compression: Bool) throws(WireError) {
        switch field {
        case .u8, .algorithm: try take(1)
        case .u16, .type, .certificateKind: try take(2)
        case .u32, .seconds, .time, .ipv4: try take(4)
        case .u48: try take(6)
        case .ipv6: try take(16)
        case .dashedHex(let count): try take(count)
        case .name(let form): try walkName(compression: compression && form != .plain)
        case .string, .salt: try take(Int(u8()))
        case .counted: try take(Int(u16()))
        case .hash:
            let start = offset
            guard try !take(Int(u8())).isEmpty else { throw WireError(.badLabel, start) }
        case .tag:
            let start = offset
            let tag = try take(Int(u8()))
            guard !tag.isEmpty, octets[tag].allSatisfy(CAA.isTagCharacter) else { throw WireError(.badLabel, start) }
        case .strings:
            repeat { try take(Int(u8())) } while !isAtEnd
        case .textToEnd(let mayBeEmpty):
            guard mayBeEmpty || !isAtEnd else { throw WireError(.truncated, offset) }
            _ = takeRest()
        case .hexToEnd, .base64ToEnd, .octetsToEnd: _ = takeRest()
        case .typeBitmap: try checkTypeBitmap()
        case .serviceParameters: try checkServiceParameters()
        case .location: try checkLocation()
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

extension RData {
    /// The canonical form (RFC 4034 §6.2, RFC 6840 §5.1): as it is, but with names in
    /// lower case if `type` is one of the old types that say so. Data that is not
    /// well-formed stays as it is.
    public func canonicalWire(type: RRType) -> [UInt8] {
        guard RDataLayout.lowersNames(of: type), let fields = RDataLayout.fields(of: type) else { return wire }
        var canonical = wire
        var reader = WireReader(wire)
        for field in fields {
            let start = reader.offset
            guard (try? reader.check(field, compression: false)) != nil else { return wire }
            guard case .name = field else { continue }
            // A length octet is below the letters: one map serves both.
            for i in start..<reader.offset { canonical[i] = ASCII.lower(canonical[i]) }
        }
        return reader.isAtEnd ? canonical : wire
    }

    /// Canonical order within a record set (RFC 4034 §6.3): as octets without sign, left
    /// justified; the end of the data comes before any octet.
    public func precedes(_ other: RData, type: RRType) -> Bool {
        canonicalWire(type: type).lexicographicallyPrecedes(other.canonicalWire(type: type))
    }
}
