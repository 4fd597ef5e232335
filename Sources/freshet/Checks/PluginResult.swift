/// What a monitoring plugin says: one line with performance data, then lines for people
/// (Monitoring Plugins Development Guidelines, "Plugin Output for Nagios").
struct PluginResult {
    /// The raw value is the exit status.
    enum State: Int32, Comparable {
        case ok, warning, critical, unknown

        var word: String {
            switch self {
            case .ok: "OK"
            case .warning: "WARNING"
            case .critical: "CRITICAL"
            case .unknown: "UNKNOWN"
            }
        }

        /// The worse is the larger; not to know is less than to know that it is bad.
        private var weight: Int { [.ok: 0, .warning: 1, .unknown: 2, .critical: 3][self] ?? 0 }
        static func < (a: State, b: State) -> Bool { a.weight < b.weight }
    }

    struct Measure {
        var label: String
        var value: Double
        /// `s`, `B`, or none for a count.
        var unit = ""
        var limits = Limits()

        var text: String {
            let limits = "\(limits.warning.map { "\($0)" } ?? "");\(limits.critical.map { "\($0)" } ?? "")"
            return "\(label)=\(AlertRange.number(value))\(unit);\(limits);0"
        }
    }

    private(set) var state = State.ok
    /// What is wrong, the worst first; a line each.
    private var problems: [(state: State, text: String)] = []
    var measures: [Measure] = []
    /// If nothing is wrong.
    var allIsWell = ""

    mutating func add(_ state: State, _ problem: String) {
        self.state = max(self.state, state)
        problems.append((state, problem))
    }

    mutating func measure(_ label: String, _ value: Double, unit: String = "", _ limits: Limits = Limits()) {
        measures.append(Measure(label: label, value: value, unit: unit, limits: limits))
    }

    /// More than this many lines nobody reads.
    private static let longest = 50

    var text: String {
        let worst = problems.enumerated().sorted { ($1.element.state, $0.offset) < ($0.element.state, $1.offset) }.map(\.element)
        var summary = worst.first.map { Self.plain($0.text) } ?? Self.plain(allIsWell)
        if worst.count > 1 { summary += ", and \(worst.count - 1) more" }
        var text = "\(state.word) - \(summary)"
        if !measures.isEmpty { text += " | " + measures.map(\.text).joined(separator: " ") }
        guard worst.count > 1 else { return text }
        for problem in worst.prefix(Self.longest) { text += "\n\(problem.state.word): \(Self.plain(problem.text))" }
        return worst.count > Self.longest ? text + "\n\(worst.count - Self.longest) more" : text
    }

    /// Neither a bar nor a line's end may come from a fault's text: what follows would be taken for data.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "|" ? "¦" : $0.value < 32 || $0.value == 127 ? " " : $0 }))
    }
}

/// From where on a value is a warning, or critical.
struct Limits: Equatable {
    var warning: AlertRange?
    var critical: AlertRange?

    func state(of value: Double) -> PluginResult.State {
        if critical?.alerts(value) ?? false { return .critical }
        return warning?.alerts(value) ?? false ? .warning : .ok
    }
}
