/// The times of signatures (RFC 4034 §3.2): `YYYYMMDDHHmmSS` in UTC, or seconds since
/// 1970, modulo 2³².
///
/// A date of any year is taken and its seconds wrap around (RFC 4034 §3.1.5); what is
/// written is the one from 1970 to 7 February 2106.
enum SignatureTime {
    static func parse(_ text: Span<UInt8>, _ field: TextField) -> UInt32? {
        // Seconds have at most ten digits, a date has fourteen.
        guard field.count == 14 else { return text.decimal(field, limit: 0xFFFF_FFFF).map { UInt32($0) } }
        func part(_ start: Int, _ count: Int, _ range: ClosedRange<UInt64>) -> Int64? {
            let digits = TextField(start: field.start + start, end: field.start + start + count, isQuoted: false)
            guard let value = text.decimal(digits, limit: range.upperBound), range.contains(value) else { return nil }
            return Int64(value)
        }
        guard let year = part(0, 4, 1...9999), let month = part(4, 2, 1...12),
            let day = part(6, 2, 1...UInt64(daysIn(month, year))), let hour = part(8, 2, 0...23),
            let minute = part(10, 2, 0...59), let second = part(12, 2, 0...59)
        else { return nil }
        var days = daysBefore(year) + day - 1
        for earlier in 1..<month { days += daysIn(earlier, year) }
        return UInt32(truncatingIfNeeded: ((days * 24 + hour) * 60 + minute) * 60 + second)
    }

    static func append(_ time: UInt32, to text: inout [UInt8]) {
        var days = Int64(time) / 86_400
        var year = 1970 + days / 365
        if daysBefore(year) > days { year -= 1 }
        days -= daysBefore(year)
        var month: Int64 = 1
        while days >= daysIn(month, year) {
            days -= daysIn(month, year)
            month += 1
        }
        text.append(decimal: UInt64(year), width: 4)
        for part in [month, days + 1] { text.append(decimal: UInt64(part), width: 2) }
        for part in [time / 3600 % 24, time / 60 % 60, time % 60] { text.append(decimal: part, width: 2) }
    }

    /// Days from 1970 to the start of a year; below zero for earlier ones.
    private static func daysBefore(_ year: Int64) -> Int64 {
        let past = year - 1
        return past * 365 + past / 4 - past / 100 + past / 400 - 719_162
    }

    private static func daysIn(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
