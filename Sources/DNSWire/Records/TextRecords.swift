/// Character-strings (RFC 1035 §3.3.14), each cut at 255 octets.
public struct TXT: RDataValue {
    public static let type = RRType.txt

    /// At least one; of none, one that is empty is made.
    public var strings: [[UInt8]]

    /// Takes strings of any octets, not only of UTF-8.
    public init(strings: [[UInt8]]) { self.strings = strings }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .txt)
        strings = []
        while !fields.isAtEnd { strings.append(fields.counted()) }
    }

    public var rdata: RData {
        var wire: [UInt8] = []
        for string in strings.isEmpty ? [[]] : strings { wire.append(counted: string) }
        return RData(opaque: wire)
    }
}

/// A host's processor and system (RFC 1035 §3.3.2); also what is left of an answer to
/// ANY (RFC 8482 §4.2). Strings are cut at 255 octets.
public struct HINFO: RDataValue {
    public static let type = RRType.hinfo

    /// The machine's kind; `RFC8482` if the record stands for an answer to ANY.
    public var processor: [UInt8]
    /// The operating system's name; may be empty.
    public var system: [UInt8]

    /// Octets of any kind, usually ASCII.
    public init(processor: [UInt8], system: [UInt8]) {
        self.processor = processor
        self.system = system
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .hinfo)
        processor = fields.counted()
        system = fields.counted()
    }

    public var rdata: RData {
        var wire: [UInt8] = []
        wire.append(counted: processor)
        wire.append(counted: system)
        return RData(opaque: wire)
    }
}

/// Who is responsible for a name (RFC 1183 §2.2).
public struct RP: RDataValue {
    public static let type = RRType.rp

    /// The root for none.
    public var mailbox: Name
    /// Where a TXT record says more; the root for none.
    public var text: Name

    /// By default without text.
    public init(mailbox: Name, text: Name = .root) {
        self.mailbox = mailbox
        self.text = text
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .rp)
        mailbox = fields.name()
        text = fields.name()
    }

    public var rdata: RData { RData(opaque: mailbox.wire + text.wire) }
}

/// A cell's database server (RFC 1183 §1, RFC 5864).
public struct AFSDB: RDataValue {
    public static let type = RRType.afsdb

    /// 1: a volume location server of AFS; 2: an authenticated name server of DCE (RFC 1183 §1).
    public var subtype: UInt16
    /// The server's name, which has an address.
    public var host: Name

    /// Takes the fields as they are.
    public init(subtype: UInt16, host: Name) {
        self.subtype = subtype
        self.host = host
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .afsdb)
        subtype = fields.u16()
        host = fields.name()
    }

    public var rdata: RData { RData(opaque: subtype.octets + host.wire) }
}
