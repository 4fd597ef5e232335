/// The digest of a zone's data (RFC 8976).
public struct ZONEMD: RDataValue {
    public static let type = RRType.zonemd

    /// The serial of the SOA that the digest goes with.
    public var serial: Serial
    /// 1 is SIMPLE (RFC 8976 §2.2.2).
    public var scheme: UInt8
    /// 1 is SHA-384, 2 is SHA-512 (RFC 8976 §2.2.3).
    public var hashAlgorithm: UInt8
    /// Of a known hash its whole length; a verifier ignores others (RFC 8976 §4).
    public var digest: [UInt8]

    /// By default with the scheme SIMPLE; takes the fields as they are.
    public init(serial: Serial, scheme: UInt8 = 1, hashAlgorithm: UInt8, digest: [UInt8]) {
        self.serial = serial
        self.scheme = scheme
        self.hashAlgorithm = hashAlgorithm
        self.digest = digest
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .zonemd)
        serial = Serial(fields.u32())
        scheme = fields.u8()
        hashAlgorithm = fields.u8()
        digest = fields.rest()
    }

    public var rdata: RData { RData(opaque: serial.rawValue.octets + [scheme, hashAlgorithm] + digest) }
}

/// What a parent should copy from its child (RFC 7477).
public struct CSYNC: RDataValue {
    public static let type = RRType.csync

    /// The serial of the child's SOA that this record was made for.
    public var serial: Serial
    /// When the parent may act.
    public var flags: Flags
    /// The types whose records the parent should copy, such as NS, A and AAAA.
    public var types: TypeBitmap

    /// When the parent may act (RFC 7477 §2.1.1.2).
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// The parent need not ask its operator (RFC 7477 §2.1.1.2.1).
        public static let immediate = Flags(rawValue: 1)
        /// Only once the child's SOA has this serial or a newer one (RFC 7477 §2.1.1.2.2).
        public static let soaMinimum = Flags(rawValue: 2)
    }

    /// Takes the fields as they are.
    public init(serial: Serial, flags: Flags, types: TypeBitmap) {
        self.serial = serial
        self.flags = flags
        self.types = types
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .csync)
        serial = Serial(fields.u32())
        flags = Flags(rawValue: fields.u16())
        types = TypeBitmap(unchecked: fields.rest())
    }

    public var rdata: RData { RData(opaque: serial.rawValue.octets + flags.rawValue.octets + types.wire) }
}
