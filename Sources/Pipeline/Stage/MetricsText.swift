/// Metrics in the Prometheus text format (exposition format 0.0.4).
///
/// A family is described once, before its samples, whoever adds them and when; one without
/// samples is described all the same, so that its name is known.
public struct MetricsText: Sendable {
    public struct Sample: Sendable {
        var labels: KeyValuePairs<String, String>
        var value: Double

        public init(_ labels: KeyValuePairs<String, String>, _ value: some MetricValue) {
            self.labels = labels
            self.value = value.metric
        }

        public init(_ value: some MetricValue) { self.init([:], value) }
    }

    private struct Family {
        var name, type, help: String
        var lines: [String] = []
    }

    private let prefix: String
    private var families: [Family] = []

    /// - Parameter prefix: what names begin with: `freshet_proxy`.
    public init(prefix: String) { self.prefix = prefix }

    /// What goes up and down. Names end in the unit: `_seconds`, `_bytes`.
    public mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) { add(name, "gauge", help, samples) }

    public mutating func gauge(_ name: String, _ help: String, _ sample: Sample?) { gauge(name, help, sample.map { [$0] } ?? []) }

    /// What only rises while the process runs. Names end in `_total`.
    public mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) { add(name, "counter", help, samples) }

    public mutating func counter(_ name: String, _ help: String, _ count: some MetricValue) { counter(name, help, [Sample(count)]) }

    public mutating func histogram(_ name: String, _ help: String, _ samples: [(labels: KeyValuePairs<String, String>, values: Histogram)]) {
        let lines = samples.flatMap { labels, values in
            let labels = labels.map { ($0.key, $0.value) }
            return values.cumulative.map { bound, count in
                Self.line("\(prefix)_\(name)_bucket", labels + [("le", Self.number(bound))], Double(count))
            } + [
                Self.line("\(prefix)_\(name)_sum", labels, values.sum), Self.line("\(prefix)_\(name)_count", labels, Double(values.count)),
            ]
        }
        add(Family(name: "\(prefix)_\(name)", type: "histogram", help: help, lines: lines))
    }

    /// Takes in another's families; of one that both have the samples go together.
    public mutating func add(_ other: MetricsText) { for family in other.families { add(family) } }

    private mutating func add(_ name: String, _ type: String, _ help: String, _ samples: [Sample]) {
        let name = "\(prefix)_\(name)"
        let lines = samples.map { Self.line(name, $0.labels.map { ($0.key, $0.value) }, $0.value) }
        add(Family(name: name, type: type, help: help, lines: lines))
    }

    private mutating func add(_ family: Family) {
        if let known = families.firstIndex(where: { $0.name == family.name }) {
            families[known].lines += family.lines
        } else {
            families.append(family)
        }
    }

    public var text: String {
        families.reduce(into: "") { text, family in
            text += "# HELP \(family.name) \(Self.escaped(family.help))\n# TYPE \(family.name) \(family.type)\n"
            for line in family.lines { text += line }
        }
    }

    private static func line(_ name: String, _ labels: [(String, String)], _ value: Double) -> String {
        let text = labels.map { "\($0)=\"\(escaped($1, isLabel: true))\"" }.joined(separator: ",")
        return "\(name)\(text.isEmpty ? "" : "{\(text)}") \(number(value))\n"
    }

    /// Of a help text; label values need their quotes escaped too.
    private static func escaped(_ text: String, isLabel: Bool = false) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where isLabel: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if value == -.infinity { return "-Inf" }
        if value.isNaN { return "NaN" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}

/// What can be told as a number, in base units: seconds of Unix time, 1 for true.
public protocol MetricValue {
    var metric: Double { get }
}

extension Double: MetricValue { public var metric: Double { self } }
extension Int: MetricValue { public var metric: Double { Double(self) } }
extension UInt64: MetricValue { public var metric: Double { Double(self) } }
extension Bool: MetricValue { public var metric: Double { self ? 1 : 0 } }
extension Instant: MetricValue { public var metric: Double { Double(milliseconds) / 1000 } }
