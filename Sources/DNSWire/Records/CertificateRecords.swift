/// Which authorities may issue certificates (RFC 8659).
public struct CAA: RDataValue {
    public static let type = RRType.caa

    /// 0x80 is critical, see ``isCritical``; the other bits are reserved and sent as zero
    /// (RFC 8659 §4.1).
    public var flags: UInt8
    /// 1 to 255 letters and digits, compared without case, such as `issue` (RFC 8659 §4.1).
    public var tag: [UInt8]
    /// What the tag asks for; may be empty. With `issue`, the domain of an authority and perhaps
    /// parameters, or `;` for no authority at all (RFC 8659 §4.2).
    public var value: [UInt8]

    /// Takes the fields as they are; ``rdata`` cuts the tag at 255 octets.
    public init(flags: UInt8 = 0, tag: [UInt8], value: [UInt8]) {
        self.flags = flags
        self.tag = tag
        self.value = value
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .caa)
        flags = fields.u8()
        tag = fields.counted()
        value = fields.rest()
    }

    public var rdata: RData {
        var wire = [flags]
        wire.append(counted: tag)
        return RData(opaque: wire + value)
    }

    /// Whether an issuer that does not know the tag must not issue.
    public var isCritical: Bool { flags & 0x80 != 0 }

    static func isTagCharacter(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x7A).contains(ASCII.lower(octet))
    }
}

/// The fingerprint of an SSH host key (RFC 4255).
public struct SSHFP: RDataValue {
    public static let type = RRType.sshfp

    /// The kind of key: 1 is RSA, 2 DSA, 3 ECDSA (RFC 6594), 4 Ed25519 (RFC 7479), 6 Ed448
    /// (RFC 8709).
    public var algorithm: UInt8
    /// The hash: 1 is SHA-1, 2 is SHA-256 (RFC 6594).
    public var fingerprintType: UInt8
    /// The hash of the public key as SSH sends it: 20 octets of SHA-1, 32 of SHA-256.
    public var fingerprint: [UInt8]

    /// Takes the fields as they are.
    public init(algorithm: UInt8, fingerprintType: UInt8, fingerprint: [UInt8]) {
        self.algorithm = algorithm
        self.fingerprintType = fingerprintType
        self.fingerprint = fingerprint
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .sshfp)
        algorithm = fields.u8()
        fingerprintType = fields.u8()
        fingerprint = fields.rest()
    }

    public var rdata: RData { RData(opaque: [algorithm, fingerprintType] + fingerprint) }
}

/// The certificate of a TLS server (RFC 6698); SMIMEA (RFC 8162) has the same form.
public struct TLSA: RDataValue {
    public static let type = RRType.tlsa

    /// What is matched, and how it is trusted: 0 is PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE
    /// (RFC 6698 §2.1.1, RFC 7218).
    public var usage: UInt8
    /// What part of it: 0 is the whole certificate, 1 its public key (RFC 6698 §2.1.2).
    public var selector: UInt8
    /// How ``data`` holds it: 0 as it is, 1 as SHA-256, 2 as SHA-512 (RFC 6698 §2.1.3).
    public var matchingType: UInt8
    /// The certificate or key in DER, or its hash, as ``selector`` and ``matchingType`` say.
    public var data: [UInt8]

    /// Takes the fields as they are.
    public init(usage: UInt8, selector: UInt8, matchingType: UInt8, data: [UInt8]) {
        self.usage = usage
        self.selector = selector
        self.matchingType = matchingType
        self.data = data
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .tlsa)
        usage = fields.u8()
        selector = fields.u8()
        matchingType = fields.u8()
        data = fields.rest()
    }

    public var rdata: RData { RData(opaque: [usage, selector, matchingType] + data) }
}
