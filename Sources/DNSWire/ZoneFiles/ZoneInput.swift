/// The text of one file, read in pieces and cut into entries.
struct ZoneInput {
    /// Where one entry lies in ``ZoneInput/buffer``.
    struct Entry {
        var start: Int
        var end: Int
        /// The line it starts on, from 1.
        var line: Int
    }

    let name: String
    private(set) var buffer: [UInt8] = []
    private let read: () throws -> [UInt8]?
    private let entryLimit: Int
    private var at = 0
    private var line = 1
    private var isLast = false
    private var failure: (any Error)?
    /// Whether what comes up to the next line break belongs to a line given up.
    private var isSkipping = false

    init(_ text: ZoneText, entryLimit: Int) {
        name = text.name
        read = text.read
        self.entryLimit = entryLimit
    }

    /// The next entry, its fields in `fields`; `nil` at the end. After an error the
    /// line at fault has been left behind.
    mutating func next(into fields: inout [TextField]) throws(ZoneFault) -> Entry? {
        while true {
            if isSkipping {
                let end = endOfLine(from: at)
                isSkipping = end == buffer.count && buffer.last != UInt8(ascii: "\n")
                skip(to: end)
            }
            if at == buffer.count, isLast {
                guard let failure else { return nil }
                self.failure = nil
                throw ZoneFault(code: .unreadable, position: position(at, from: at, line), message: "\(failure)")
            }
            let end: Int?
            do throws(LexicalError) {
                end = try MasterLexer.scan(buffer.span, from: at, isLast: isLast, into: &fields)
            } catch {
                let fault = ZoneFault(
                    code: .syntax, position: position(error.offset, from: at, line), message: error.code.rawValue)
                // An open parenthesis has swallowed all that was scanned.
                skip(to: error.code == .unclosedParenthesis ? buffer.count : error.offset)
                isSkipping = true
                throw fault
            }
            if let end {
                let entry = Entry(start: at, end: end, line: line)
                skip(to: end)
                guard end - entry.start <= entryLimit else { throw tooLong(entry.start, entry.line) }
                return entry
            }
            guard buffer.count - at <= entryLimit else {
                let fault = tooLong(at, line)
                skip(to: buffer.count)
                isSkipping = true
                throw fault
            }
            refill()
        }
    }

    private func tooLong(_ start: Int, _ line: Int) -> ZoneFault {
        ZoneFault(
            code: .tooLong, position: position(start, from: start, line),
            message: "over \(entryLimit) octets; is a parenthesis or a quote not closed?")
    }

    func parse(
        _ entry: Entry, _ fields: ArraySlice<TextField>, with parser: inout ZoneEntryParser
    ) throws(ZoneEntryParser.Failure) -> ZoneEntryParser.Outcome {
        try parser.parse(buffer.span, entry, fields)
    }

    /// What a failure means to those who know the file only.
    func fault(_ failure: ZoneEntryParser.Failure, in entry: Entry) -> ZoneFault {
        ZoneFault(
            code: failure.code, position: position(failure.offset ?? entry.start, from: entry.start, entry.line),
            message: failure.message)
    }

    private func position(_ offset: Int, from start: Int, _ line: Int) -> ZonePosition {
        var line = line, first = start
        for i in start..<offset where buffer[i] == UInt8(ascii: "\n") {
            line += 1
            first = i + 1
        }
        return ZonePosition(file: name, line: line, column: offset - first + 1)
    }

    private mutating func skip(to end: Int) {
        line += newlines(at, end)
        at = end
    }

    private func newlines(_ start: Int, _ end: Int) -> Int {
        buffer.withUnsafeBufferPointer { buffer in
            var count = 0
            for i in start..<end where buffer[i] == UInt8(ascii: "\n") { count &+= 1 }
            return count
        }
    }

    private func endOfLine(from start: Int) -> Int {
        var end = start
        while end < buffer.count, buffer[end] != UInt8(ascii: "\n") { end += 1 }
        return min(end + 1, buffer.count)
    }

    /// Reads at least as much again as waits, so that scanning an entry anew after
    /// each piece costs no more than a multiple of its length.
    private mutating func refill() {
        buffer.removeSubrange(..<at)
        at = 0
        let goal = buffer.count + max(buffer.count, 1 << 16)
        while buffer.count < goal, !isLast {
            do {
                let piece = try read() ?? []
                buffer.append(contentsOf: piece)
                isLast = piece.isEmpty
            } catch {
                failure = error
                isLast = true
            }
        }
    }

    /// `path` as seen from the file `name`, both below the root; `nil` if it leaves the root.
    static func resolve(_ path: String, from name: String) -> String? {
        guard !path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
        var parts = name.split(separator: "/").dropLast().map(String.init)
        for part in path.split(separator: "/") where part != "." {
            if part == ".." {
                guard parts.popLast() != nil else { return nil }
            } else {
                parts.append(String(part))
            }
        }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }
}
