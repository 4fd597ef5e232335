/// The start of a zone (RFC 1035 §3.3.13). Times in seconds.
public struct SOA: RDataValue {
    public static let type = RRType.soa

    /// The zone's primary server.
    public var primary: Name
    /// The mailbox of who is responsible, its `@` a dot.
    public var mailbox: Name
    /// The zone's version; it rises with each change, and secondaries fetch what is newer.
    public var serial: Serial
    /// How often a secondary asks for the serial.
    public var refresh: UInt32
    /// How soon it asks again if it gets no answer.
    public var retry: UInt32
    /// How long it goes on serving the zone without an answer.
    public var expire: UInt32
    /// How long an answer that says no may be kept (RFC 2308 §4).
    public var minimum: UInt32

    /// Times in seconds; takes the fields as they are.
    public init(
        primary: Name, mailbox: Name, serial: Serial, refresh: UInt32, retry: UInt32, expire: UInt32, minimum: UInt32
    ) {
        self.primary = primary
        self.mailbox = mailbox
        self.serial = serial
        self.refresh = refresh
        self.retry = retry
        self.expire = expire
        self.minimum = minimum
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .soa)
        primary = fields.name()
        mailbox = fields.name()
        serial = Serial(fields.u32())
        refresh = fields.u32()
        retry = fields.u32()
        expire = fields.u32()
        minimum = fields.u32()
    }

    public var rdata: RData {
        var wire = primary.wire + mailbox.wire
        for number in [serial.rawValue, refresh, retry, expire, minimum] { wire.append(network: number) }
        return RData(opaque: wire)
    }
}
