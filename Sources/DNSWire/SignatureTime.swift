/// The times of signatures (RFC 4034 §3.2): `YYYYMMDDHHmmSS` in UTC, or seconds since
/// 1970 modulo 2³², which as a date end on 7 February 2106.
enum SignatureTime {
    static func parse(_ text: Span<UInt8>, _ field: TextField) -> UInt32? {
        // Seconds have at most ten digits, a date has fourteen.
        guard field.count == 14 else { return text.decimal(field, limit: 0xFFFF_FFFF).map { UInt32($0) } }
        func part(_ start: Int, _ count: Int, _ range: ClosedRange<UInt64>) -> UInt64? {
            let digits = TextField(start: field.start + start, end: field.start + start + count, isQuoted: false)
            guard let value = text.decimal(digits, limit: range.upperBound), range.contains(value) else { return nil }
            return value
        }
        guard let year = part(0, 4, 1970...2106), let month = part(4, 2, 1...12),
            let day = part(6, 2, 1...daysIn(month, year)), let hour = part(8, 2, 0...23),
            let minute = part(10, 2, 0...59), let second = part(12, 2, 0...59)
        else { return nil }
        var days = daysBefore(year) + day - 1
        for earlier in 1..<month { days += daysIn(earlier, year) }
        return UInt32(exactly: ((days * 24 + hour) * 60 + minute) * 60 + second)
    }

    static func append(_ time: UInt32, to text: inout [UInt8]) {
        var days = UInt64(time) / 86_400
        var year = 1970 + days / 365
        if daysBefore(year) > days { year -= 1 }
        days -= daysBefore(year)
        var month: UInt64 = 1
        while days >= daysIn(month, year) {
            days -= daysIn(month, year)
            month += 1
        }
        text.append(decimal: year, width: 4)
        for part in [month, days + 1, UInt64(time) / 3600 % 24, UInt64(time) / 60 % 60, UInt64(time) % 60] {
            text.append(decimal: part, width: 2)
        }
    }

    private static func isLeap(_ year: UInt64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// Days from 1970 to the start of a later year.
    private static func daysBefore(_ year: UInt64) -> UInt64 {
        (year - 1970) * 365 + (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400
    }

    private static func daysIn(_ month: UInt64, _ year: UInt64) -> UInt64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
