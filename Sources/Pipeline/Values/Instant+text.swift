internal import Foundation

extension Instant {
    /// The wall clock, for the edges only.
    public static func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// Parses ISO 8601 (`2026-12-01`, `2026-12-01T00:00:00Z`, with an offset or
    /// a fraction); a date alone means its midnight in UTC.
    public init?(iso8601 text: String) {
        guard InstantText.isOnCalendar(text) else { return nil }
        let full = text.contains("T") ? text : text + "T00:00:00Z"
        let date =
            (try? Date(full, strategy: .iso8601)) ?? (try? Date(full, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        guard let date else { return nil }
        self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }
}

enum InstantText {
    /// Whether day and time exist: Foundation would read February 30 as a day in March.
    static func isOnCalendar(_ text: String) -> Bool {
        let fields = text.split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }
        guard fields.count >= 3, (1...12).contains(fields[1]) else { return false }
        let (year, month) = (fields[0], fields[1])
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return (1...days).contains(fields[2]) && zip(fields.dropFirst(3), [23, 59, 59]).allSatisfy { $0 <= $1 }
    }

    /// Whole seconds by Foundation, which would cut off a fraction that binary cannot hold:
    /// read again, the text has to be the same instant.
    static func format(_ instant: Instant) -> String {
        let (quotient, remainder) = instant.milliseconds.quotientAndRemainder(dividingBy: 1000)
        let (seconds, rest) = remainder < 0 ? (quotient - 1, remainder + 1000) : (quotient, remainder)
        let digits = String(1000 + rest).dropFirst()
        return "\(Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601).dropLast()).\(digits)Z"
    }
}
