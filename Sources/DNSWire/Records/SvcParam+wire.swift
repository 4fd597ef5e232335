extension WireReader {
    /// Steps over service parameters (RFC 9460 §2.2): keys rise, and values have the
    /// form of their keys.
    mutating func checkServiceParameters() throws(WireError) {
        var lowest = 0
        while !isAtEnd {
            let start = offset
            let key = try u16()
            guard key >= lowest else { throw WireError(.badLabel, start) }
            lowest = Int(key) + 1
            var value = try split(Int(u16()))
            try value.checkValue(of: SvcParamKey(rawValue: key))
            guard value.isAtEnd else { throw WireError(.badLabel, start) }
        }
    }

    /// Steps over a value. That of `ech` must be there and is otherwise the client's
    /// affair, whose errors are not those of DNS (RFC 9848 §3).
    mutating func checkValue(of key: SvcParamKey) throws(WireError) {
        switch key {
        case .mandatory:
            var lowest = 1
            repeat {
                let start = offset
                let listed = try u16()
                guard listed >= lowest else { throw WireError(.badLabel, start) }
                lowest = Int(listed) + 1
            } while !isAtEnd
        case .alpn:
            repeat {
                let start = offset
                guard try !take(Int(u8())).isEmpty else { throw WireError(.badLabel, start) }
            } while !isAtEnd
        case .noDefaultALPN, .ohttp: break
        case .port: try take(2)
        case .ipv4Hint: repeat { try take(4) } while !isAtEnd
        case .ipv6Hint: repeat { try take(16) } while !isAtEnd
        case .ech:
            guard !isAtEnd else { throw WireError(.truncated, offset) }
            _ = takeRest()
        default: _ = takeRest()
        }
    }
}

/// One parameter of checked wire octets.
struct SvcParam {
    var key: SvcParamKey
    /// Where its value is.
    var value: Range<Int>

    /// The parameters of a range that has been checked.
    static func all(_ wire: [UInt8], _ range: Range<Int>) -> [SvcParam] {
        var parameters: [SvcParam] = []
        var at = range.lowerBound
        while at < range.upperBound {
            let end = at + 4 + Int(wire.network(at: at + 2, width: 2))
            let key = SvcParamKey(rawValue: UInt16(wire.network(at: at, width: 2)))
            parameters.append(SvcParam(key: key, value: at + 4..<end))
            at = end
        }
        return parameters
    }

    /// Whether every key that another parameter asks for is there: those that
    /// `mandatory` lists (RFC 9460 §8), and `alpn` for `no-default-alpn` (§7.1.1).
    static func areConsistent(_ parameters: [SvcParam], _ wire: [UInt8]) -> Bool {
        func has(_ key: SvcParamKey) -> Bool { parameters.contains { $0.key == key } }
        if has(.noDefaultALPN), !has(.alpn) { return false }
        guard let first = parameters.first, first.key == .mandatory else { return true }
        // Both lists rise, so one walk through them both is enough.
        var rest = parameters[...]
        return stride(from: first.value.lowerBound, to: first.value.upperBound, by: 2).allSatisfy {
            let key = SvcParamKey(rawValue: UInt16(wire.network(at: $0, width: 2)))
            rest = rest.drop { $0.key.rawValue < key.rawValue }
            return rest.first?.key == key
        }
    }
}
