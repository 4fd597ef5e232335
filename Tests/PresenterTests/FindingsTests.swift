import DNSWire
import Pipeline
import Testing
import Validation

@testable import Presenter

@Suite struct FindingsTests {
    /// Every level has a sample from the start: a fault is a rise from 0.
    @Test func metrics() {
        func text(_ judged: (presentation: UInt64, counts: StandingFindings.Counts)?) -> String {
            var text = MetricsText(prefix: PresentationMetrics.prefix)
            PresentationMetrics.write(judged, into: &text)
            return text.text
        }
        #expect(!text(nil).contains("\nfreshet"))
        let none = text((presentation: 7, counts: [:]))
        #expect(none.contains("freshet_presenter_judged_number 7\n") && none.contains("freshet_presenter_findings{level=\"error\"} 0\n"))
        let text = text(
            (
                presentation: 8,
                counts: [
                    .init(fault: .danglingTarget, level: .error, isWaived: false): 3, .init(fault: .cnameLoop, level: .error, isWaived: false): 1,
                    .init(fault: .ttlZero, level: .advice, isWaived: false): 2,
                ]
            ))
        #expect(text.contains("freshet_presenter_findings{level=\"error\"} 4\n") && text.contains("freshet_presenter_findings{level=\"warning\"} 0\n"))
        #expect(text.contains("freshet_presenter_findings_by_code{code=\"dangling-target\",level=\"error\"} 3\n"))
        // Each metric is described once, before its samples (exposition format 0.0.4).
        let lines = text.split(separator: "\n")
        #expect(lines.count(where: { $0.hasPrefix("# TYPE") }) == 3 && lines.first?.hasPrefix("# HELP") == true)
    }
}
