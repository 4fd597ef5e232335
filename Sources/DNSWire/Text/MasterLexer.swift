/// One field of presentation format: where it lies in the text, escapes undecoded.
struct TextField {
    /// Offsets in the text that was scanned, quotes left out.
    var start: Int
    var end: Int
    /// Whether it stood in quotes: `"@"`, `"\#"` and `"("` are then plain text.
    var isQuoted: Bool

    var count: Int { end - start }
}

/// Cuts presentation format into entries and their fields (RFC 1035 §5.1):
/// quotes, comments, escapes, and parentheses that join lines.
enum MasterLexer {
    /// Scans one entry, from `start` to the end of its line.
    ///
    /// A quote that opens inside a field (`alpn="h2,h3"`, RFC 9460 §2.1) belongs to
    /// the field, quotes and all.
    ///
    /// - Parameters:
    ///   - isLast: whether the text ends with `text`.
    ///   - fields: gets the fields; is emptied first.
    /// - Returns: where the next entry starts; `nil` if the entry goes on beyond
    ///   `text`, which only happens if it is not the last.
    static func scan(
        _ text: Span<UInt8>, from start: Int, isLast: Bool, into fields: inout [TextField]
    ) throws(LexicalError) -> Int? {
        fields.removeAll(keepingCapacity: true)
        let end = text.count
        var at = start
        var opened: [Int] = []
        while at < end {
            switch text[at] {
            case UInt8(ascii: "\n"):
                at += 1
                if opened.isEmpty { return at }
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                at += 1
            case UInt8(ascii: ";"):
                while at < end, text[at] != UInt8(ascii: "\n") { at += 1 }
            case UInt8(ascii: "("):
                opened.append(at)
                at += 1
            case UInt8(ascii: ")"):
                guard opened.popLast() != nil else { throw LexicalError(.unopened, at) }
                at += 1
            case UInt8(ascii: "\""):
                guard let close = try endOfQuotes(text, from: at, isLast) else { return nil }
                fields.append(TextField(start: at + 1, end: close, isQuoted: true))
                at = close + 1
            default:
                guard let close = try endOfField(text, from: at, isLast) else { return nil }
                fields.append(TextField(start: at, end: close, isQuoted: false))
                at = close
            }
        }
        guard isLast else { return nil }
        if let open = opened.last { throw LexicalError(.unclosedParenthesis, open) }
        return end
    }

    /// The offset of the closing quote; `start` is the opening one's.
    private static func endOfQuotes(_ text: Span<UInt8>, from start: Int, _ isLast: Bool) throws(LexicalError) -> Int? {
        var at = start + 1
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: "\""): return at
            case UInt8(ascii: "\n"): throw LexicalError(.unclosedQuote, start)
            // A lone backslash before the end of the line escapes nothing.
            case UInt8(ascii: "\\") where at + 1 < text.count && text[at + 1] != UInt8(ascii: "\n"): at += 2
            default: at += 1
            }
        }
        if isLast { throw LexicalError(.unclosedQuote, start) }
        return nil
    }

    /// The offset behind a field that does not start with a quote.
    private static func endOfField(_ text: Span<UInt8>, from start: Int, _ isLast: Bool) throws(LexicalError) -> Int? {
        var at = start
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ";"),
                UInt8(ascii: "("), UInt8(ascii: ")"):
                return at
            case UInt8(ascii: "\""):
                guard let close = try endOfQuotes(text, from: at, isLast) else { return nil }
                at = close + 1
            case UInt8(ascii: "\\"):
                guard at + 1 < text.count else {
                    if isLast { throw LexicalError(.loneBackslash, at) }
                    return nil
                }
                guard text[at + 1] != UInt8(ascii: "\n") else { throw LexicalError(.loneBackslash, at) }
                at += 2
            default: at += 1
            }
        }
        return isLast ? at : nil
    }
}

/// Text that cannot be cut into fields.
struct LexicalError: Error {
    enum Code: String, Sendable {
        case unclosedQuote = "a quote is not closed on its line"
        case unclosedParenthesis = "a parenthesis is not closed"
        case unopened = "a closing parenthesis without an opening one"
        case loneBackslash = "a backslash at the end of the line"
        case lineBreak = "a line break outside parentheses"
    }

    let code: Code
    /// In the text that was scanned.
    let offset: Int

    init(_ code: Code, _ offset: Int) {
        self.code = code
        self.offset = offset
    }
}

extension Span<UInt8> {
    /// Whether a range holds these ASCII octets, in either case; `word` is in upper case.
    func matches(_ field: TextField, _ word: StaticString) -> Bool {
        guard field.count == word.utf8CodeUnitCount else { return false }
        for i in 0..<field.count where ASCII.upper(self[field.start + i]) != word.utf8Start[i] { return false }
        return true
    }

    /// A number in decimal digits alone, at most `limit`; `nil` for anything else.
    func decimal(_ field: TextField, limit: UInt64) -> UInt64? {
        guard field.count > 0, field.count <= 20 else { return nil }
        var value: UInt64 = 0
        for i in field.start..<field.end {
            let digit = self[i] &- 0x30
            guard digit < 10 else { return nil }
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
            guard !over, !carry, sum <= limit else { return nil }
            value = sum
        }
        return value
    }

    /// The octets as text, for messages and rare fields; malformed UTF-8 is repaired.
    func string(_ field: TextField) -> String {
        var octets: [UInt8] = []
        octets.reserveCapacity(field.count)
        for i in field.start..<field.end { octets.append(self[i]) }
        return String(decoding: octets, as: UTF8.self)
    }
}
