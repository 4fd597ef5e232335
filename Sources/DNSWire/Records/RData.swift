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

    /// An address (RFC 1035 §3.4.1).
    public static func a(_ octets: (UInt8, UInt8, UInt8, UInt8)) -> RData {
        RData(opaque: [octets.0, octets.1, octets.2, octets.3])
    }

    /// A name alone: NS, CNAME, PTR or DNAME (RFC 1035 §3.3, RFC 6672).
    public static func name(_ name: Name) -> RData { RData(opaque: name.wire) }

    /// A mail exchange, see ``MX``.
    public static func mx(preference: UInt16, exchange: Name) -> RData {
        MX(preference: preference, exchange: exchange).rdata
    }

    /// Where a service is, see ``SRV``.
    public static func srv(priority: UInt16, weight: UInt16, port: UInt16, target: Name) -> RData {
        SRV(priority: priority, weight: weight, port: port, target: target).rdata
    }

    /// Times in seconds (RFC 1035 §3.3.13; `minimum` is the negative TTL, RFC 2308 §4).
    public static func soa(
        primary: Name, mailbox: Name, serial: UInt32, refresh: UInt32, retry: UInt32, expire: UInt32, minimum: UInt32
    ) -> RData {
        SOA(
            primary: primary, mailbox: mailbox, serial: Serial(serial), refresh: refresh, retry: retry,
            expire: expire, minimum: minimum
        ).rdata
    }

    /// One TXT record; text over 255 octets is cut into character-strings of 255.
    public static func txt(_ text: String) -> RData { txt(octets: Array(text.utf8)) }

    /// As ``txt(_:)``, for any octets.
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
