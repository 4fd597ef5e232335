/// The data of one record, as uncompressed wire octets (RFC 1035 §3.2.1).
public struct RData: Hashable, Sendable {
    /// At most 65,535 octets, names uncompressed.
    public let wire: [UInt8]

    /// Takes octets as they are. ``init(wire:type:)`` checks them.
    public init(opaque wire: [UInt8]) { self.wire = wire }

    /// Checks that `wire` is well-formed data of `type`; unknown types are opaque (RFC 3597).
    public init(wire: [UInt8], type: RRType) throws(RDataError) {
        guard wire.count <= 65_535 else { throw RDataError(.tooLong, type) }
        if let fields = RDataLayout.fields(of: type) {
            var reader = WireReader(wire)
            do {
                for field in fields { try reader.check(field, compression: false) }
            } catch {
                throw RDataError(.malformed, type)
            }
            guard reader.isAtEnd else { throw RDataError(.malformed, type) }
        }
        self.wire = wire
    }

    public static func a(_ octets: (UInt8, UInt8, UInt8, UInt8)) -> RData {
        RData(opaque: [octets.0, octets.1, octets.2, octets.3])
    }

    public static func name(_ name: Name) -> RData { RData(opaque: name.wire) }

    public static func mx(preference: UInt16, exchange: Name) -> RData {
        RData(opaque: preference.octets + exchange.wire)
    }

    public static func srv(priority: UInt16, weight: UInt16, port: UInt16, target: Name) -> RData {
        RData(opaque: priority.octets + weight.octets + port.octets + target.wire)
    }

    /// Times in seconds (RFC 1035 §3.3.13; `minimum` is the negative TTL, RFC 2308 §4).
    public static func soa(
        primary: Name, mailbox: Name, serial: UInt32, refresh: UInt32, retry: UInt32, expire: UInt32, minimum: UInt32
    ) -> RData {
        RData(
            opaque: primary.wire + mailbox.wire + serial.octets + refresh.octets + retry.octets + expire.octets
                + minimum.octets)
    }

    /// One TXT record; text over 255 octets is cut into character-strings of 255.
    public static func txt(_ text: String) -> RData { txt(octets: Array(text.utf8)) }

    public static func txt(octets: [UInt8]) -> RData {
        var wire: [UInt8] = []
        var rest = octets[...]
        repeat {
            let part = rest.prefix(255)
            wire.append(UInt8(part.count))
            wire.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
        } while !rest.isEmpty
        return RData(opaque: wire)
    }

    /// The character-strings of a TXT, joined; `nil` if malformed.
    public var joinedStrings: [UInt8]? {
        var octets: [UInt8] = []
        var i = 0
        while i < wire.count {
            let end = i + 1 + Int(wire[i])
            guard end <= wire.count else { return nil }
            octets.append(contentsOf: wire[i + 1..<end])
            i = end
        }
        return octets
    }

    /// The name this data points at, for the types that have one target
    /// (NS, CNAME, PTR, DNAME, MX, SRV, AFSDB).
    public func target(type: RRType) -> Name? {
        let skip: Int
        switch type {
        case .ns, .cname, .ptr, .dname: skip = 0
        case .mx, .afsdb: skip = 2
        case .srv: skip = 6
        default: return nil
        }
        return wire.count > skip ? try? Name(wire: Array(wire[skip...])) : nil
    }
}

extension FixedWidthInteger {
    /// Octets in network order.
    var octets: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

/// Why octets or text are not data of a type.
public struct RDataError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case malformed = "malformed data"
        case tooLong = "data over 65535 octets"
        case missingField = "a field is missing"
        case extraField = "a field too many"
        case badNumber = "not a number in range"
        case badAddress = "not an address"
        case badName = "not a domain name"
        case badString = "not a character-string of at most 255 octets"
        case badHex = "not an even number of hexadecimal digits"
        case badLength = "the length does not match the data"
        case badSyntax = "the text cannot be read"
    }

    public let code: Code
    public let type: RRType
    /// The offending field's text, if text was parsed.
    public let field: String
    /// Where the offending field starts in the text, in octets; `nil` if it is not
    /// there or if octets were read.
    public let offset: Int?

    init(_ code: Code, _ type: RRType, field: String = "", offset: Int? = nil) {
        self.code = code
        self.type = type
        self.field = field
        self.offset = offset
    }

    init(_ code: Code, _ type: RRType, _ text: Span<UInt8>, _ field: TextField) {
        self.init(code, type, field: text.string(field), offset: field.start)
    }

    public var description: String {
        field.isEmpty ? "\(type): \(code.rawValue)" : "\(type): \(code.rawValue): '\(field)'"
    }
}
