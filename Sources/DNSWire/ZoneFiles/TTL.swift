/// Times to live in text: seconds, or numbers with units as BIND writes them (`1h30m`, `2w`).
enum TTLText {
    /// RFC 2181 §8: the top bit is never set.
    static let limit: UInt64 = 0x7FFF_FFFF

    /// - Parameter limit: the largest value, in seconds.
    /// - Returns: `nil` if the field is not a time of at most `limit`.
    static func parse(_ text: Span<UInt8>, _ field: TextField, limit: UInt64 = limit) -> UInt32? {
        var total: UInt64 = 0
        var number: UInt64?
        for i in field.start..<field.end {
            let octet = text[i]
            if octet >= 0x30, octet <= 0x39 {
                let value = (number ?? 0) * 10 + UInt64(octet - 0x30)
                guard value <= limit else { return nil }
                number = value
            } else {
                guard let count = number, let seconds = unit(octet) else { return nil }
                total += count * seconds
                guard total <= limit else { return nil }
                number = nil
            }
        }
        if let rest = number {
            // Plain seconds, or seconds after other units without their `s`.
            total += rest
        } else if field.count == 0 {
            return nil
        }
        return total <= limit ? UInt32(total) : nil
    }

    private static func unit(_ octet: UInt8) -> UInt64? {
        switch ASCII.lower(octet) {
        case UInt8(ascii: "s"): 1
        case UInt8(ascii: "m"): 60
        case UInt8(ascii: "h"): 3600
        case UInt8(ascii: "d"): 86_400
        case UInt8(ascii: "w"): 604_800
        default: nil
        }
    }
}
