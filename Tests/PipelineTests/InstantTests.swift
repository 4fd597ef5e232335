import Pipeline
import TestSupport
import Testing

@Suite struct InstantTests {
    /// What is printed is read as the same millisecond: people paste times that they were shown.
    @Test func readAgain() {
        var random = Seeded(1)
        for _ in 0..<20_000 {
            let instant = Instant(milliseconds: Int64(random.below(4_000_000)) * 1_000_003 % 4_000_000_000_000)
            #expect(Instant(iso8601: "\(instant)") == instant)
        }
        for milliseconds in [0, 1, 999, 1000, -1, -999, -1000, -1001, 1_795_285_967_837] as [Int64] {
            let instant = Instant(milliseconds: milliseconds)
            #expect(Instant(iso8601: "\(instant)") == instant, "\(instant)")
        }
        #expect("\(Instant(milliseconds: 1_795_285_967_007))" == "2026-11-21T18:32:47.007Z")
    }
}
