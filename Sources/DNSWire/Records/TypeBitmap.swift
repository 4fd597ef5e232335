/// A set of record types (RFC 4034 §4.1.2), as NSEC, NSEC3 and CSYNC hold it.
public struct TypeBitmap: Hashable, Sendable {
    /// Blocks of a window number, a length of 1 to 32 and that many octets of bits;
    /// canonical, so that equal sets have equal octets.
    public let wire: [UInt8]

    /// No types.
    public init() { wire = [] }

    /// The set of some types, in any order; repeated ones count once.
    public init(_ types: some Sequence<RRType>) {
        var wire: [UInt8] = []
        Self.append(types.map(\.rawValue), to: &wire)
        self.wire = wire
    }

    /// The caller vouches for the form.
    init(unchecked wire: [UInt8]) { self.wire = wire }

    /// Whether the type is in the set.
    public func contains(_ type: RRType) -> Bool {
        var at = 0
        while at < wire.count, wire[at] < type.rawValue >> 8 { at += 2 + Int(wire[at + 1]) }
        guard at < wire.count, wire[at] == type.rawValue >> 8 else { return false }
        let octet = Int(type.rawValue & 0xFF) / 8
        return octet < Int(wire[at + 1]) && wire[at + 2 + octet] & (0x80 >> UInt8(type.rawValue & 7)) != 0
    }

    /// The types, in rising order.
    public var types: [RRType] {
        var types: [RRType] = []
        Self.forEach(wire, wire.indices) { types.append($0) }
        return types
    }

    private static func forEach(_ wire: [UInt8], _ range: Range<Int>, _ body: (RRType) -> Void) {
        var at = range.lowerBound
        while at < range.upperBound {
            let window = UInt16(wire[at]) << 8
            let length = Int(wire[at + 1])
            for i in 0..<8 * length where wire[at + 2 + i / 8] & (0x80 >> UInt8(i & 7)) != 0 {
                body(RRType(rawValue: window + UInt16(i)))
            }
            at += 2 + length
        }
    }

    private static func append(_ types: [UInt16], to wire: inout [UInt8]) {
        var window: UInt16?
        var lengthAt = 0
        for type in types.sorted() {
            if type >> 8 != window {
                window = type >> 8
                wire.append(UInt8(type >> 8))
                lengthAt = wire.count
                wire.append(0)
            }
            let octet = Int(type & 0xFF) / 8
            while wire.count - lengthAt - 1 <= octet { wire.append(0) }
            wire[lengthAt] = UInt8(wire.count - lengthAt - 1)
            wire[lengthAt + 1 + octet] |= 0x80 >> UInt8(type & 7)
        }
    }

    /// Appends the wire octets of a list of types in any order.
    static func append(
        _ text: Span<UInt8>, _ fields: ArraySlice<TextField>, _ type: RRType, to wire: inout [UInt8]
    ) throws(RDataError) {
        var types: [UInt16] = []
        types.reserveCapacity(fields.count)
        for field in fields {
            guard let listed = RRType(text, field) else { throw RDataError(.badType, type, text, field) }
            types.append(listed.rawValue)
        }
        append(types, to: &wire)
    }

    static func appendText(_ wire: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) {
        var isFirst = true
        forEach(wire, range) {
            if !isFirst { text.append(UInt8(ascii: " ")) }
            isFirst = false
            $0.appendText(to: &text)
        }
    }
}

extension WireReader {
    /// Steps over a bitmap: windows rise, none is empty, none ends in a zero octet.
    mutating func checkTypeBitmap() throws(WireError) {
        var lowest = 0
        while !isAtEnd {
            let start = offset
            let window = Int(try u8())
            let bits = try take(Int(u8()))
            guard window >= lowest, (1...32).contains(bits.count), octets[bits.upperBound - 1] != 0 else {
                throw WireError(.badLabel, start)
            }
            lowest = window + 1
        }
    }
}
