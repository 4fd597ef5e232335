import ArgumentParser

/// Which values alert: `[@]START:END` (Monitoring Plugins Development Guidelines,
/// "Threshold and Ranges"). `10` alerts above 10 and below 0, `10:` below 10, `~:10` above
/// 10, `@5:10` from 5 to 10.
struct AlertRange: Equatable, CustomStringConvertible, ExpressibleByArgument {
    private var start: Double
    private var end: Double
    /// Alerts inside and not outside.
    private var isInside = false

    /// Alerts above `end` and below 0.
    init(upTo end: Double) { (start, self.end) = (0, end) }
    /// Alerts below `start`.
    init(from start: Double) { (self.start, end) = (start, .infinity) }

    init?(argument text: String) {
        isInside = text.hasPrefix("@")
        let parts = text.dropFirst(isInside ? 1 : 0).split(separator: ":", omittingEmptySubsequences: false)
        func bound(_ text: Substring, _ infinite: Double) -> Double? {
            if text.isEmpty { return infinite }
            guard let value = Double(text), value.isFinite else { return nil }
            return value
        }
        switch parts.count {
        case 1:
            guard !parts[0].isEmpty, let end = bound(parts[0], .infinity) else { return nil }
            (start, self.end) = (0, end)
        case 2:
            guard let start = parts[0] == "~" ? -.infinity : bound(parts[0], 0), let end = bound(parts[1], .infinity)
            else { return nil }
            (self.start, self.end) = (start, end)
        default: return nil
        }
        guard start <= end else { return nil }
    }

    func alerts(_ value: Double) -> Bool { (start...end).contains(value) == isInside }

    var description: String {
        let low = start == -.infinity ? "~:" : start == 0 && end.isFinite ? "" : Self.number(start) + ":"
        return (isInside ? "@" : "") + low + (end.isFinite ? Self.number(end) : "")
    }

    /// As short as it gets, to a millionth, and never with an exponent: plugins' data has none.
    static func number(_ value: Double) -> String {
        let millionths = (abs(value) * 1_000_000).rounded()
        guard millionths < 9e18 else { return String(value) }
        let (whole, rest) = Int64(millionths).quotientAndRemainder(dividingBy: 1_000_000)
        var digits = String(String(rest + 1_000_000).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return (value < 0 && millionths > 0 ? "-" : "") + "\(whole)" + (digits.isEmpty ? "" : "." + digits)
    }
}
