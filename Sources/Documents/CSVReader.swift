/// Reads comma-separated values (RFC 4180): the first row names the columns.
///
/// Rows come out as a list of objects; each field's type is for its reader to decide.
/// Lines end with LF or CR LF; empty lines are skipped.
public enum CSVReader {
    public static func read(_ octets: [UInt8]) throws(DocumentFaults) -> Document {
        var rows = CSVRows(octets)
        var faults: [DocumentFaults.Fault] = []
        guard let header = try rows.next() else { throw DocumentFaults("no header row: it names the columns", line: 1) }
        let names = header.fields.map(\.text)
        for (index, name) in names.enumerated() {
            if name.isEmpty { faults.append(.init("column \(index + 1) has no name", line: header.line)) }
            if names[..<index].contains(name) { faults.append(.init("two columns are named '\(name)'", line: header.line)) }
        }
        guard faults.isEmpty else { throw DocumentFaults(faults) }
        var list: [Document] = []
        while let row = try rows.next() {
            guard row.fields.count == names.count else {
                faults.append(.init("\(row.fields.count) fields, and the header names \(names.count)", line: row.line))
                continue
            }
            list.append(
                Document(
                    .object(
                        zip(names, row.fields).map { name, field in
                            .init(
                                name: name,
                                value: Document(
                                    field.isQuoted && field.text.isEmpty ? .string("") : .field(field.text), line: field.line))
                        }), line: row.line))
        }
        guard faults.isEmpty else { throw DocumentFaults(faults) }
        return Document(.list(list), line: header.line)
    }
}

private struct CSVRows {
    struct Field {
        var text: String
        var isQuoted: Bool
        var line: Int
    }

    private let octets: [UInt8]
    private var at = 0
    private var line = 1

    init(_ octets: [UInt8]) {
        self.octets = octets
        if octets.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    /// The next row that is not empty; `nil` at the end.
    mutating func next() throws(DocumentFaults) -> (line: Int, fields: [Field])? {
        while takeLineEnd() {}
        guard at < octets.count else { return nil }
        let first = line
        var fields: [Field] = []
        while true {
            fields.append(try field())
            if at == octets.count || takeLineEnd() { return (first, fields) }
            at += 1  // the comma
        }
    }

    private mutating func takeLineEnd() -> Bool {
        var next = at
        if next < octets.count, octets[next] == 0x0D { next += 1 }
        guard next < octets.count, octets[next] == 0x0A else { return false }
        at = next + 1
        line += 1
        return true
    }

    /// Ends at a comma, a line's end or the end.
    private mutating func field() throws(DocumentFaults) -> Field {
        let first = line
        var text: [UInt8] = []
        let isQuoted = at < octets.count && octets[at] == UInt8(ascii: "\"")
        if isQuoted {
            at += 1
            while true {
                guard at < octets.count else { throw DocumentFaults("a quoted field without its end", line: first) }
                if octets[at] == UInt8(ascii: "\"") {
                    at += 1
                    guard at < octets.count, octets[at] == UInt8(ascii: "\"") else { break }
                } else if octets[at] == 0x0A {
                    line += 1
                }
                text.append(octets[at])
                at += 1
            }
            guard atFieldEnd else { throw DocumentFaults("text after the closing quote of a field", line: line) }
        } else {
            while !atFieldEnd {
                guard octets[at] != UInt8(ascii: "\"") else { throw DocumentFaults("a quote inside a field without quotes", line: line) }
                text.append(octets[at])
                at += 1
            }
        }
        guard let string = String(validating: text, as: UTF8.self) else { throw DocumentFaults("a field is not UTF-8", line: first) }
        return Field(text: string, isQuoted: isQuoted, line: first)
    }

    private var atFieldEnd: Bool {
        guard at < octets.count else { return true }
        switch octets[at] {
        case UInt8(ascii: ","), 0x0A: return true
        case 0x0D: return at + 1 < octets.count && octets[at + 1] == 0x0A
        default: return false
        }
    }
}
