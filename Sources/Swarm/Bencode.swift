/// A bencoded value (BEP 3) and where in the input it stands.
struct BencodedValue {
    enum Content {
        case integer(Int64)
        case bytes(ArraySlice<UInt8>)
        case list([BencodedValue])
        /// In the order of the input, which is that of the keys.
        case dictionary([(key: ArraySlice<UInt8>, value: BencodedValue)])
    }

    let content: Content
    /// The octets of the value itself.
    let source: ArraySlice<UInt8>
}

/// Reads the one canonical encoding of a value and nothing else: no leading
/// zeros, keys sorted and unique, nothing after the end.
///
/// Strict, because two readers of a lenient format see two different torrents.
struct BencodeReader {
    private let input: [UInt8]
    private var position = 0
    private static let deepest = 32

    static func read(_ input: [UInt8]) throws(SwarmError) -> BencodedValue {
        var reader = BencodeReader(input: input)
        let value = try reader.value(depth: 0)
        guard reader.position == input.count else { throw reader.failure("octets after the end") }
        return value
    }

    private init(input: [UInt8]) { self.input = input }

    private func failure(_ what: String) -> SwarmError {
        SwarmError(.badMetadata, "not bencoded: \(what) at octet \(position)")
    }

    private mutating func next() throws(SwarmError) -> UInt8 {
        guard position < input.count else { throw failure("end of input") }
        defer { position += 1 }
        return input[position]
    }

    private mutating func take(_ octet: UInt8) -> Bool {
        guard position < input.count, input[position] == octet else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(SwarmError) -> BencodedValue {
        guard depth < Self.deepest else { throw failure("too deeply nested") }
        guard position < input.count else { throw failure("end of input") }
        let start = position
        let content: BencodedValue.Content
        switch input[position] {
        case UInt8(ascii: "i"):
            position += 1
            content = .integer(try integer(until: UInt8(ascii: "e")))
        case UInt8(ascii: "l"):
            position += 1
            var items: [BencodedValue] = []
            while !take(UInt8(ascii: "e")) { items.append(try value(depth: depth + 1)) }
            content = .list(items)
        case UInt8(ascii: "d"):
            position += 1
            content = .dictionary(try entries(depth: depth + 1))
        default:
            content = .bytes(try bytes())
        }
        return BencodedValue(content: content, source: input[start..<position])
    }

    private mutating func entries(
        depth: Int
    ) throws(SwarmError) -> [(key: ArraySlice<UInt8>, value: BencodedValue)] {
        var entries: [(key: ArraySlice<UInt8>, value: BencodedValue)] = []
        while !take(UInt8(ascii: "e")) {
            let key = try bytes()
            if let last = entries.last, !last.key.lexicographicallyPrecedes(key) { throw failure("keys out of order") }
            entries.append((key, try value(depth: depth)))
        }
        return entries
    }

    private mutating func bytes() throws(SwarmError) -> ArraySlice<UInt8> {
        let count = try integer(until: UInt8(ascii: ":"))
        guard count >= 0, count <= Int64(input.count - position) else { throw failure("a string past the end") }
        defer { position += Int(count) }
        return input[position..<position + Int(count)]
    }

    private mutating func integer(until end: UInt8) throws(SwarmError) -> Int64 {
        let start = position
        let negative = take(UInt8(ascii: "-"))
        var magnitude: Int64 = 0
        var digits = 0
        while true {
            let octet = try next()
            if octet == end { break }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) else { throw failure("not a digit") }
            let (product, over) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, past) = product.addingReportingOverflow(Int64(octet - UInt8(ascii: "0")))
            guard !over, !past else { throw failure("a number too large") }
            magnitude = sum
            digits += 1
        }
        let leadingZero = digits > 1 && input[negative ? start + 1 : start] == UInt8(ascii: "0")
        guard digits > 0, !leadingZero, !(negative && magnitude == 0) else { throw failure("a malformed number") }
        return negative ? -magnitude : magnitude
    }
}
