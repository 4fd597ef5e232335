/// A bounded cursor over a message or RDATA: every overrun is a typed error.
///
/// It holds the octets by reference and allocates nothing.
struct WireReader {
    let octets: [UInt8]
    /// From the start of `octets`, so that compression pointers mean what they say.
    private(set) var offset: Int
    private let end: Int

    init(_ octets: [UInt8]) {
        self.octets = octets
        offset = 0
        end = octets.count
    }

    /// A reader over a part that can follow pointers into what comes before it.
    init(_ octets: [UInt8], range: Range<Int>) {
        precondition(range.upperBound <= octets.count)
        self.octets = octets
        offset = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { offset == end }
    var remaining: Int { end - offset }

    /// A reader over the next `count` octets, which this one steps over.
    mutating func split(_ count: Int) throws(WireError) -> WireReader {
        WireReader(octets, range: try take(count))
    }

    /// Steps over `count` octets and says where they are.
    @inline(__always)
    @discardableResult
    mutating func take(_ count: Int) throws(WireError) -> Range<Int> {
        guard count <= end - offset else { throw WireError(.truncated, offset) }
        defer { offset += count }
        return offset..<offset + count
    }

    mutating func takeRest() -> Range<Int> {
        defer { offset = end }
        return offset..<end
    }

    @inline(__always)
    mutating func u8() throws(WireError) -> UInt8 { octets[try take(1).lowerBound] }

    @inline(__always)
    mutating func u16() throws(WireError) -> UInt16 {
        let at = try take(2).lowerBound
        return UInt16(octets[at]) << 8 | UInt16(octets[at + 1])
    }

    @inline(__always)
    mutating func u32() throws(WireError) -> UInt32 {
        let high = try u16(), low = try u16()
        return UInt32(high) << 16 | UInt32(low)
    }

    mutating func u48() throws(WireError) -> UInt64 {
        let high = try u16(), low = try u32()
        return UInt64(high) << 32 | UInt64(low)
    }

    /// The most pointers that one name may follow. A name has at most 127 labels,
    /// and a pointer that leads to no further label saves nothing.
    static let mostJumps = 127

    /// Steps over a name (RFC 1035 §4.1.4) and returns its length uncompressed.
    ///
    /// A pointer must point before the name that holds it: each jump goes
    /// strictly back, so that no loop exists. Chains of pointers to pointers are
    /// bounded too: else each of many names could walk through all the message.
    ///
    /// - Parameter label: is called for each label with the range of its length
    ///   octet and its text, the root's last.
    @inline(__always)
    @discardableResult
    mutating func walkName(
        compression: Bool, _ label: (Range<Int>) -> Void = { _ in }
    ) throws(WireError) -> NameExtent {
        var length = 0, jumps = 0
        var at = offset, limit = end, lowest = offset
        while true {
            guard at < limit else { throw WireError(.truncated, at) }
            let octet = Int(octets[at])
            switch octet {
            case 0:
                label(at..<at + 1)
                if jumps == 0 { offset = at + 1 }
                return NameExtent(length: length + 1, jumps: jumps)
            case 1...63:
                guard at + 1 + octet <= limit else { throw WireError(.truncated, at) }
                length += 1 + octet
                guard length < 255 else { throw WireError(.nameTooLong, at) }
                label(at..<at + 1 + octet)
                at += 1 + octet
            case 0xC0...0xFF:
                guard compression else { throw WireError(.badPointer, at) }
                guard at + 1 < limit else { throw WireError(.truncated, at) }
                let target = (octet & 0x3F) << 8 | Int(octets[at + 1])
                guard target < lowest else { throw WireError(.badPointer, at) }
                guard jumps < Self.mostJumps else { throw WireError(.tooManyPointers, at) }
                if jumps == 0 { offset = at + 2 }
                jumps += 1
                limit = lowest
                lowest = target
                at = target
            default:
                throw WireError(.badLabel, at)
            }
        }
    }

    /// Reads a name, uncompressed.
    mutating func name(compression: Bool = true) throws(WireError) -> Name {
        var wire: [UInt8] = []
        try appendName(to: &wire, compression: compression)
        return Name(unchecked: wire)
    }

    /// Appends the uncompressed octets of the name that comes next.
    mutating func appendName(to wire: inout [UInt8], compression: Bool) throws(WireError) {
        let octets = self.octets
        try walkName(compression: compression) { wire.append(contentsOf: octets[$0]) }
    }
}

/// How far a name goes.
struct NameExtent {
    /// Octets uncompressed, 1 to 255.
    var length: Int
    /// Pointers followed.
    var jumps: Int
}

/// Where and why a message cannot be read.
public struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Sendable {
        /// The octets end inside of something, or a length goes beyond the part it is in.
        case truncated = "the message ends too soon"
        /// A pointer to itself or forward, or one where a name must not be compressed.
        case badPointer = "a compression pointer does not point back"
        /// A chain of pointers that is longer than any name needs.
        case tooManyPointers = "a name follows more than 127 compression pointers"
        /// A length octet that starts with the bits 01 or 10, or a field of known data that is empty
        /// or breaks its form.
        case badLabel = "a reserved label type, or an empty or malformed field"
        /// Uncompressed, with the root's octet.
        case nameTooLong = "name over 255 octets"
        /// More octets than the records that the header claims.
        case trailingOctets = "octets after the message"
        /// The fields of known data end before its length does.
        case lengthMismatch = "data does not fill its length"
        /// A second OPT record, or one elsewhere (RFC 6891 §6.1.1).
        case badOPT = "an OPT record that is not the only one, at the root, in the additional section"
        /// An option of a known code with data that it cannot have.
        case badOption = "an EDNS option that breaks its format"
        /// A TSIG record may only be the last, of class ANY and TTL 0 (RFC 8945 §4.2, §5.2).
        case badTSIG = "a TSIG record that is not the message's last, or not of class ANY and TTL 0"
    }

    /// What is wrong.
    public let code: Code
    /// Octets from the start of the message.
    public let offset: Int

    init(_ code: Code, _ offset: Int) {
        self.code = code
        self.offset = offset
    }

    public var description: String { "\(code.rawValue) (octet \(offset))" }
}
