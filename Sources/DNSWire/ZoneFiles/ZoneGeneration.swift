/// BIND's `$GENERATE`: an entry that stands for many, each with a number put in
/// (BIND 9 Administrator Reference Manual, "BIND Primary File Extension: $GENERATE").
struct ZoneGeneration {
    private var value: Int
    private let stop: Int
    private let step: Int
    private var stopped = false
    /// The owner's text, escapes undecoded, and that of the fields behind it.
    private let owner: [UInt8]
    private let middle: [UInt8]
    private let data: [UInt8]
    private var fields: [TextField] = []

    /// - Parameter arguments: range, owner, and what follows; at least four.
    init(_ text: Span<UInt8>, _ arguments: ArraySlice<TextField>) throws(ZoneEntryParser.Failure) {
        let range = arguments.first!
        guard let (start, stop, step) = Self.range(text.string(range)) else {
            throw .init(.badDirective, "'\(text.string(range))' is no START-STOP[/STEP], numbers below 2^31", at: range.start)
        }
        (value, self.stop, self.step) = (start, stop, step)
        owner = Self.octets(text, arguments[arguments.startIndex + 1])
        // The data is what follows the type: several fields, or one in quotes.
        var middle: [UInt8] = []
        var rest = arguments.dropFirst(2)
        while let field = rest.popFirst() {
            middle += Self.octets(text, field) + [UInt8(ascii: " ")]
            if RRClass(text, field) == nil, TTLText.parse(text, field) == nil { break }
        }
        guard let first = rest.first else { throw .init(.badDirective, "no data behind the type", at: range.start) }
        self.middle = middle
        // One field in quotes is all of the data; several keep theirs, and leave the
        // line breaks and comments between them behind.
        data = rest.count == 1
            ? Self.octets(text, first)
            : Array(rest.map { $0.isQuoted ? [0x22] + Self.octets(text, $0) + [0x22] : Self.octets(text, $0) }.joined(separator: [0x20]))
    }

    var count: Int { (stop - value) / step + 1 }
    var isAtEnd: Bool { stopped || value > stop }
    mutating func abandon() { stopped = true }

    mutating func next(_ parser: inout ZoneEntryParser) throws(ZoneEntryParser.Failure) -> ResourceRecord? {
        guard !isAtEnd else { return nil }
        defer { value += step }
        var wire: [UInt8] = []
        var text = try expand(owner)
        do throws(NameError) {
            try Name.append(
                text.span, TextField(start: 0, end: text.count, isQuoted: false), origin: parser.origin, to: &wire)
        } catch {
            throw .init(.badOwner, "\(error)", at: nil)
        }
        text = try middle + expand(data)
        do throws(LexicalError) {
            guard try MasterLexer.scan(text.span, from: 0, isLast: true, into: &fields) == text.count else {
                throw LexicalError(.lineBreak, 0)
            }
        } catch {
            throw .init(.syntax, "\(error.code.rawValue) in '\(String(decoding: text, as: UTF8.self))'", at: nil)
        }
        return try parser.record(text.span, fields[...], owner: Name(unchecked: wire), end: text.count)
    }

    /// Puts the number in for `$` and `${OFFSET[,WIDTH[,BASE]]}`; `$$` is a dollar sign.
    private func expand(_ template: [UInt8]) throws(ZoneEntryParser.Failure) -> [UInt8] {
        var out: [UInt8] = []
        var i = 0
        while i < template.count {
            let octet = template[i]
            i += 1
            if octet == UInt8(ascii: "\\"), i < template.count {
                out += [octet, template[i]]
                i += 1
            } else if octet != UInt8(ascii: "$") {
                out.append(octet)
            } else if i < template.count, template[i] == UInt8(ascii: "$") {
                out.append(octet)
                i += 1
            } else if i < template.count, template[i] == UInt8(ascii: "{") {
                let close = template[i...].firstIndex(of: UInt8(ascii: "}"))
                let inner = close.map { String(decoding: template[i + 1..<$0], as: UTF8.self) }
                guard let close, let inner, let modifier = Modifier(inner) else {
                    throw .init(.badDirective, "a modifier is written ${OFFSET[,WIDTH[,BASE]]}, the base d, o, x, X, n or N", at: nil)
                }
                out += try modifier.format(value)
                i = close + 1
            } else {
                out += String(value).utf8
            }
        }
        return out
    }

    private struct Modifier {
        var offset: Int
        var width: Int
        var base: Character

        init?(_ text: String) {
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            guard (1...3).contains(parts.count), let offset = Int(parts[0]), (-(1 << 31)...1 << 31).contains(offset) else { return nil }
            self.offset = offset
            width = 0
            base = "d"
            if parts.count > 1 {
                // No label or field is longer.
                guard let width = Int(decimal: parts[1]), width <= 255 else { return nil }
                self.width = width
            }
            if parts.count > 2 {
                guard parts[2].count == 1, let base = parts[2].first, "doxXnN".contains(base) else { return nil }
                self.base = base
            }
        }

        func format(_ number: Int) throws(ZoneEntryParser.Failure) -> [UInt8] {
            let value = number + offset
            guard value >= 0, value < 1 << 31 else {
                throw .init(.badDirective, "\(number) and the offset \(offset) give \(value), which is not from 0 to 2^31 - 1", at: nil)
            }
            if base == "n" || base == "N" { return nibbles(value) }
            let digits = String(value, radix: base == "d" ? 10 : base == "o" ? 8 : 16, uppercase: base == "X")
            return Array(repeating: 0x30, count: max(0, width - digits.utf8.count)) + digits.utf8
        }

        /// Hexadecimal digits with dots between, the last digit first, as in `ip6.arpa`;
        /// the width counts the dots.
        private func nibbles(_ value: Int) -> [UInt8] {
            var out: [UInt8] = []
            var rest = value
            repeat {
                out += String(rest & 15, radix: 16, uppercase: base == "N").utf8
                rest >>= 4
                if out.count < width || rest != 0 { out.append(UInt8(ascii: ".")) }
            } while rest != 0 || out.count < width
            return out
        }
    }

    private static func range(_ text: String) -> (Int, Int, Int)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count <= 2, ends.count == 2, let start = Int(decimal: ends[0]), let stop = Int(decimal: ends[1]) else { return nil }
        var step = 1
        if parts.count == 2 {
            guard let given = Int(decimal: parts[1]) else { return nil }
            step = given
        }
        guard start <= stop, stop < 1 << 31, step >= 1, step < 1 << 31 else { return nil }
        return (start, stop, step)
    }

    private static func octets(_ text: Span<UInt8>, _ field: TextField) -> [UInt8] {
        var octets: [UInt8] = []
        for i in field.start..<field.end { octets.append(text[i]) }
        return octets
    }
}
