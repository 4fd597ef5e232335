/// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding), by hand:
/// for the messages that there are millions of, which the library takes ten times as long
/// for. They are the same octets (`WireCodingTests` holds both side by side).
struct ProtobufWriter {
    private(set) var octets: [UInt8] = []

    /// Wire types (the low three bits of a tag).
    fileprivate enum WireType: UInt64 { case varint = 0, fixed64 = 1, octets = 2, fixed32 = 5 }

    static func size(varint value: UInt64) -> Int { max(1, (70 - value.leadingZeroBitCount) / 7) }

    /// What a field takes with its tag, of a number up to 15; 0 if it is left out.
    static func size(_ value: UInt64) -> Int { value == 0 ? 0 : 1 + size(varint: value) }
    static func size(_ value: UInt32) -> Int { size(UInt64(value)) }
    static func size(_ value: String) -> Int { value.isEmpty ? 0 : size(octets: value.utf8.count) }
    static func size(octets count: Int) -> Int { 1 + size(varint: UInt64(count)) + count }

    mutating func reserve(_ capacity: Int) { octets.reserveCapacity(capacity) }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        octets.append(UInt8(rest))
    }

    private mutating func tag(_ number: UInt64, _ type: WireType) { varint(number << 3 | type.rawValue) }

    /// Left out if it is zero, as every scalar of proto3.
    mutating func field(_ number: UInt64, _ value: UInt32) { field(number, UInt64(value)) }

    mutating func field(_ number: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        tag(number, .varint)
        varint(value)
    }

    mutating func field(_ number: UInt64, _ value: Double) {
        guard value.bitPattern != 0 else { return }
        tag(number, .fixed64)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { octets.append(contentsOf: $0) }
    }

    /// An element of a list, or a field that is there: written even if it is empty.
    mutating func field(_ number: UInt64, _ value: [UInt8]) {
        header(number, count: value.count)
        octets.append(contentsOf: value)
    }

    mutating func field(_ number: UInt64, _ value: Digest) {
        header(number, count: Digest.length)
        value.withUnsafeBytes { octets.append(contentsOf: $0) }
    }

    /// A scalar: left out if it is empty.
    mutating func field(_ number: UInt64, _ value: String) {
        if !value.isEmpty { element(number, value) }
    }

    /// An element of a list.
    mutating func element(_ number: UInt64, _ value: String) {
        header(number, count: value.utf8.count)
        octets.append(contentsOf: value.utf8)
    }

    /// What comes before `count` octets that the caller writes.
    mutating func header(_ number: UInt64, count: Int) {
        tag(number, .octets)
        varint(UInt64(count))
    }

    mutating func append(_ other: ProtobufWriter) { octets.append(contentsOf: other.octets) }
}

/// Reads what ``ProtobufWriter`` wrote, and everything else that is a message.
struct ProtobufReader {
    enum Value {
        case varint(UInt64)
        case fixed(UInt64)
        case octets(ProtobufReader)
    }

    private let source: [UInt8]
    private var at: Int
    private let end: Int

    init(_ octets: [UInt8]) {
        source = octets
        at = 0
        end = octets.count
    }

    private init(_ source: [UInt8], _ range: Range<Int>) {
        self.source = source
        at = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { at == end }
    var count: Int { end - at }

    /// All that is left of it.
    var octets: [UInt8] { Array(source[at..<end]) }

    /// What is left of it as text, which has to be UTF-8.
    func text() throws(DecodingFault) -> String {
        guard let text = String(validating: source[at..<end], as: UTF8.self) else { throw DecodingFault("a text is not UTF-8") }
        return text
    }

    /// As ``text()``; `known` itself where it is the same, so that it is held once.
    func text(like known: String?) throws(DecodingFault) -> String {
        if let known, known.utf8.count == count, known.utf8.elementsEqual(source[at..<end]) { return known }
        return try text()
    }

    func digest() throws(DecodingFault) -> Digest {
        let digest = source.withUnsafeBufferPointer { Digest(octets: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0)[at..<end])) }
        guard let digest else { throw DecodingFault("a digest has not 32 octets") }
        return digest
    }

    /// The next field's number and value, whether known or not; `nil` at the end.
    mutating func next() throws(DecodingFault) -> (number: UInt64, value: Value)? {
        guard at < end else { return nil }
        let tag = try varint()
        guard tag >> 3 > 0, let type = ProtobufWriter.WireType(rawValue: tag & 7) else {
            throw DecodingFault("not a message: a field of wire type \(tag & 7)")
        }
        switch type {
        case .varint: return (tag >> 3, .varint(try varint()))
        case .fixed64: return (tag >> 3, .fixed(try fixed(8)))
        case .fixed32: return (tag >> 3, .fixed(try fixed(4)))
        case .octets:
            let length = try varint()
            guard length <= UInt64(end - at) else { throw DecodingFault("a message ends too soon") }
            defer { at += Int(length) }
            return (tag >> 3, .octets(ProtobufReader(source, at..<at + Int(length))))
        }
    }

    mutating func varint() throws(DecodingFault) -> UInt64 {
        var value: UInt64 = 0, shift: UInt64 = 0
        while at < end, shift < 64 {
            let octet = source[at]
            at += 1
            value |= UInt64(octet & 0x7F) << shift
            if octet & 0x80 == 0 { return value }
            shift += 7
        }
        throw DecodingFault(at < end ? "a number is over ten octets" : "a message ends too soon")
    }

    private mutating func fixed(_ count: Int) throws(DecodingFault) -> UInt64 {
        guard end - at >= count else { throw DecodingFault("a message ends too soon") }
        defer { at += count }
        return source[at..<at + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
