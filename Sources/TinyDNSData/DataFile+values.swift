internal import DNSWire
internal import Dispatch
internal import Foundation
public import Pipeline
internal import Synchronization

/// A text's records, as values.
public struct DataValues: Sendable {
    public var records: [RecordSet]
    public var map: [MapEntry]
    /// Faults, refusals and warnings.
    public var report: DataReport

    /// What is in the text and not among the values.
    public var refusals: [DataProblem] { report.problems.filter { $0.level != .warning } }
}

extension DataFile {
    /// The records as Freshet's values, in the order of the text, each set where its first
    /// record stands. What the values cannot say is in the report as a refusal, with its line.
    ///
    /// The records of a set with TTLs that differ get the least of them (RFC 2181 §5.2). All
    /// problems are in the report, however many.
    ///
    /// - Parameter file: for the origins.
    public func records(file: String) -> DataValues {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        return records(file: file, parts: min(processors, octets.count / Self.leastPart))
    }

    /// Of less, starting to read it somewhere else takes longer than reading it.
    private static let leastPart = 1 << 18

    /// - Parameter parts: how many are read at a time; it changes nothing else.
    func records(file: String, parts: Int) -> DataValues {
        let parts = octets.withUnsafeBufferPointer { $0.parts(parts) }
        let index = RecordIndex(expected: parts.reduce(0) { $0 + $1.lines })
        let found = Mutex([PartReading?](repeating: nil, count: parts.count))
        DispatchQueue.concurrentPerform(iterations: parts.count) { place in
            let reading = PartReading(parts[place], of: self, file: file, for: index)
            found.withLock { $0[place] = reading }
        }
        var readings = found.withLock { found in
            defer { found = [] }
            return found.compactMap(\.self)
        }
        var report = DataReport()
        report.most = .max
        var groups = RecordGroups(file: file, index, expected: readings.reduce(0) { $0 + $1.sink.sets.count })
        for part in readings.indices {
            report.add(readings[part].report)
            for (place, hash) in readings[part].sink.hashes.enumerated() {
                // Moved, not copied: nothing of a million records need be counted up and down.
                if let record = readings[part].sink.sets[place].take() { groups.take(record, hash, &report) }
            }
            for entry in readings[part].sink.entries { groups.take(entry, &report) }
        }
        groups.finish(&report)
        return DataValues(records: groups.sets, map: groups.map, report: report.inOrder)
    }
}

/// Whole lines of a text, one after another.
private struct Part {
    var range: Range<Int>
    var lines: Int
    var linesBefore: Int
}

/// What one part holds.
private struct PartReading {
    var sink: RecordSink
    let report: DataReport

    init(_ part: Part, of data: DataFile, file: String, for index: RecordIndex) {
        var scanner = DataScanner(
            RecordSink(file: file, expected: part.lines, for: index), serial: data.serial, now: nil, line: part.linesBefore)
        scanner.report.most = .max
        data.octets.withUnsafeBufferPointer { octets in
            // This sink throws nothing.
            try? scanner.read(Octets(rebasing: octets[part.range]))
        }
        report = scanner.report
        sink = scanner.finish()
    }
}

extension Octets {
    /// How many line feeds there are.
    private var feeds: Int {
        guard let base = baseAddress else { return 0 }
        var feeds = 0
        for at in 0..<count { feeds &+= base[at] == 0x0A ? 1 : 0 }
        return feeds
    }

    /// Parts of much the same size: `count` of them, or fewer if lines are long.
    fileprivate func parts(_ count: Int) -> [Part] {
        var parts: [Part] = []
        var start = 0, lines = 0
        for number in stride(from: Swift.max(count, 1), through: 1, by: -1) where start < self.count {
            let end = Swift.min(lineEnd(from: start + (self.count - start) / number) + 1, self.count)
            let range = start..<(number == 1 ? self.count : end)
            let feeds = Octets(rebasing: self[range]).feeds
            parts.append(Part(range: range, lines: feeds, linesBefore: lines))
            (start, lines) = (range.upperBound, lines + feeds)
        }
        return parts
    }
}
