/// The next name of a zone and the types at this one (RFC 4034 §4).
public struct NSEC: RDataValue {
    public static let type = RRType.nsec

    /// The next owner in canonical order that has authoritative data or is a delegation; behind
    /// the last one comes the apex (RFC 4034 §4.1.1).
    public var next: Name
    /// The types at the owner, NSEC and RRSIG among them.
    public var types: TypeBitmap

    /// Takes the fields as they are.
    public init(next: Name, types: TypeBitmap) {
        self.next = next
        self.types = types
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .nsec)
        next = fields.name()
        types = TypeBitmap(unchecked: fields.rest())
    }

    public var rdata: RData { RData(opaque: next.wire + types.wire) }
}

/// The next hashed name of a zone and the types at this one (RFC 5155 §3).
public struct NSEC3: RDataValue {
    public static let type = RRType.nsec3

    /// 1 is SHA-1.
    public var hashAlgorithm: UInt8
    /// 0x01 is opt-out, see ``isOptOut``; the other bits are zero (RFC 5155 §3.1.2).
    public var flags: UInt8
    /// How often the hash is taken again; should be 0 (RFC 9276 §3.1).
    public var iterations: UInt16
    /// At most 255 octets.
    public var salt: [UInt8]
    /// 1 to 255 octets, as a hash is and not as an owner spells it.
    public var nextHash: [UInt8]
    /// The types at the name whose hash is the owner's first label.
    public var types: TypeBitmap

    /// By default SHA-1, once, without salt, as RFC 9276 §3.1 wants it. ``rdata`` cuts salt and
    /// hash at 255 octets.
    public init(
        hashAlgorithm: UInt8 = 1, flags: UInt8 = 0, iterations: UInt16 = 0, salt: [UInt8] = [], nextHash: [UInt8],
        types: TypeBitmap
    ) {
        self.hashAlgorithm = hashAlgorithm
        self.flags = flags
        self.iterations = iterations
        self.salt = salt
        self.nextHash = nextHash
        self.types = types
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .nsec3)
        hashAlgorithm = fields.u8()
        flags = fields.u8()
        iterations = fields.u16()
        salt = fields.counted()
        nextHash = fields.counted()
        types = TypeBitmap(unchecked: fields.rest())
    }

    public var rdata: RData {
        var wire = [hashAlgorithm, flags] + iterations.octets
        wire.append(counted: salt)
        wire.append(counted: nextHash)
        return RData(opaque: wire + types.wire)
    }

    /// Delegations that are not signed may lie between this hash and the next
    /// (RFC 5155 §3.1.2.1).
    public var isOptOut: Bool { flags & 1 != 0 }
}

/// How a zone's names are hashed (RFC 5155 §4).
public struct NSEC3PARAM: RDataValue {
    public static let type = RRType.nsec3param

    /// 1 is SHA-1.
    public var hashAlgorithm: UInt8
    /// Always 0: a record with other flags is ignored (RFC 5155 §4.1.2).
    public var flags: UInt8
    /// How often the hash is taken again; should be 0 (RFC 9276 §3.1).
    public var iterations: UInt16
    /// At most 255 octets.
    public var salt: [UInt8]

    /// By default SHA-1, once, without salt, as RFC 9276 §3.1 wants it. ``rdata`` cuts the salt at
    /// 255 octets.
    public init(hashAlgorithm: UInt8 = 1, flags: UInt8 = 0, iterations: UInt16 = 0, salt: [UInt8] = []) {
        self.hashAlgorithm = hashAlgorithm
        self.flags = flags
        self.iterations = iterations
        self.salt = salt
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .nsec3param)
        hashAlgorithm = fields.u8()
        flags = fields.u8()
        iterations = fields.u16()
        salt = fields.counted()
    }

    public var rdata: RData {
        var wire = [hashAlgorithm, flags] + iterations.octets
        wire.append(counted: salt)
        return RData(opaque: wire)
    }
}
