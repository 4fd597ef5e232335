import Foundation
import Logging
import Pipeline
import Presenter
import Synchronization

/// Measures the Presenter on an embedded store; `Benchmarks/presenter.sh` runs it and prints Markdown.
@main struct Bench {
    static let usage = "usage: presenter-bench DIRECTORY RECORDS SHARDS [full|edit|rate]..."

    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 3, let records = Int(arguments[1]), let shards = Int(arguments[2]) else {
            FileHandle.standardError.write(Data("\(usage)\n".utf8))
            exit(64)
        }
        let parts = arguments.count > 3 ? Set(arguments[3...]) : ["full", "edit", "rate"]
        let store = try EmbeddedStore(directory: arguments[0])
        var site = Site(store, records: records, shards: shards)
        try await site.fill(edits: 10_000)
        // The high-water mark is the Presenter's from here.
        try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
        let base = memory("VmRSS")

        let timed = TimedStore(store)
        let stage = PresenterStage(
            store: timed, policy: .init(.owner), logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        let start = ContinuousClock.now
        try await stage.step()
        let full = ContinuousClock.now - start
        let times = timed.taken()
        let judging = ContinuousClock.now
        try await stage.judge()
        let judged = ContinuousClock.now - judging
        if parts.contains("full") {
            print(
                "| full | \(records) | \(shards) | \(ms(full)) | \(ms(times.read)) | \(ms(times.write)) | \(ms(judged)) | \(memory("VmHWM") - base) MB over \(base) MB |")
        }
        if parts.contains("edit") { try await edits(&site, stage, timed) }
        if parts.contains("rate") { try await rate(&site, stage, timed) }
        await store.close()
    }

    /// One edit at a time.
    static func edits(_ site: inout Site, _ stage: PresenterStage, _ timed: TimedStore) async throws {
        var all: [(total: Duration, read: Duration, write: Duration)] = []
        var judging: [Duration] = []
        for edit in 0..<200 {
            try await site.change(10_000 + edit)
            _ = timed.taken()
            let start = ContinuousClock.now
            try await stage.step()
            let total = ContinuousClock.now - start
            let times = timed.taken()
            all.append((total, times.read, times.write))
            let judge = ContinuousClock.now
            try await stage.judge()
            judging.append(.now - judge)
        }
        func quantile(_ q: Double, _ value: (((total: Duration, read: Duration, write: Duration)) -> Duration)) -> String {
            ms(all.map(value).sorted()[min(all.count - 1, Int(Double(all.count) * q))])
        }
        print(
            "| edit | \(site.records) | \(site.sharding.count) | \(quantile(0.5) { $0.total }) | \(quantile(0.99) { $0.total }) "
                + "| \(quantile(0.5) { $0.read }) | \(quantile(0.5) { $0.total - $0.read - $0.write }) | \(quantile(0.5) { $0.write }) "
                + "| \(ms(judging.sorted()[judging.count / 2])) | \(ms(judging.sorted()[judging.count * 99 / 100])) | \(memory("VmRSS")) MB |")
    }

    /// 350 changes a second, written as they come: those of 20 ms together. For 20 s, or
    /// RATE_SECONDS of the environment.
    static func rate(_ site: inout Site, _ stage: PresenterStage, _ timed: TimedStore) async throws {
        let waiting = Mutex<[ContinuousClock.Instant]>([])
        let steps = Mutex(0)
        let (ticks, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let presenter = Task {
            var lags: [Duration] = []
            for await _ in ticks {
                // What was written before the step began is in what it makes.
                let taken = waiting.withLock { waiting in
                    defer { waiting = [] }
                    return waiting
                }
                try await stage.step()
                steps.withLock { $0 += 1 }
                lags += taken.map { .now - $0 }
            }
            return lags
        }
        let seconds = ProcessInfo.processInfo.environment["RATE_SECONDS"].flatMap { Int($0) } ?? 20
        let start = ContinuousClock.now
        var number = 0
        while ContinuousClock.now - start < .seconds(seconds) {
            let due = Int(Double((ContinuousClock.now - start) / .milliseconds(1)) * 0.35)
            if due > number {
                try await site.register(number..<due)
                waiting.withLock { $0.append(.now) }
                number = due
                continuation.yield()
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        continuation.finish()
        let lags = try await presenter.value.sorted()
        let left = waiting.withLock { $0.count }
        print(
            "| rate | \(site.records) | \(site.sharding.count) | \(number) in \(ms(ContinuousClock.now - start)) | \(steps.withLock { $0 }) "
                + "| \(ms(lags[lags.count / 2])) | \(ms(lags[lags.count * 99 / 100])) | \(left) |")
    }

    static func ms(_ duration: Duration) -> String { String(format: "%.2f ms", duration / .microseconds(1) / 1000) }

    /// A line of /proc/self/status, in MB.
    static func memory(_ field: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) } ?? ""
        return (Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "0") ?? 0) / 1024
    }
}
