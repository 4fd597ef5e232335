/// A bounded cursor over a message or RDATA: every overrun is a typed error.
struct WireReader {
    /// Indices are offsets from the start of the message.
    private let octets: ArraySlice<UInt8>
    private(set) var offset: Int
    private let end: Int

    init(_ octets: ArraySlice<UInt8>) {
        self.octets = octets
        offset = octets.startIndex
        end = octets.endIndex
    }

    private init(_ octets: ArraySlice<UInt8>, offset: Int, end: Int) {
        self.octets = octets
        self.offset = offset
        self.end = end
    }

    var isAtEnd: Bool { offset == end }

    /// A reader over the next `count` octets that can still follow pointers
    /// into the message before them.
    mutating func split(_ count: Int) throws(WireError) -> WireReader {
        guard count <= end - offset else { throw WireError(.truncated, offset) }
        defer { offset += count }
        return WireReader(octets, offset: offset, end: offset + count)
    }

    mutating func take(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count <= end - offset else { throw WireError(.truncated, offset) }
        defer { offset += count }
        return octets[offset..<offset + count]
    }

    mutating func takeRest() -> ArraySlice<UInt8> {
        defer { offset = end }
        return octets[offset..<end]
    }

    mutating func u8() throws(WireError) -> UInt8 { try take(1).first! }
    mutating func u16() throws(WireError) -> UInt16 { try take(2).reduce(0) { $0 << 8 | UInt16($1) } }
    mutating func u32() throws(WireError) -> UInt32 { try take(4).reduce(0) { $0 << 8 | UInt32($1) } }

    /// Reads a name (RFC 1035 §4.1.4).
    ///
    /// A pointer must point before the name that holds it: each jump goes
    /// strictly back, so that the work is bounded and no loop exists.
    mutating func name(compression: Bool = true) throws(WireError) -> Name {
        var wire: [UInt8] = []
        var at = offset, limit = end, lowest = offset
        var jumped = false
        while true {
            guard at < limit else { throw WireError(.truncated, at) }
            let length = Int(octets[at])
            switch length {
            case 0:
                wire.append(0)
                if !jumped { offset = at + 1 }
                return Name(unchecked: wire)
            case 1...63:
                guard at + 1 + length <= limit else { throw WireError(.truncated, at) }
                guard wire.count + 1 + length < 255 else { throw WireError(.nameTooLong, at) }
                wire.append(contentsOf: octets[at...at + length])
                at += 1 + length
            case 0xC0...0xFF:
                guard compression else { throw WireError(.badPointer, at) }
                guard at + 1 < limit else { throw WireError(.truncated, at) }
                let target = octets.startIndex + (length & 0x3F) << 8 + Int(octets[at + 1])
                guard target < lowest else { throw WireError(.badPointer, at) }
                if !jumped { offset = at + 2 }
                jumped = true
                limit = lowest
                lowest = target
                at = target
            default:
                throw WireError(.badLabel, at)
            }
        }
    }

    /// Reads one field and returns its uncompressed octets.
    mutating func copy(_ field: RDataField, compression: Bool) throws(WireError) -> [UInt8] {
        switch field {
        case .u8: return try Array(take(1))
        case .u16: return try Array(take(2))
        case .u32, .ipv4: return try Array(take(4))
        case .ipv6: return try Array(take(16))
        case .name: return try name(compression: compression).wire
        case .string, .tag:
            let start = offset
            let length = try Int(u8())
            guard length > 0 || { if case .string = field { true } else { false } }() else {
                throw WireError(.badLabel, start)
            }
            let octets = try take(length)
            if case .tag = field, !RDataLayout.isTag(octets) { throw WireError(.badLabel, start) }
            return [UInt8(length)] + octets
        case .strings:
            var all = try copy(.string, compression: false)
            while !isAtEnd { all += try copy(.string, compression: false) }
            return all
        case .textToEnd, .hexToEnd: return Array(takeRest())
        }
    }
}

/// Where and why a message cannot be read.
public struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case truncated = "the message ends too soon"
        case badPointer = "a compression pointer does not point back"
        case badLabel = "a reserved label type, or an empty or malformed field"
        case nameTooLong = "name over 255 octets"
        case trailingOctets = "octets after the message"
        case lengthMismatch = "data does not fill its length"
    }

    public let code: Code
    /// Octets from the start of the message.
    public let offset: Int

    init(_ code: Code, _ offset: Int) {
        self.code = code
        self.offset = offset
    }

    public var description: String { "\(code.rawValue) (octet \(offset))" }
}
