/// What an OPT record says (RFC 6891 §6.1): a message carries it apart from its records.
///
/// The upper bits of the response code travel in it too, and are in
/// ``Message/responseCode``.
public struct EDNS: Hashable, Sendable {
    /// Octets of UDP payload that the sender can take. RFC 6891 §6.2.3: less than 512 means 512.
    public var udpSize: UInt16
    /// 0 is the only version there is; a server answers others with BADVERS (RFC 6891 §6.1.3).
    public var version: UInt8
    /// DO, and the bits that have no meaning yet as they came.
    public var flags: Flags
    /// In the order of the record.
    public var options: [Option]

    /// By default for 1232 octets, which cross networks unfragmented (RFC 9715 §3), without options.
    public init(udpSize: UInt16 = 1232, version: UInt8 = 0, flags: Flags = [], options: [Option] = []) {
        self.udpSize = udpSize
        self.version = version
        self.flags = flags
        self.options = options
    }

    /// The sixteen flag bits of the record (RFC 6891 §6.1.4); bits without a meaning are to be
    /// sent as zero.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }
        /// DO: the sender takes DNSSEC records (RFC 3225 §3).
        public static let dnssecOK = Flags(rawValue: 0x8000)
    }

    /// Whether ``Flags/dnssecOK`` is among the flags: in a query, whether DNSSEC
    /// records are wanted.
    public var dnssecOK: Bool {
        get { flags.contains(.dnssecOK) }
        set { if newValue { flags.insert(.dnssecOK) } else { flags.remove(.dnssecOK) } }
    }

    /// Octets of the whole record.
    var length: Int { options.reduce(Self.fixedLength) { $0 + $1.length } }

    /// Octets of a record without options: root, type, size, TTL, length.
    static let fixedLength = 11

    /// Where in the record the upper bits of the response code are.
    static let codeOffset = 5

    /// Appends the record, no response code in it yet; the caller has seen that its length fits.
    func append(to wire: inout [UInt8]) {
        wire.append(0)
        wire.append(network: RRType.opt.rawValue)
        wire.append(network: udpSize)
        wire.append(0)
        wire.append(version)
        wire.append(network: flags.rawValue)
        wire.append(network: UInt16(length - Self.fixedLength))
        for option in options { option.append(to: &wire) }
    }
}

extension MessageView {
    /// The OPT record, if there is one.
    public var edns: EDNS? {
        guard let record = opt else { return nil }
        var edns = EDNS(
            udpSize: record.rrClass.rawValue, version: UInt8(record.ttl >> 16 & 0xFF),
            flags: EDNS.Flags(rawValue: UInt16(record.ttl & 0xFFFF)))
        var at = record.rdataRange.lowerBound
        while at < record.rdataRange.upperBound {
            let end = at + 4 + Int(octets.u16(at: at + 2))
            edns.options.append(EDNS.Option(octets.u16(at: at), octets[at + 4..<end]))
            at = end
        }
        return edns
    }
}

extension WireReader {
    /// Steps over the options of an OPT record, to the end.
    mutating func checkOptions() throws(WireError) {
        while !isAtEnd {
            let start = offset
            let code = try u16()
            let data = try take(Int(u16()))
            guard EDNS.Option.isValid(code, octets[data]) else { throw WireError(.badOption, start) }
        }
    }
}
