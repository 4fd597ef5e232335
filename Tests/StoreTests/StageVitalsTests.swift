import Logging
import Pipeline
import TestSupport
import Testing

/// What the loop of a stage tells of itself.
@Suite struct StageVitalsTests {
    private struct Broken: Error {}

    private func text(_ vitals: StageVitals) -> String {
        var text = MetricsText(prefix: "test")
        vitals.write(into: &text)
        return text.text
    }

    @Test func leadsFailsAndRecovers() async throws {
        let directory = try TemporaryDirectory("vitals")
        let store = try EmbeddedStore(directory: directory.path), vitals = StageVitals(), waiting = StageVitals()
        #expect(vitals.faults.isEmpty && text(vitals).contains("test_leading 0\n"))
        let isBroken = Switch()
        func loop(_ instance: String, _ vitals: StageVitals) throws -> Task<Void, any Error> {
            let loop = try StageLoop(role: "test", store: store, instance: instance, vitals: vitals, logger: .init(label: "test"))
            return Task {
                try await loop.run(watching: [WellKnown.release]) {
                    if isBroken.isOn { throw Broken() }
                    return Instant.now().advanced(byMilliseconds: 10)
                }
            }
        }
        let first = try loop("a", vitals)
        try await eventually("it leads and works") { text(vitals).contains("test_leading 1\n") && !text(vitals).contains("work_seconds_count 0\n") }
        let second = try loop("b", waiting)
        isBroken.isOn = true
        try await eventually("it fails") { vitals.faults == ["Broken()"] }
        #expect(text(vitals).contains("test_failing 1\n") && !text(vitals).contains("test_failures_total 0\n"))
        isBroken.isOn = false
        try await eventually("it recovers") { vitals.faults.isEmpty }
        #expect(text(vitals).contains("test_failing 0\n"))
        // Who waits is well, and does not lead.
        #expect(waiting.faults.isEmpty && text(waiting).contains("test_leading 0\n") && text(waiting).contains("work_seconds_count 0\n"))
        first.cancel()
        try await eventually("the other leads") { text(waiting).contains("test_leading 1\n") && text(vitals).contains("test_leading 0\n") }
        second.cancel()
        _ = await (first.result, second.result)
        await store.close()
    }

    /// What a step got over is its fault for as long as steps meet it.
    @Test func whatAStepNotes() async throws {
        let directory = try TemporaryDirectory("vitals")
        let store = try EmbeddedStore(directory: directory.path), vitals = StageVitals(), isBroken = Switch()
        isBroken.isOn = true
        let loop = try StageLoop(role: "test", store: store, instance: "a", vitals: vitals, logger: .init(label: "test"))
        let task = Task {
            try await loop.run(watching: [WellKnown.release]) {
                if isBroken.isOn { vitals.note("no way there") }
                return Instant.now().advanced(byMilliseconds: 10)
            }
        }
        try await eventually("it says so") { vitals.faults == ["no way there"] }
        isBroken.isOn = false
        try await eventually("it is over") { vitals.faults.isEmpty }
        task.cancel()
        _ = await task.result
        await store.close()
    }
}
