/// A mail exchange (RFC 1035 §3.3.9).
public struct MX: RDataValue {
    public static let type = RRType.mx

    /// Lower comes first.
    public var preference: UInt16
    /// The root with preference 0: the domain takes no mail (RFC 7505).
    public var exchange: Name

    /// Takes the fields as they are.
    public init(preference: UInt16, exchange: Name) {
        self.preference = preference
        self.exchange = exchange
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .mx)
        preference = fields.u16()
        exchange = fields.name()
    }

    public var rdata: RData { RData(opaque: preference.octets + exchange.wire) }
}

/// Where a service is (RFC 2782).
public struct SRV: RDataValue {
    public static let type = RRType.srv

    /// Lower comes first.
    public var priority: UInt16
    /// The share among targets of one priority.
    public var weight: UInt16
    /// The service's port at the target, 0 to 65,535.
    public var port: UInt16
    /// The root: the service is not offered.
    public var target: Name

    /// Takes the fields as they are.
    public init(priority: UInt16, weight: UInt16, port: UInt16, target: Name) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .srv)
        priority = fields.u16()
        weight = fields.u16()
        port = fields.u16()
        target = fields.name()
    }

    public var rdata: RData { RData(opaque: priority.octets + weight.octets + port.octets + target.wire) }
}

/// A rule that rewrites a name (RFC 3403 §4). Strings are cut at 255 octets.
public struct NAPTR: RDataValue {
    public static let type = RRType.naptr

    /// Lower comes first, and must: rules of a higher order than one that fits are not tried
    /// (RFC 3403 §4.1).
    public var order: UInt16
    /// Lower comes first among the rules of one order, as a wish of who offers them.
    public var preference: UInt16
    /// Letters and digits that say what becomes of the result, such as `u` for a URI, `s` and `a`
    /// for an SRV or address to ask for next (RFC 3404); empty if the next thing is another rule.
    public var flags: [UInt8]
    /// What is offered, in the words of the application, such as `SIP+D2U` (RFC 3263).
    public var services: [UInt8]
    /// An expression that rewrites what was asked for, such as `!^.*$!sip:info@example.com!`
    /// (RFC 3402 §3.2); empty if there is a replacement.
    public var regularExpression: [UInt8]
    /// Where to look next if the expression is empty; the root for nowhere (RFC 3403 §4.1).
    public var replacement: Name

    /// Takes the fields as they are; give either an expression or a replacement.
    public init(
        order: UInt16, preference: UInt16, flags: [UInt8], services: [UInt8], regularExpression: [UInt8] = [],
        replacement: Name = .root
    ) {
        self.order = order
        self.preference = preference
        self.flags = flags
        self.services = services
        self.regularExpression = regularExpression
        self.replacement = replacement
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .naptr)
        order = fields.u16()
        preference = fields.u16()
        flags = fields.counted()
        services = fields.counted()
        regularExpression = fields.counted()
        replacement = fields.name()
    }

    public var rdata: RData {
        var wire = order.octets + preference.octets
        for string in [flags, services, regularExpression] { wire.append(counted: string) }
        return RData(opaque: wire + replacement.wire)
    }
}

/// A URI for a service (RFC 7553).
public struct URI: RDataValue {
    public static let type = RRType.uri

    /// Lower comes first.
    public var priority: UInt16
    /// The share among targets of one priority.
    public var weight: UInt16
    /// At least one octet (RFC 7553 §4.4).
    public var target: [UInt8]

    /// Takes the fields as they are.
    public init(priority: UInt16, weight: UInt16, target: [UInt8]) {
        self.priority = priority
        self.weight = weight
        self.target = target
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .uri)
        priority = fields.u16()
        weight = fields.u16()
        target = fields.rest()
    }

    public var rdata: RData { RData(opaque: priority.octets + weight.octets + target) }
}
