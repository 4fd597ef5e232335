/// Reads JSON (RFC 8259) strictly: no name twice in an object, no NaN, valid UTF-8, bounded depth.
public struct JSONReader {
    private let octets: [UInt8]
    private let depthLimit: Int
    private var at: Int
    private let end: Int
    private var line: Int

    /// The document that `octets` are.
    ///
    /// - Parameter line: the number of the first line, for faults.
    public static func read(_ octets: [UInt8], line: Int = 1, depth: Int = 128) throws(DocumentFaults) -> Document {
        try read(octets, in: 0..<octets.count, line: line, depth: depth)
    }

    /// The document in a part of `octets`.
    public static func read(
        _ octets: [UInt8], in range: Range<Int>, line: Int = 1, depth: Int = 128
    ) throws(DocumentFaults) -> Document {
        var reader = JSONReader(octets: octets, depthLimit: depth, at: range.lowerBound, end: range.upperBound, line: line)
        if octets.dropFirst(reader.at).starts(with: [0xEF, 0xBB, 0xBF]) { reader.at += 3 }
        let document = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.at == reader.end else { throw reader.fault("text after the end of the JSON value") }
        return document
    }

    private func fault(_ message: String) -> DocumentFaults { DocumentFaults(message, line: line) }

    private mutating func skipSpace() {
        while at < end {
            switch octets[at] {
            case 0x0A: line += 1
            case 0x20, 0x09, 0x0D: break
            default: return
            }
            at += 1
        }
    }

    private mutating func value(depth: Int) throws(DocumentFaults) -> Document {
        skipSpace()
        guard at < end else { throw fault("the JSON ends in the middle") }
        guard depth <= depthLimit else { throw fault("nested deeper than \(depthLimit)") }
        let start = line
        switch octets[at] {
        case UInt8(ascii: "{"): return Document(.object(try members(depth: depth)), line: start)
        case UInt8(ascii: "["): return Document(.list(try elements(depth: depth)), line: start)
        case UInt8(ascii: "\""): return Document(.string(try string()), line: start)
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return Document(.number(try number()), line: start)
        }
    }

    private mutating func word(_ word: StaticString, _ content: Document.Content) throws(DocumentFaults) -> Document {
        let count = word.utf8CodeUnitCount
        guard end - at >= count, octets[at..<at + count].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: count))
        else { throw fault("not a JSON value") }
        at += count
        return Document(content, line: line)
    }

    private mutating func elements(depth: Int) throws(DocumentFaults) -> [Document] {
        at += 1
        var list: [Document] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return list }
        while true {
            list.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return list }
            guard take(UInt8(ascii: ",")) else { throw fault("expected ',' or ']' in a list") }
        }
    }

    private mutating func members(depth: Int) throws(DocumentFaults) -> [Document.Member] {
        at += 1
        var members: [Document.Member] = []
        // A set costs more than it saves until an object is large.
        var names: Set<String> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return members }
        while true {
            skipSpace()
            guard at < end, octets[at] == UInt8(ascii: "\"") else { throw fault("expected a name in quotes in an object") }
            let name = try string()
            let isNew: Bool
            if members.count < 16 {
                isNew = !members.contains { $0.name == name }
            } else {
                if names.isEmpty { names = Set(members.map(\.name)) }
                isNew = names.insert(name).inserted
            }
            guard isNew else { throw fault("the name '\(name)' twice in one object") }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fault("expected ':' after the name '\(name)'") }
            members.append(Document.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return members }
            guard take(UInt8(ascii: ",")) else { throw fault("expected ',' or '}' in an object") }
        }
    }

    private mutating func take(_ octet: UInt8) -> Bool {
        guard at < end, octets[at] == octet else { return false }
        at += 1
        return true
    }

    private mutating func number() throws(DocumentFaults) -> String {
        let start = at
        _ = take(UInt8(ascii: "-"))
        let whole = digits()
        guard whole == 1 || whole > 1 && octets[at - whole] != 0x30 else { throw fault("not a JSON value") }
        if take(UInt8(ascii: ".")), digits() == 0 { throw fault("a number without digits after its point") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            if digits() == 0 { throw fault("a number without digits in its exponent") }
        }
        guard at - start <= 1000 else { throw fault("a number of \(at - start) characters") }
        return String(decoding: octets[start..<at], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = at
        while at < end, octets[at] >= 0x30, octets[at] <= 0x39 { at += 1 }
        return at - start
    }

    private mutating func string() throws(DocumentFaults) -> String {
        at += 1
        let start = at
        while at < end, octets[at] != UInt8(ascii: "\""), octets[at] != UInt8(ascii: "\\"), octets[at] >= 0x20 { at += 1 }
        if at < end, octets[at] == UInt8(ascii: "\"") {
            at += 1
            return try text(octets[start..<at - 1])
        }
        var buffer = Array(octets[start..<at])
        while at < end {
            let c = octets[at]
            at += 1
            switch c {
            case UInt8(ascii: "\""): return try text(buffer[...])
            case UInt8(ascii: "\\"): try escape(into: &buffer)
            case 0..<0x20: throw fault("a control character in a string")
            default: buffer.append(c)
            }
        }
        throw fault("a string without an end")
    }

    private func text(_ octets: ArraySlice<UInt8>) throws(DocumentFaults) -> String {
        guard let text = String(validating: octets, as: UTF8.self) else { throw fault("a string is not UTF-8") }
        return text
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(DocumentFaults) {
        guard at < end else { throw fault("a string without an end") }
        let c = octets[at]
        at += 1
        switch c {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(c)
        case UInt8(ascii: "b"): buffer.append(8)
        case UInt8(ascii: "f"): buffer.append(12)
        case UInt8(ascii: "n"): buffer.append(10)
        case UInt8(ascii: "r"): buffer.append(13)
        case UInt8(ascii: "t"): buffer.append(9)
        case UInt8(ascii: "u"):
            var code = try hex4()
            if code & 0xFC00 == 0xD800 {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), case let low = try hex4(), low & 0xFC00 == 0xDC00
                else { throw fault("half a surrogate pair") }
                code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair") }
            buffer.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw fault("an unknown escape in a string")
        }
    }

    private mutating func hex4() throws(DocumentFaults) -> UInt32 {
        guard end - at >= 4 else { throw fault("\\u without four hexadecimal digits") }
        var code: UInt32 = 0
        for c in octets[at..<at + 4] {
            guard let digit = Character(Unicode.Scalar(c)).hexDigitValue, c < 0x80 else {
                throw fault("\\u without four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
        }
        at += 4
        return code
    }
}
