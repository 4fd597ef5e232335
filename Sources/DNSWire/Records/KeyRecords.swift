/// The digest of a child zone's key (RFC 4034 §5); CDS (RFC 7344) has the same form.
public struct DS: RDataValue {
    public static let type = RRType.ds

    /// The tag of the child's key, see ``DNSKEY/keyTag``: a hint which one it is.
    public var keyTag: UInt16
    /// RFC 4034 appendix A.1.
    public var algorithm: UInt8
    /// The hash: 1 is SHA-1, 2 SHA-256 (RFC 4509), 4 SHA-384 (RFC 6605).
    public var digestType: UInt8
    /// The hash of the key's owner in canonical form and of the key's data (RFC 4034 §5.1.4).
    public var digest: [UInt8]

    /// Takes the fields as they are.
    public init(keyTag: UInt16, algorithm: UInt8, digestType: UInt8, digest: [UInt8]) {
        self.keyTag = keyTag
        self.algorithm = algorithm
        self.digestType = digestType
        self.digest = digest
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .ds)
        keyTag = fields.u16()
        algorithm = fields.u8()
        digestType = fields.u8()
        digest = fields.rest()
    }

    public var rdata: RData { RData(opaque: keyTag.octets + [algorithm, digestType] + digest) }

    /// As CDS: the child asks for all its DS to go (RFC 8078 §4).
    public static let delete = DS(keyTag: 0, algorithm: 0, digestType: 0, digest: [0])
}

/// A public key of a zone (RFC 4034 §2); CDNSKEY (RFC 7344) and KEY have the same form.
public struct DNSKEY: RDataValue {
    public static let type = RRType.dnskey

    /// What the key is for.
    public var flags: Flags
    /// Always 3 (RFC 4034 §2.1.2).
    public var protocolNumber: UInt8
    /// RFC 4034 appendix A.1.
    public var algorithm: UInt8
    /// The key, in the form that its algorithm has for it; base64 in text.
    public var publicKey: [UInt8]

    /// What a key is for; bits without a meaning are zero (RFC 4034 §2.1.1).
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// The key signs records of the zone (RFC 4034 §2.1.1).
        public static let zoneKey = Flags(rawValue: 0x0100)
        /// Do not trust it any longer (RFC 5011 §7).
        public static let revoke = Flags(rawValue: 0x0080)
        /// A hint to operators: a way in for resolvers (RFC 4034 §2.1.1).
        public static let secureEntryPoint = Flags(rawValue: 0x0001)
    }

    /// Takes the fields as they are.
    public init(flags: Flags, protocolNumber: UInt8 = 3, algorithm: UInt8, publicKey: [UInt8]) {
        self.flags = flags
        self.protocolNumber = protocolNumber
        self.algorithm = algorithm
        self.publicKey = publicKey
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .dnskey)
        flags = Flags(rawValue: fields.u16())
        protocolNumber = fields.u8()
        algorithm = fields.u8()
        publicKey = fields.rest()
    }

    public var rdata: RData { RData(opaque: flags.rawValue.octets + [protocolNumber, algorithm] + publicKey) }

    /// The number that RRSIG and DS know this key by (RFC 4034 appendix B). Two keys
    /// may have the same.
    public var keyTag: UInt16 {
        let wire = rdata.wire
        if algorithm == 1 {
            // RSA/MD5 takes it from the modulus, the key's end (appendix B.1).
            guard publicKey.count >= 3 else { return 0 }
            return UInt16(wire.network(at: wire.count - 3, width: 2))
        }
        var sum: UInt32 = 0
        for (index, octet) in wire.enumerated() { sum &+= index % 2 == 0 ? UInt32(octet) << 8 : UInt32(octet) }
        return UInt16(truncatingIfNeeded: sum &+ sum >> 16)
    }

    /// As CDNSKEY: the child asks for all its DS to go (RFC 8078 §4).
    public static let delete = DNSKEY(flags: [], algorithm: 0, publicKey: [0])
}

/// A signature over a record set (RFC 4034 §3).
public struct RRSIG: RDataValue {
    public static let type = RRType.rrsig

    /// The type of the records that are signed.
    public var typeCovered: RRType
    /// RFC 4034 appendix A.1.
    public var algorithm: UInt8
    /// How many labels the owner has without the root and without a `*` (RFC 4034 §3.1.3).
    public var labels: UInt8
    /// The TTL of the signed records as the zone has it, in seconds: it goes into the signature,
    /// for caches count theirs down (RFC 4034 §3.1.4).
    public var originalTTL: UInt32
    /// Seconds since 1970 modulo 2³², compared as serials are (RFC 4034 §3.1.5).
    public var expiration: Serial
    /// As ``expiration``.
    public var inception: Serial
    /// The tag of the key that signed, see ``DNSKEY/keyTag``; other keys may have the same.
    public var keyTag: UInt16
    /// The owner of the key that signed: the apex of the zone (RFC 4034 §3.1.7).
    public var signer: Name
    /// Over this data without the signature, and over the records in canonical form
    /// (RFC 4034 §3.1.8.1); its form is the algorithm's.
    public var signature: [UInt8]

    /// Takes the fields as they are, and signs nothing.
    public init(
        typeCovered: RRType, algorithm: UInt8, labels: UInt8, originalTTL: UInt32, expiration: Serial,
        inception: Serial, keyTag: UInt16, signer: Name, signature: [UInt8]
    ) {
        self.typeCovered = typeCovered
        self.algorithm = algorithm
        self.labels = labels
        self.originalTTL = originalTTL
        self.expiration = expiration
        self.inception = inception
        self.keyTag = keyTag
        self.signer = signer
        self.signature = signature
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .rrsig)
        typeCovered = RRType(rawValue: fields.u16())
        algorithm = fields.u8()
        labels = fields.u8()
        originalTTL = fields.u32()
        expiration = Serial(fields.u32())
        inception = Serial(fields.u32())
        keyTag = fields.u16()
        signer = fields.name()
        signature = fields.rest()
    }

    public var rdata: RData {
        var wire = typeCovered.rawValue.octets + [algorithm, labels]
        for number in [originalTTL, expiration.rawValue, inception.rawValue] { wire.append(network: number) }
        return RData(opaque: wire + keyTag.octets + signer.wire + signature)
    }
}
