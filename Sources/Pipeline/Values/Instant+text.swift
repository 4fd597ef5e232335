internal import Foundation

extension Instant {
    /// The wall clock, for the edges only.
    public static func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// Parses ISO 8601 (`2026-12-01`, `2026-12-01T00:00:00Z`, with an offset or
    /// a fraction); a date alone means its midnight in UTC.
    public init?(iso8601 text: String) {
        let full = text.contains("T") ? text : text + "T00:00:00Z"
        let date =
            (try? Date(full, strategy: .iso8601)) ?? (try? Date(full, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        guard let date else { return nil }
        self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }
}

enum InstantText {
    static func format(_ instant: Instant) -> String {
        Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
