import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct MetricsTests {
    /// What a label's value is to whoever reads the text (exposition format 0.0.4, "Line format").
    private func unescaped(_ text: Substring) -> String {
        var value = String.UnicodeScalarView(), isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                value.append(scalar == "n" ? "\n" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                value.append(scalar)
            }
        }
        return String(value)
    }

    @Test func labelsComeBack() async throws {
        var random = Seeded(7)
        let alphabet: [Unicode.Scalar] = ["\\", "\"", "\n", "\r", "a", "{", "}", ",", "=", " ", "ü", "\u{301}", "😀", "\t", "n"]
        var text = MetricsText(prefix: "test")
        var values: [String] = []
        while values.count < 500 {
            let value = String(String.UnicodeScalarView((0..<random.below(12)).map { _ in random.pick(alphabet) }))
            // Two samples of one family differ in their labels.
            if !values.contains(where: { $0.unicodeScalars.elementsEqual(value.unicodeScalars) }) { values.append(value) }
        }
        text.gauge("values", "Any text,\nwith \\ and \".", values.enumerated().map { .init(["value": $1], $0) })
        let lines = text.text.split(separator: "\n", omittingEmptySubsequences: true).filter { !$0.hasPrefix("#") }
        #expect(lines.count == values.count)
        for (index, (line, value)) in zip(lines, values).enumerated() {
            let head = "test_values{value=\"", tail = "\"} \(index)"
            #expect(line.unicodeScalars.starts(with: head.unicodeScalars) && line.hasSuffix(tail))
            let inner = line.unicodeScalars.dropFirst(head.unicodeScalars.count).dropLast(tail.unicodeScalars.count)
            #expect(unescaped(Substring(inner)).unicodeScalars.elementsEqual(value.unicodeScalars))
        }
        try await accepted(text)
    }

    /// However families are added, each is one group under one description.
    @Test func familiesAreDescribedOnce() async throws {
        var one = MetricsText(prefix: "test"), other = MetricsText(prefix: "test")
        one.gauge("a", "A.", .init(["x": "1"], 1.5))
        one.counter("things_total", "B.", 7)
        other.gauge("a", "A.", .init(["x": "2"], true))
        other.gauge("empty", "None.", nil)
        other.gauge("at_timestamp_seconds", "When.", .init(Instant(milliseconds: 1_500)))
        one.add(other)
        #expect(
            one.text == """
                # HELP test_a A.
                # TYPE test_a gauge
                test_a{x="1"} 1.5
                test_a{x="2"} 1
                # HELP test_things_total B.
                # TYPE test_things_total counter
                test_things_total 7
                # HELP test_empty None.
                # TYPE test_empty gauge
                # HELP test_at_timestamp_seconds When.
                # TYPE test_at_timestamp_seconds gauge
                test_at_timestamp_seconds 1.5

                """)
        try await accepted(one)
    }

    @Test func histogramsCountWhatIsBelow() async throws {
        var random = Seeded(3)
        for _ in 0..<100 {
            let bounds = (0..<random.below(8)).map { _ in Double(random.below(40)) / 4 }
            var histogram = Histogram(bounds: bounds + [.infinity, .nan])
            let values = (0..<random.below(200)).map { _ in Double(random.below(60)) / 4 - 2 }
            for value in values { histogram.observe(value) }
            histogram.observe(.nan)
            histogram.observe(.infinity)
            #expect(histogram.bounds == Set(bounds).sorted())
            #expect(histogram.cumulative.map(\.bound) == histogram.bounds + [.infinity])
            for (bound, count) in histogram.cumulative { #expect(count == UInt64(values.count { max(0, $0) <= bound })) }
            #expect(histogram.count == UInt64(values.count))
            #expect(abs(histogram.sum - values.reduce(0) { $0 + max(0, $1) }) < 1e-9)
        }
        var text = MetricsText(prefix: "test"), histogram = Histogram(bounds: [0.5, 1])
        histogram.observe(.milliseconds(750))
        text.histogram("work_seconds", "Work.", [(["step": "a"], histogram)])
        #expect(
            text.text.hasSuffix(
                """
                # TYPE test_work_seconds histogram
                test_work_seconds_bucket{step="a",le="0.5"} 0
                test_work_seconds_bucket{step="a",le="1"} 1
                test_work_seconds_bucket{step="a",le="+Inf"} 1
                test_work_seconds_sum{step="a"} 0.75
                test_work_seconds_count{step="a"} 1

                """))
        try await accepted(text)
    }

    /// By Prometheus itself.
    private func accepted(_ text: MetricsText) async throws {
        let outcome = try await Program("promtool", hint: "apt-get install prometheus").run(["check", "metrics"], input: Array(text.text.utf8))
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome.errors)\n\(text.text)")
    }
}
